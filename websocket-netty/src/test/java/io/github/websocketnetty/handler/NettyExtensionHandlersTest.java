package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketClientExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateClientExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Netty's own handlers for extensions, left in front of our handshakes. */
@ExtendWith(LeakCheck.class)
class NettyExtensionHandlersTest {
  private final Outcome atServer = new Outcome();
  private final Outcome atClient = new Outcome();
  private EmbeddedChannel server;
  private EmbeddedChannel client;

  static Stream<Arguments> kinds() {
    return Stream.of(true, false)
        .flatMap(
            ours ->
                Stream.of(true, false)
                    .flatMap(
                        theirs ->
                            Stream.of("compression", "extension")
                                .map(kind -> Arguments.of(ours, theirs, kind))));
  }

  @AfterEach
  void end() {
    for (EmbeddedChannel channel : List.of(server, client)) {
      channel.pipeline().firstContext().close();
      channel.finishAndReleaseAll();
    }
  }

  @ParameterizedTest(name = "server compresses {0}, client {1}, handler of {2}")
  @MethodSource("kinds")
  void oursDecideAboutCompression(boolean atServerOn, boolean atClientOn, String kind) {
    open(atServerOn, atClientOn, kind);
    boolean compressed = atServerOn && atClientOn;
    List<String> agreed = compressed ? List.of("permessage-deflate") : List.of();
    assertEquals(agreed, atServer.completed.extensions());
    assertEquals(agreed, atClient.completed.extensions());
    assertNull(server.pipeline().get(WebSocketServerExtensionHandler.class));
    assertNull(client.pipeline().get(WebSocketClientExtensionHandler.class));
    String text = "to and fro, ".repeat(50);
    client.writeOutbound(new TextWebSocketFrame(text));
    server.writeOutbound(new TextWebSocketFrame(text));
    move(client, server);
    move(server, client);
    for (Outcome outcome : List.of(atServer, atClient)) {
      assertEquals(List.of("completed", "text " + text), outcome.events);
      assertEquals(List.of(), outcome.errors);
    }
  }

  private void open(boolean atServerOn, boolean atClientOn, String kind) {
    boolean compression = kind.equals("compression");
    ChannelHandler serverExtension =
        compression
            ? new WebSocketServerCompressionHandler(0)
            : new WebSocketServerExtensionHandler(
                new PerMessageDeflateServerExtensionHandshaker(0));
    ChannelHandler clientExtension =
        compression
            ? new WebSocketClientCompressionHandler(0)
            : new WebSocketClientExtensionHandler(
                new PerMessageDeflateClientExtensionHandshaker(0));
    server =
        new EmbeddedChannel(
            new HttpServerCodec(),
            serverExtension,
            new WebSocketServerHandshakeHandler(
                ServerHandshakeOptions.builder().compression(options(atServerOn)).build(),
                WebSocketPipeline.server().build()),
            atServer);
    client =
        new EmbeddedChannel(
            new HttpClientCodec(),
            clientExtension,
            new WebSocketClientHandshakeHandler(
                ClientHandshakeOptions.builder(URI.create("ws://h/"))
                    .compression(options(atClientOn))
                    .build(),
                WebSocketPipeline.client().build()),
            atClient);
    move(client, server);
    move(server, client);
    assertTrue(server.isOpen() && client.isOpen());
  }

  private static DeflateOptions options(boolean on) {
    return on ? DeflateOptions.defaults() : null;
  }

  private static void move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    for (ByteBuf part; (part = from.readOutbound()) != null; ) {
      to.writeInbound(part);
    }
    to.runPendingTasks();
  }
}
