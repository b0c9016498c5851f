package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.Extension.Parameter;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TransformingExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server and our client agree on extensions of others, and install their handlers. */
@ExtendWith(LeakCheck.class)
class ExtensionNegotiationTest {
  private final ServerHandshakeOptions.Builder serverOptions = ServerHandshakeOptions.builder();
  private final ClientHandshakeOptions.Builder clientOptions =
      ClientHandshakeOptions.builder(URI.create("ws://h/"));
  private final WebSocketPipeline.Builder serverPipeline = WebSocketPipeline.server();
  private final AtomicReference<HandshakeCompleted> atServer = new AtomicReference<>();
  private EmbeddedChannel server;
  private EmbeddedChannel client;
  private WebSocketClientHandshakeHandler opening;

  @AfterEach
  void end() {
    for (EmbeddedChannel channel : new EmbeddedChannel[] {server, client}) {
      if (channel != null && channel.isOpen()) {
        channel.pipeline().firstContext().close();
      }
      if (channel != null) {
        channel.finishAndReleaseAll();
      }
    }
  }

  private void both(TransformingExtension extension) {
    serverOptions.extension(extension.server(), extension);
    clientOptions.extension(extension.client(), extension);
  }

  private void open() {
    ServerHandshakeOptions options = serverOptions.build();
    server =
        new EmbeddedChannel(
            options.newHttpServerCodec(),
            new WebSocketServerHandshakeHandler(options, serverPipeline.build()),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof HandshakeCompleted completed) {
                  atServer.set(completed);
                }
              }
            });
    ClientHandshakeOptions asked = clientOptions.build();
    opening = new WebSocketClientHandshakeHandler(asked, WebSocketPipeline.client().build());
    client = new EmbeddedChannel(asked.newHttpClientCodec(), opening);
    move(client, server);
    move(server, client);
  }

  private static void move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    for (ByteBuf part; (part = from.readOutbound()) != null; ) {
      to.writeInbound(part);
    }
    to.runPendingTasks();
  }

  private void assertAgreed(String... extensions) throws Exception {
    assertEquals(List.of(extensions), atServer.get().extensions());
    assertEquals(List.of(extensions), opening.handshakeFuture().get().extensions());
  }

  /** Sends a message to and fro; returns the first byte on the wire. */
  private int echo(String text) {
    client.writeOutbound(new TextWebSocketFrame(text));
    ByteBuf sent = client.readOutbound();
    int head = sent.getUnsignedByte(0);
    server.writeInbound(sent);
    TextWebSocketFrame received = server.readInbound();
    assertEquals(text, received.text());
    server.writeOutbound(received);
    move(server, client);
    TextWebSocketFrame back = client.readInbound();
    assertEquals(text, back.text());
    assertEquals(0, back.rsv());
    back.release();
    return head;
  }

  // EXT-01, EXT-03
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void extensionTransformsMessagesOfBothSides(int rsv) throws Exception {
    TransformingExtension reverse = TransformingExtension.reverse(rsv);
    both(reverse);
    serverOptions.compression(null);
    open();
    assertAgreed("x-reverse");
    assertEquals(0x81 | rsv << 4, echo("grüß"), "not UTF-8 on the wire");
    assertEquals(List.of("SERVER x-reverse", "CLIENT x-reverse"), reverse.made);
  }

  // EXT-01
  @Test
  void extensionAndCompressionGoTogether() throws Exception {
    both(TransformingExtension.reverse(2));
    open();
    assertAgreed("x-reverse", "permessage-deflate");
    assertEquals(0x81 | 6 << 4, echo("grüß ".repeat(100)));
  }

  // EXT-01
  @Test
  void fragmentsAreTransformedOneByOne() {
    both(TransformingExtension.reverse(2));
    open();
    server.writeOutbound(new TextWebSocketFrame(false, 0, "ab".repeat(50)));
    server.writeOutbound(new ContinuationWebSocketFrame(true, 0, "cd"));
    move(server, client);
    for (String text : List.of("ab".repeat(50), "cd")) {
      WebSocketFrame frame = client.readInbound();
      assertEquals(text, frame.content().toString(StandardCharsets.UTF_8));
      assertEquals(0, frame.rsv());
      frame.release();
    }
  }

  // RFC 6455, section 9.1: "foo, bar" means bar(foo(data))
  @Test
  void firstExtensionOfTheResponseTransformsFirst() throws Exception {
    UnaryOperator<byte[]> none = UnaryOperator.identity();
    both(
        new TransformingExtension(
            new Extension("x-foo", List.of()), 1, false, bytes -> add(bytes, 'f'), none));
    both(
        new TransformingExtension(
            new Extension("x-bar", List.of()), 2, false, bytes -> add(bytes, 'b'), none));
    serverOptions.compression(null);
    open();
    assertAgreed("x-foo", "x-bar");
    server.writeOutbound(new TextWebSocketFrame("data"));
    ByteBuf sent = server.readOutbound();
    assertEquals("datafb", sent.toString(2, 6, StandardCharsets.UTF_8));
    sent.release();
  }

  private static byte[] add(byte[] bytes, char last) {
    return (new String(bytes, StandardCharsets.UTF_8) + last).getBytes(StandardCharsets.UTF_8);
  }

  // EXT-03
  @Test
  void laterOneOfTwoThatClaimABitIsNotAgreed() throws Exception {
    both(TransformingExtension.reverse(2));
    both(TransformingExtension.invert(3));
    open();
    assertAgreed("x-reverse", "permessage-deflate");
    echo("Hello");
  }

  // EXT-03: several offers of a name are alternatives, also where no bit would clash
  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void oneOfSeveralOffersOfAnExtensionIsAgreed(int rsv) throws Exception {
    TransformingExtension reverse = TransformingExtension.reverse(rsv);
    both(reverse);
    clientOptions.extension(reverse.client(), reverse);
    serverOptions.compression(null);
    open();
    assertAgreed("x-reverse");
    echo("Hello");
  }

  @Test
  void extensionThatClaimsRsv1GoesWithoutCompression() throws Exception {
    both(TransformingExtension.reverse(4));
    open();
    assertAgreed("x-reverse");
    assertNull(server.pipeline().get(WebSocketDeflateHandler.class));
    assertEquals(0xC1, echo("Hello"));
  }

  @Test
  void responseWithTwoThatClaimABitFailsTheClient() {
    for (TransformingExtension each : extensionsWith(2)) {
      clientOptions.extension(each.client(), each);
    }
    for (TransformingExtension each : extensionsWith(0)) {
      serverOptions.extension(each.server(), each);
    }
    open();
    Throwable cause =
        assertThrows(ExecutionException.class, () -> opening.handshakeFuture().get()).getCause();
    assertInstanceOf(HandshakeException.class, cause);
    assertEquals(
        "server accepted extensions x-reverse and x-invert, which both use RSV2",
        cause.getMessage());
  }

  private static List<TransformingExtension> extensionsWith(int rsv) {
    return List.of(TransformingExtension.reverse(rsv), TransformingExtension.invert(rsv));
  }

  @Test
  void hookCannotAgreeOnTwoThatClaimABit() {
    RecordedLog log = new RecordedLog();
    serverPipeline.logger(log);
    extensionsWith(2).forEach(this::both);
    serverOptions.processResponse(
        (request, response) -> {
          response.headers().set("Sec-WebSocket-Extensions", "x-reverse, x-invert");
          return null;
        });
    open();
    Throwable cause =
        assertThrows(ExecutionException.class, () -> opening.handshakeFuture().get()).getCause();
    assertEquals(
        500, assertInstanceOf(InvalidStatusException.class, cause).response().status().code());
    assertEquals(
        "Sec-WebSocket-Extensions of the 101 lists x-reverse and x-invert, which claim the same"
            + " reserved bit",
        log.failures.get(0).getMessage());
  }

  // HS-20, HS-47, EXT-03
  @Test
  void serverChoosesAmongTheOffersOfOneExtension() throws Exception {
    UnaryOperator<byte[]> reverse = TransformingExtension::reversed;
    Extension strong = new Extension("x", List.of(new Parameter("level", "9")));
    Extension weak = new Extension("x", List.of(new Parameter("level", "1")));
    TransformingExtension first = new TransformingExtension(strong, 2, false, reverse, reverse);
    TransformingExtension second = new TransformingExtension(weak, 2, false, reverse, reverse);
    clientOptions.extension(first.client(), second).extension(second.client(), second);
    serverOptions.extension(second.server(), second);
    open();
    assertAgreed("x; level=1", "permessage-deflate");
    assertEquals(List.of("SERVER x; level=1", "CLIENT x; level=1"), second.made);
    echo("Hello");
  }

  @Test
  void extensionOfOneSideIsNotUsed() throws Exception {
    TransformingExtension reverse = TransformingExtension.reverse(2);
    clientOptions.extension(reverse.client(), reverse);
    open();
    assertAgreed("permessage-deflate");
    assertEquals(List.of(), reverse.made);
    echo("Hello");
  }

  @Test
  void optionsThatAreCopiedKeepTheHandlers() throws Exception {
    TransformingExtension reverse = TransformingExtension.reverse(2);
    clientOptions.extension(reverse.client(), reverse);
    ServerHandshakeOptions copied =
        ServerHandshakeOptions.builder().extension(reverse.server(), reverse).build();
    server =
        new EmbeddedChannel(
            copied.newHttpServerCodec(),
            new WebSocketServerHandshakeHandler(
                copied.toBuilder().build(), WebSocketPipeline.server().build()));
    ClientHandshakeOptions asked = clientOptions.build().toBuilder().build();
    opening = new WebSocketClientHandshakeHandler(asked, WebSocketPipeline.client().build());
    client = new EmbeddedChannel(asked.newHttpClientCodec(), opening);
    move(client, server);
    move(server, client);
    assertNotNull(opening.handshakeFuture().get());
    assertEquals(List.of("SERVER x-reverse", "CLIENT x-reverse"), reverse.made);
  }

  @Test
  void factoryThatThrowsEndsTheConnection() {
    TransformingExtension reverse = TransformingExtension.reverse(2);
    serverOptions.extension(
        reverse.server(),
        (side, agreed) -> {
          throw new IllegalStateException("no handler");
        });
    clientOptions.extension(reverse.client(), reverse);
    open();
    assertEquals(false, server.isOpen());
  }

  @Test
  void wrongExtensionsAreRefusedWhenTheyAreAdded() {
    TransformingExtension reverse = TransformingExtension.reverse(2);
    serverOptions.extension(reverse.server(), reverse);
    clientOptions.extension(reverse.client(), reverse);
    assertRefused(
        "extension x-reverse was added before with other handlers or other reserved bits",
        () -> serverOptions.extension(reverse.server(), TransformingExtension.reverse(2)),
        () -> clientOptions.extension(reverse.client(), TransformingExtension.reverse(2)));
    TransformingExtension four = TransformingExtension.invert(8);
    assertRefused(
        "reserved bits of extension x-invert are 8, must be 0 to 7",
        () -> serverOptions.extension(four.server(), four),
        () -> clientOptions.extension(four.client(), four));
    assertRefused(
        "extension x-reverse claims reserved bits 2, so it needs handlers",
        () -> serverOptions.extension(reverse.server()),
        () -> clientOptions.extension(reverse.client()));
    assertThrows(NullPointerException.class, () -> serverOptions.extension(reverse.server(), null));
    assertThrows(NullPointerException.class, () -> clientOptions.extension(reverse.client(), null));
  }

  private static void assertRefused(String message, Runnable... calls) {
    for (Runnable call : calls) {
      IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call::run);
      assertEquals(message, refused.getMessage());
    }
  }
}
