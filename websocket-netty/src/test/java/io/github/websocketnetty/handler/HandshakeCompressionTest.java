package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server and our client agree on compression, and install what they agreed on. */
@ExtendWith(LeakCheck.class)
class HandshakeCompressionTest {
  private final ServerHandshakeOptions.Builder serverOptions = ServerHandshakeOptions.builder();
  private final ClientHandshakeOptions.Builder clientOptions =
      ClientHandshakeOptions.builder(URI.create("ws://h/"));
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

  private void open() {
    ServerHandshakeOptions options = serverOptions.build();
    server =
        new EmbeddedChannel(
            options.newHttpServerCodec(),
            new WebSocketServerHandshakeHandler(options, WebSocketPipeline.server().build()),
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
    boolean deflate = extensions.length > 0;
    for (EmbeddedChannel channel : new EmbeddedChannel[] {server, client}) {
      assertEquals(deflate, channel.pipeline().get(WebSocketDeflateHandler.class) != null);
    }
    String text = "to and fro, ".repeat(100);
    client.writeOutbound(new TextWebSocketFrame(text));
    ByteBuf sent = client.readOutbound();
    assertEquals(deflate ? 0xC1 : 0x81, sent.getUnsignedByte(0));
    server.writeInbound(sent);
    TextWebSocketFrame received = server.readInbound();
    assertEquals(text, received.text());
    server.writeOutbound(received);
    move(server, client);
    TextWebSocketFrame back = client.readInbound();
    assertEquals(text, back.text());
    back.release();
  }

  // OPT-25: test_compression_is_enabled
  @Test
  void bothCompressUnlessToldOtherwise() throws Exception {
    open();
    assertAgreed("permessage-deflate");
  }

  // OPT-25: test_disable_compression
  @Test
  void serverMayBeToldNotToCompress() throws Exception {
    serverOptions.compression(null);
    open();
    assertAgreed();
  }

  // OPT-25: test_disable_compression
  @Test
  void clientMayBeToldNotToCompress() throws Exception {
    clientOptions.compression(null);
    open();
    assertAgreed();
  }

  // OPT-26, DEFL-13
  @Test
  void eitherMayForbidContextTakeover() throws Exception {
    serverOptions.compression(DeflateOptions.builder().serverContextTakeover(false).build());
    clientOptions.compression(DeflateOptions.builder().clientContextTakeover(false).build());
    open();
    assertAgreed("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  }

  // DEFL-24, DEFL-30, OPT-26
  @ParameterizedTest
  @ValueSource(ints = {8, 9, 14})
  void eitherMayAskForSmallerWindows(int bits) throws Exception {
    clientOptions.compression(DeflateOptions.builder().peerWindowBits(bits).build());
    serverOptions.compression(DeflateOptions.builder().peerWindowBits(10).build());
    open();
    String agreed =
        "permessage-deflate; server_max_window_bits=" + bits + "; client_max_window_bits=10";
    assertAgreed(agreed);
    assertEquals(bits, agreement(server).windowBits());
    assertEquals(bits, agreement(client).peerWindowBits());
    assertEquals(10, agreement(client).windowBits());
    assertEquals(10, agreement(server).peerWindowBits());
  }

  private static DeflateAgreement agreement(EmbeddedChannel channel) {
    return channel.pipeline().get(WebSocketDeflateHandler.class).agreement();
  }

  // DEFL-24
  @Test
  void eitherMayHaveASmallerWindow() throws Exception {
    clientOptions.compression(DeflateOptions.builder().windowBits(9).build());
    serverOptions.compression(DeflateOptions.builder().windowBits(12).build());
    open();
    assertAgreed("permessage-deflate; server_max_window_bits=12; client_max_window_bits=9");
  }

  @Test
  void optionsMayBeBuiltTwice() throws Exception {
    serverOptions.build();
    clientOptions.build();
    open();
    assertAgreed("permessage-deflate");
  }

  // OPT-26, EXT-03: who brings an extension of that name handles its frames
  @Test
  void extensionOfTheUsersTakesThePlaceOfOurs() throws Exception {
    Extension plain = new Extension("permessage-deflate", List.of());
    serverOptions.extension(
        new ServerExtension() {
          @Override
          public String name() {
            return plain.name();
          }

          @Override
          public Extension accept(Extension offer, List<Extension> accepted) {
            return plain;
          }
        });
    clientOptions.extension(
        new ClientExtension() {
          @Override
          public Extension offer() {
            return plain;
          }

          @Override
          public boolean accept(Extension answer, List<Extension> accepted) {
            return true;
          }
        });
    open();
    assertEquals(List.of("permessage-deflate"), atServer.get().extensions());
    assertNull(server.pipeline().get(WebSocketDeflateHandler.class));
    assertNull(client.pipeline().get(WebSocketDeflateHandler.class));
  }

  // DEFL-02, HS-47
  @Test
  void promiseThatWasNotAskedForFailsTheHandshake() {
    clientOptions.compression(DeflateOptions.builder().windowBits(11).build());
    serverOptions.processResponse(
        (request, response) -> {
          response
              .headers()
              .set("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=12");
          return null;
        });
    open();
    assertInstanceOfHandshake(
        assertThrows(ExecutionException.class, () -> opening.handshakeFuture().get()).getCause());
  }

  private static void assertInstanceOfHandshake(Throwable cause) {
    assertTrue(cause instanceof HandshakeException, () -> "" + cause);
  }

  // EXT-01
  @Test
  void handlerStandsAloneBehindNettysDecoderAndEncoder() {
    DeflateOptions options = DeflateOptions.builder().threshold(0).build();
    Extension offer = options.clientExtension().offer();
    Extension answer = options.serverExtension().accept(offer, List.of());
    assertNotNull(answer);
    server =
        new EmbeddedChannel(
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder()
                    .allowExtensions(true)
                    .expectMaskedFrames(false)
                    .build()),
            new WebSocket13FrameEncoder(false),
            new WebSocketDeflateHandler(
                options.agreement(Side.SERVER, answer), FrameLimits.DEFAULT, true));
    server.writeOutbound(new TextWebSocketFrame("Hello"), new TextWebSocketFrame("Hello"));
    move(server, server);
    for (int i = 0; i < 2; i++) {
      TextWebSocketFrame text = server.readInbound();
      assertEquals("Hello", text.text());
      text.release();
    }
    assertFalse(server.finish());
  }
}
