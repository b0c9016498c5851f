package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.WebSocketClientHandler;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Places in a pipeline where our handlers work, and others that they refuse. */
@ExtendWith(LeakCheck.class)
class PlacementTest {
  private static final URI ADDRESS = URI.create("ws://h/");

  private final EmbeddedChannel channel = HttpArrangement.channel();
  private final Outcome outcome = new Outcome();

  @AfterEach
  void finish() {
    if (channel.isOpen() && channel.pipeline().firstContext() != null) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
  }

  private static WebSocketServerHandshakeHandler server() {
    return new WebSocketServerHandshakeHandler(
        ServerHandshakeOptions.anyPath(), WebSocketPipeline.server().build());
  }

  private static WebSocketClientHandshakeHandler client() {
    return new WebSocketClientHandshakeHandler(
        ClientHandshakeOptions.forUri(ADDRESS), WebSocketPipeline.client().build());
  }

  static Stream<ChannelHandler> handlers() {
    return Stream.of(
        server(),
        client(),
        new WebSocketFrameCodec(Side.SERVER),
        new WebSocketDeflateHandler(
            new DeflateAgreement(true, true, 6, 256), FrameLimits.DEFAULT, true),
        new WebSocketCloseHandler(Side.SERVER, Duration.ofSeconds(1)),
        new WebSocketKeepaliveHandler(Duration.ofSeconds(1), Duration.ofSeconds(1)),
        new WebSocketMessageAggregator(),
        new WebSocketTextValidator(),
        new WebSocketServerHandler("/", connection -> null),
        new WebSocketClientHandler(ADDRESS));
  }

  @SuppressWarnings("deprecation") // Netty, too, no longer wants executors here
  @ParameterizedTest
  @MethodSource("handlers")
  void executorOfItsOwnIsRefusedWhenAHandlerIsAdded(ChannelHandler handler) throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                thrown.complete(cause);
              }
            });
    EventExecutor executor = new DefaultEventExecutor();
    try {
      channel.pipeline().addFirst(executor, "misplaced", handler);
      executor.submit(() -> {}).get(10, TimeUnit.SECONDS);
      executor
          .submit(() -> {})
          .get(10, TimeUnit.SECONDS); // behind what the first run has submitted
      channel.runPendingTasks();
      Throwable refusal = thrown.get(10, TimeUnit.SECONDS).getCause();
      assertInstanceOf(IllegalStateException.class, refusal);
      assertTrue(
          refusal
              .getMessage()
              .startsWith(handler.getClass().getSimpleName() + " must run on the event loop"),
          refusal.getMessage());
      assertNull(channel.pipeline().get("misplaced"));
      assertFalse(channel.isOpen(), "its peer would wait in vain");
    } finally {
      executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }
    if (handler instanceof WebSocketClientHandshakeHandler opening) {
      assertInstanceOf(IllegalStateException.class, opening.handshakeFuture().cause());
    }
    if (handler instanceof WebSocketClientHandler webSocket) {
      Throwable failure =
          assertThrows(ExecutionException.class, () -> webSocket.connection().get()).getCause();
      assertInstanceOf(IllegalStateException.class, failure);
    }
  }

  @Test
  void codecThatSaysItIsSharableIsRefused() {
    assertThrows(IllegalStateException.class, SharableCodec::new);
  }

  @ChannelHandler.Sharable
  private static final class SharableCodec extends WebSocketFrameCodec {
    SharableCodec() {
      super(Side.SERVER);
    }
  }

  static Stream<Arguments> combinedServers() {
    return Stream.of(
        Arguments.of(
            "both in one",
            List.of(
                new CombinedChannelDuplexHandler<>(
                    new HttpRequestDecoder(), new HttpResponseEncoder()))),
        Arguments.of(
            "with an aggregator",
            List.of(
                new CombinedChannelDuplexHandler<>(
                    new HttpRequestDecoder(), new HttpResponseEncoder()),
                new HttpObjectAggregator(1024))),
        Arguments.of(
            "the decoder with something else",
            List.of(
                new HttpResponseEncoder(),
                new CombinedChannelDuplexHandler<>(
                    new HttpRequestDecoder(), new ChannelOutboundHandlerAdapter()))),
        Arguments.of(
            "the encoder with something else",
            List.of(
                new HttpRequestDecoder(),
                new CombinedChannelDuplexHandler<>(
                    new ChannelInboundHandlerAdapter(), new HttpResponseEncoder()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("combinedServers")
  void httpCodecOfAServerMayStandInACombinedHandler(String what, List<ChannelHandler> http) {
    http.forEach(channel.pipeline()::addLast);
    channel.pipeline().addLast(server(), outcome);
    channel.writeInbound(
        Unpooled.copiedBuffer(request(), WireFrame.text(true, "one"), WireFrame.text(true, "two")));
    assertOpen("HTTP/1.1 101 ");
  }

  static Stream<Arguments> combinedClients() {
    return Stream.of(
        Arguments.of(
            "both in one",
            List.of(
                new CombinedChannelDuplexHandler<>(
                    new HttpResponseDecoder(), new HttpRequestEncoder()))),
        Arguments.of(
            "the decoder with something else",
            List.of(
                new HttpRequestEncoder(),
                new CombinedChannelDuplexHandler<>(
                    new HttpResponseDecoder(), new ChannelOutboundHandlerAdapter()))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("combinedClients")
  void httpCodecOfAClientMayStandInACombinedHandler(String what, List<ChannelHandler> http) {
    http.forEach(channel.pipeline()::addLast);
    channel.pipeline().addLast(client(), outcome);
    String key = Outcome.written(channel).replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
    String response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + ServerHandshake.acceptKey(key)
            + "\r\n\r\n";
    channel.writeInbound(
        Unpooled.copiedBuffer(
            response.getBytes(StandardCharsets.US_ASCII),
            WireFrame.text(false, "one"),
            WireFrame.text(false, "two")));
    assertOpen("");
  }

  private void assertOpen(String begin) {
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
    assertEquals(List.of(), outcome.errors);
    channel.writeOutbound(Peer.text("answer"));
    String written = Outcome.written(channel);
    assertTrue(written.startsWith(begin), written);
    assertTrue(written.length() >= 8, written);
  }

  private static byte[] request() {
    return ServerHandshakeFixture.REQUEST.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void requestFromAnUnknownDecoderGetsA500() {
    channel.pipeline().addLast(new HttpResponseEncoder(), server(), outcome);
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    request.headers().set("Host", "h").set("Upgrade", "websocket").set("Connection", "Upgrade");
    request.headers().set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.headers().set("Sec-WebSocket-Version", "13");
    channel.writeInbound(request);
    String written = Outcome.written(channel);
    assertTrue(written.startsWith("HTTP/1.1 500 "), written);
    assertEquals(List.of(), outcome.events);
  }

  @Test
  void serverInFrontOfItsHttpCodecClosesAtTheFirstBytes() {
    channel.pipeline().addLast(server(), new HttpServerCodec(), outcome);
    channel.writeInbound(Unpooled.copiedBuffer(request()));
    assertFalse(channel.isOpen());
    assertEquals(List.of(), outcome.events);
  }

  @Test
  void clientInFrontOfItsHttpCodecFailsAtOnce() {
    WebSocketClientHandshakeHandler opening = client();
    boolean[] connected = {false};
    EmbeddedChannel connecting =
        new EmbeddedChannel() {
          @Override
          public boolean isActive() {
            return connected[0] && super.isActive();
          }
        };
    connecting.pipeline().addLast(opening, new HttpClientCodec());
    connected[0] = true;
    connecting.pipeline().fireChannelActive();
    Throwable cause = opening.handshakeFuture().cause();
    assertInstanceOf(IllegalStateException.class, cause);
    assertTrue(cause.getMessage().contains(" must stand behind HttpClientCodec"), cause.toString());
    assertFalse(connecting.isOpen());
    connecting.finishAndReleaseAll();
  }
}
