package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the 101 that left says is in use, whoever wrote it. */
@ExtendWith(LeakCheck.class)
class EditedResponseTest extends ServerHandshakeFixture {
  private static final String EXTENSIONS = "Sec-WebSocket-Extensions";
  private static final String PROTOCOL = "Sec-WebSocket-Protocol";
  private static final byte[] TEXT = "to and fro, ".repeat(50).getBytes(StandardCharsets.US_ASCII);

  private String offers = EXTENSIONS + ": permessage-deflate; client_max_window_bits\r\n";

  private void edit(Consumer<HttpHeaders> edit) {
    options.processResponse(
        (request, response) -> {
          edit.accept(response.headers());
          return null;
        });
  }

  private String handshake() {
    open();
    receive(REQUEST.replace("\r\n\r\n", "\r\n" + offers + "\r\n"));
    return written();
  }

  private void assertCompresses(boolean compresses) {
    channel.writeOutbound(new TextWebSocketFrame(Unpooled.wrappedBuffer(TEXT.clone())));
    ByteBuf sent = channel.readOutbound();
    assertEquals(compresses ? 0xC1 : 0x81, sent.getUnsignedByte(0));
    sent.release();
    byte[] payload = compresses ? Zlib.alone(TEXT) : TEXT;
    receive(WireFrame.of(true, compresses ? 4 : 0, 1, true, payload));
    String text = "text " + new String(TEXT, StandardCharsets.US_ASCII);
    assertEquals(text, outcome.events.get(outcome.events.size() - 1));
  }

  private void assertAgreed(String... extensions) {
    assertEquals(List.of(extensions), outcome.completed.extensions());
    assertEquals(List.of(extensions), outcome.completed.response().headers().getAll(EXTENSIONS));
    assertCompresses(extensions.length > 0);
  }

  @Test
  void compressionThatAHookTakesOutIsNotInUse() {
    edit(headers -> headers.remove(EXTENSIONS));
    handshake();
    assertAgreed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=15"
      })
  void parametersThatAHookWritesAreInUse(String answer) {
    edit(headers -> headers.set(EXTENSIONS, answer));
    handshake();
    assertAgreed(answer);
    WebSocketDeflateHandler deflate = channel.pipeline().get(WebSocketDeflateHandler.class);
    assertEquals(!answer.contains("server_no_context"), deflate.agreement().deflatesWithContext());
    assertEquals(!answer.contains("client_no_context"), deflate.agreement().inflatesWithContext());
    assertEquals(
        answer.contains("client_max_window_bits=10") ? 10 : 15,
        deflate.agreement().peerWindowBits());
  }

  @Test
  void compressionIsInUseWhereAHookWritesAResponseOfItsOwn() {
    options.processResponse(
        (request, response) -> CompletableFuture.completedFuture(copy(response.headers())));
    handshake();
    assertAgreed("permessage-deflate");
  }

  @Test
  void compressionIsInUseWhereTheRequestHookAcceptsByItself() {
    options.processRequest(
        request -> {
          FullHttpResponse response =
              copy(
                  new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK)
                      .headers());
          String key = request.headers().get("Sec-WebSocket-Key");
          response.headers().set("Sec-WebSocket-Accept", ServerHandshake.acceptKey(key));
          response.headers().set("Upgrade", "websocket").set("Connection", "Upgrade");
          response.headers().set(EXTENSIONS, "permessage-deflate");
          return CompletableFuture.completedFuture(response);
        });
    handshake();
    assertAgreed("permessage-deflate");
  }

  private static FullHttpResponse copy(HttpHeaders headers) {
    FullHttpResponse copy =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    copy.headers().set(headers);
    return copy;
  }

  @Test
  void subprotocolThatAHookChoosesIsInUse() {
    offers = PROTOCOL + ": chat, superchat\r\n";
    options.subprotocols(List.of("chat"));
    edit(headers -> headers.set(PROTOCOL, "superchat"));
    handshake();
    assertEquals("superchat", outcome.completed.subprotocol());
    edit(headers -> headers.remove(PROTOCOL));
    finish();
    handshake();
    assertNull(outcome.completed.subprotocol());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-bzip2", // not offered
        "permessage-deflate, permessage-deflate",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; unknown",
        "permessage-deflate;",
      })
  void extensionsThatCannotBeGetA500(String answer) {
    edit(headers -> headers.set(EXTENSIONS, answer));
    handshake500();
  }

  private void handshake500() {
    open();
    receive(REQUEST.replace("\r\n\r\n", "\r\n" + offers + "\r\n"));
    assertRefused(500);
  }

  /** The client would read it as frames. */
  @Test
  void switchWithContentGetsA500() {
    options.processResponse(
        (request, response) -> {
          FullHttpResponse answer = copy(response.headers());
          return CompletableFuture.completedFuture(
              answer.replace(Unpooled.copiedBuffer("welcome", StandardCharsets.US_ASCII)));
        });
    handshake500();
  }

  @Test
  void switchInChunksGetsA500() {
    edit(headers -> headers.set("Transfer-Encoding", "chunked"));
    handshake500();
  }

  @Test
  void windowThatTheClientDidNotOfferGetsA500() {
    offers = EXTENSIONS + ": permessage-deflate\r\n";
    edit(headers -> headers.set(EXTENSIONS, "permessage-deflate; client_max_window_bits=10"));
    handshake500();
  }

  @Test
  void demandOfTheClientsThatAHookTakesOutGetsA500() {
    offers = EXTENSIONS + ": permessage-deflate; server_no_context_takeover\r\n";
    edit(headers -> headers.set(EXTENSIONS, "permessage-deflate"));
    handshake500();
  }

  @Test
  void compressionThatIsSwitchedOffCannotBeAddedByAHook() {
    options.compression(null);
    edit(headers -> headers.set(EXTENSIONS, "permessage-deflate"));
    handshake500();
  }

  @Test
  void extensionThatNobodyHereKnowsCannotBeAddedByAHook() {
    offers = EXTENSIONS + ": x-other\r\n";
    edit(headers -> headers.set(EXTENSIONS, "x-other"));
    handshake500();
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "chat, superchat", "chat superchat"})
  void subprotocolThatCannotBeGetsA500(String answer) {
    offers = PROTOCOL + ": chat, superchat\r\n";
    options.subprotocols(List.of("chat"));
    edit(headers -> headers.set(PROTOCOL, answer));
    handshake500();
  }

  @Test
  void extensionOfOthersMayBeTakenOutOrWrittenAsItWouldBeNegotiated() {
    options.compression(null).extension(new Other());
    offers = EXTENSIONS + ": x-other; a\r\n";
    options.processResponse(
        (request, response) -> CompletableFuture.completedFuture(copy(response.headers())));
    handshake();
    assertEquals(List.of("x-other; b"), outcome.completed.extensions());
    edit(headers -> headers.remove(EXTENSIONS));
    finish();
    handshake();
    assertEquals(List.of(), outcome.completed.extensions());
    for (String wrong : List.of("x-other; c", "x-other; b, x-other; b")) {
      edit(headers -> headers.set(EXTENSIONS, wrong));
      finish();
      handshake500();
    }
  }

  private static final class Other implements ServerExtension {
    @Override
    public String name() {
      return "x-other";
    }

    @Override
    public Extension accept(Extension offer, List<Extension> accepted) {
      return new Extension("x-other", List.of(new Extension.Parameter("b", null)));
    }
  }

  /** A handler in front of ours that writes what it likes. */
  private void openBehind(Consumer<HttpHeaders> edit) {
    open(
        HttpArrangement.CODEC,
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
              edit.accept(response.headers());
            }
            ctx.write(message, promise);
          }
        });
    receive(REQUEST.replace("\r\n\r\n", "\r\n" + offers + "\r\n"));
  }

  @Test
  void whatAHandlerInFrontTakesOutIsNotInUse() {
    openBehind(headers -> headers.remove(EXTENSIONS));
    written();
    assertAgreed();
  }

  @Test
  void connectionIsClosedIfAHandlerInFrontPromisesWhatCannotBe() {
    openBehind(headers -> headers.set(EXTENSIONS, "permessage-bzip2"));
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    assertFalse(channel.isOpen());
    assertEquals(List.of(), outcome.events);
  }

  @Test
  void whatNobodyEditsIsAsItWas() {
    options.compression(DeflateOptions.builder().serverContextTakeover(false).build());
    handshake();
    assertAgreed("permessage-deflate; server_no_context_takeover");
    assertNotNull(channel.pipeline().get(WebSocketDeflateHandler.class));
  }
}
