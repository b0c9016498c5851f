package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class WebSocketClientHandshakeHandlerTest {
  private static final String INVALID =
      "did not receive a valid HTTP response from ws://example.com/echo";

  private ClientHandshakeOptions.Builder options =
      ClientHandshakeOptions.builder(URI.create("ws://example.com/echo"));
  private Outcome outcome;
  private WebSocketClientHandshakeHandler handshake;
  private EmbeddedChannel channel;
  private String request;
  private String accept;

  private void open(HttpArrangement http) {
    finish();
    outcome = new Outcome();
    channel = HttpArrangement.channel();
    handshake =
        new WebSocketClientHandshakeHandler(options.build(), WebSocketPipeline.client().build());
    channel.pipeline().addLast(http.client());
    channel.pipeline().addLast(handshake).addLast(outcome);
    request = Outcome.written(channel);
    String key = request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
    accept = "Sec-WebSocket-Accept: " + ServerHandshake.acceptKey(key) + "\r\n";
  }

  private void open() {
    open(HttpArrangement.CODEC);
  }

  private void receive(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  private void receiveAcceptance(String extra) {
    receive(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + accept
            + extra
            + "\r\n");
  }

  private <T extends HandshakeException> T assertFailed(
      Class<T> type, Reason reason, String message) {
    T e = assertInstanceOf(type, handshake.handshakeFuture().cause());
    assertEquals(message, e.getMessage());
    assertEquals(reason, e.reason());
    assertFalse(channel.isOpen());
    assertEquals(List.of(), outcome.events);
    return e;
  }

  private HandshakeException assertFailed(Reason reason, String message) {
    return assertFailed(HandshakeException.class, reason, message);
  }

  @AfterEach
  void finish() {
    if (channel != null) {
      ChannelEnd.check(channel);
      assertEquals(List.of(), outcome.errors);
    }
  }

  // HS-40, DEFL-05, OPT-25
  @ParameterizedTest
  @EnumSource
  void theRequestIsSentAtOnce(HttpArrangement http) {
    open(http);
    assertEquals(
        """
        GET /echo HTTP/1.1\r
        Host: example.com\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: KEY\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
        User-Agent: websocket-netty\r
        \r
        """,
        request.replaceAll("Key: \\S{22}==", "Key: KEY"));
    String first = request;
    open(http);
    assertNotEquals(first, request, "every connection has its own key");
  }

  // HS-46, HS-48
  @ParameterizedTest
  @EnumSource
  void anAcceptedConnectionIsOpen(HttpArrangement http) {
    options.subprotocols(List.of("chat"));
    open(http);
    receiveAcceptance("Sec-WebSocket-Protocol: chat\r\n");
    assertEquals("chat", outcome.completed.subprotocol());
    assertEquals("/echo", outcome.completed.request().uri());
    assertEquals(101, outcome.completed.response().status().code());
    assertEquals(outcome.completed, handshake.handshakeFuture().getNow());
    channel.writeOutbound(new TextWebSocketFrame("hi"));
    assertEquals(2 + 4 + 2, Outcome.written(channel).length());
  }

  // HS-49
  @Test
  void theFutureCompletesBeforeTheFirstFrame() {
    open();
    handshake.handshakeFuture().addListener(done -> outcome.events.add("future"));
    byte[] frame = WireFrame.text(false, "early");
    receiveAcceptance("\r\n" + new String(frame, StandardCharsets.ISO_8859_1));
    assertEquals("completed", outcome.events.get(0));
    assertEquals("future", outcome.events.get(1));
  }

  // HS-43
  @Test
  void interimResponsesAreSkipped() {
    open(HttpArrangement.CODEC_AND_AGGREGATOR);
    receive("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    assertFalse(handshake.handshakeFuture().isDone());
    receiveAcceptance("");
    assertEquals(List.of("completed"), outcome.events);
  }

  // HS-43
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "HTTP/1.0 101 Switching\r\n\r\n",
        "HTTP/1.1 1x1 Switching\r\n\r\n",
        "HTTP/1.1 600 Strange\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nnocolon\r\n\r\n",
        "HTTP/1.1 101 Switching\n\n",
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      })
  void malformedResponsesFail(String response) {
    open();
    receive(response);
    assertFailed(Reason.INVALID_MESSAGE, INVALID);
  }

  // HS-43
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 1",
        "HTTP/1.1 101 Switching\r\nUpgrade: web",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nshort",
      })
  void anEarlyEndFails(String start) {
    open();
    receive(start);
    channel.close();
    assertFailed(Reason.INVALID_MESSAGE, INVALID);
  }

  // HS-44, OPT-29
  @Test
  void limitsAreKeptWhileTheResponseArrives() {
    open();
    channel.pipeline().replace("HttpClientCodec#0", null, options.build().newHttpClientCodec());
    receive("HTTP/1.1 101 " + "a".repeat(8192));
    assertFailed(Reason.SECURITY, "status line too long");
    open();
    channel.pipeline().replace("HttpClientCodec#0", null, options.build().newHttpClientCodec());
    receive("HTTP/1.1 101 Switching\r\nX: " + "a".repeat(66_000));
    assertFailed(Reason.INVALID_MESSAGE, INVALID);
  }

  // HS-45
  @ParameterizedTest
  @EnumSource
  void aRefusalIsReportedWithItsBody(HttpArrangement http) {
    open(http);
    receive("HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\nX-Y: z\r\n\r\nsor");
    assertFalse(handshake.handshakeFuture().isDone());
    receive("ry!");
    assertRefused("sorry!");
  }

  // HS-45
  @Test
  void aRefusalMayBeChunkedOrEndWithTheConnection() {
    open();
    receive("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
    assertRefused("no");
    open();
    receive("HTTP/1.1 404 Not Found\r\n\r\nno way");
    assertFalse(handshake.handshakeFuture().isDone());
    channel.close();
    assertRefused("no way");
  }

  private void assertRefused(String body) {
    InvalidStatusException e =
        assertFailed(
            InvalidStatusException.class,
            Reason.INVALID_STATUS,
            "server rejected WebSocket connection: HTTP 404 Not Found at " + options.build().uri());
    assertEquals(body, e.response().content().toString(StandardCharsets.UTF_8));
    assertEquals("Not Found", e.response().status().reasonPhrase());
  }

  // HS-45, OPT-29
  @Test
  void theBodyOfARefusalIsLimited() {
    open();
    receive("HTTP/1.1 500 Oops\r\n\r\n");
    String chunk = "a".repeat(1 << 16);
    for (int i = 0; i < 16; i++) {
      receive(chunk);
    }
    assertTrue(channel.isOpen());
    receive("a");
    HandshakeException e = assertFailed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals("body too large: over 1048576 bytes", e.getCause().getMessage());
  }

  // HS-46
  @ParameterizedTest
  @EnumSource
  void a101WithoutAcceptFailsAtOnce(HttpArrangement http) {
    open(http);
    accept = "";
    receiveAcceptance("");
    assertFailed(Reason.INVALID_HEADER, "missing Sec-WebSocket-Accept header");
  }

  // HS-46: RFC 9110, sections 5.3 and 5.6.1
  @ParameterizedTest
  @EnumSource
  void emptyLinesAndElementsOfListsAreIgnored(HttpArrangement http) {
    open(http);
    receive(
        "HTTP/1.1 101 Switching Protocols\r\nConnection:\r\nUpgrade:\r\nUpgrade: ,websocket\r\n"
            + "Connection: keep-alive,,Upgrade\r\n"
            + accept
            + "\r\n");
    assertEquals(List.of("completed"), outcome.events);
  }

  // HS-46
  @Test
  void framesBehindA101ThatFailsAreDropped() {
    open();
    accept = "Sec-WebSocket-Accept: wrong\r\n";
    receiveAcceptance("\r\n" + new String(WireFrame.text(false, "a"), StandardCharsets.ISO_8859_1));
    assertFailed(Reason.INVALID_HEADER, "invalid Sec-WebSocket-Accept header: wrong");
  }

  // HS-47
  @Test
  void anExtensionThatWasNotOfferedFails() {
    options.compression(null);
    open();
    receiveAcceptance("Sec-WebSocket-Extensions: foo\r\n");
    assertFailed(Reason.NEGOTIATION, "no extensions supported");
  }

  // OPT-20
  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 101", "HTTP/1.1 404 Not Found\r\n\r\nwithout end"})
  void theHandshakeTakesTenSecondsAtMost(String start) {
    open();
    receive(start);
    channel.advanceTimeBy(9_999, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(handshake.handshakeFuture().isDone());
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertFailed(Reason.TIMEOUT, "timed out during opening handshake");
  }

  // OPT-20
  @Test
  void theOpenTimeoutCanBeOff() {
    options.openTimeout(Duration.ZERO);
    open();
    channel.advanceTimeBy(1, TimeUnit.DAYS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    assertThrows(
        IllegalArgumentException.class, () -> options.openTimeout(Duration.ofSeconds(-1)).build());
  }

  // HS-52
  @Test
  void cancellingClosesTheChannel() {
    open();
    Future<HandshakeCompleted> future = handshake.handshakeFuture();
    assertTrue(future.cancel(false));
    channel.runPendingTasks();
    assertTrue(future.isCancelled());
    assertFalse(channel.isOpen());
  }

  // HS-52
  @Test
  void cancellingAfterwardsChangesNothing() {
    open();
    receiveAcceptance("");
    assertFalse(handshake.handshakeFuture().cancel(false));
    assertTrue(channel.isOpen());
  }

  // HS-51
  @Test
  void tlsGoesWithWss() {
    ClientHandshakeOptions ws = ClientHandshakeOptions.forUri(URI.create("ws://h"));
    ClientHandshakeOptions wss = ClientHandshakeOptions.forUri(URI.create("wss://h"));
    assertDoesNotThrow(() -> ws.checkTls(false));
    assertDoesNotThrow(() -> wss.checkTls(true));
    assertThrows(IllegalArgumentException.class, () -> ws.checkTls(true));
    assertThrows(IllegalArgumentException.class, () -> wss.checkTls(false));
  }

  static List<Exception> failuresToConnect() {
    return List.of(new ConnectException("refused"), new ClosedChannelException());
  }

  @ParameterizedTest
  @MethodSource("failuresToConnect")
  void aFailedConnectIsWhyTheHandshakeFails(Exception refused) {
    WebSocketClientHandshakeHandler connecting =
        new WebSocketClientHandshakeHandler(
            ClientHandshakeOptions.forUri(URI.create("ws://h")),
            WebSocketPipeline.client().build());
    EmbeddedChannel unconnected =
        new EmbeddedChannel(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void connect(
                  ChannelHandlerContext ctx,
                  SocketAddress remote,
                  SocketAddress local,
                  ChannelPromise promise) {
                promise.setFailure(refused);
              }
            },
            new HttpClientCodec(),
            connecting) {
          @Override
          public boolean isActive() {
            return false;
          }
        };
    unconnected.connect(InetSocketAddress.createUnresolved("h", 80));
    unconnected.runPendingTasks();
    assertSame(refused, connecting.handshakeFuture().cause());
    assertFalse(unconnected.isOpen());
    ChannelEnd.check(unconnected);
  }

  @Test
  void aFailedWriteFailsTheHandshake() {
    IOException reset = new IOException("reset");
    channel = HttpArrangement.channel();
    channel
        .pipeline()
        .addLast(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
                ReferenceCountUtil.release(msg);
                promise.setFailure(reset);
              }
            });
    outcome = new Outcome();
    handshake =
        new WebSocketClientHandshakeHandler(options.build(), WebSocketPipeline.client().build());
    channel.pipeline().addLast(HttpArrangement.CODEC.client());
    channel.pipeline().addLast(handshake);
    assertSame(reset, handshake.handshakeFuture().cause());
    assertFalse(channel.isOpen());
  }

  @Test
  void anExceptionOfTheTransportFailsTheHandshake() {
    open();
    IOException reset = new IOException("reset");
    channel.pipeline().fireExceptionCaught(reset);
    assertSame(reset, handshake.handshakeFuture().cause());
    assertFalse(channel.isOpen());
  }

  @Test
  void aConnectionThatClosesInTheEventStillCounts() {
    open();
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                ctx.channel().unsafe().closeForcibly();
              }
            });
    receiveAcceptance("");
    assertTrue(handshake.handshakeFuture().isSuccess());
  }

  @Test
  void aHandlerThatIsRemovedOrNeverActiveFails() {
    open();
    channel.pipeline().remove(handshake);
    assertFailed(Reason.INVALID_MESSAGE, INVALID);
  }

  @Test
  void whoeverReadsByHandGetsTheHandshake() {
    open();
    channel.config().setAutoRead(false);
    receiveAcceptance("");
    assertEquals(List.of("completed"), outcome.events);
    assertFalse(channel.config().isAutoRead());
  }

  @Test
  void aServersPipelineIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new WebSocketClientHandshakeHandler(
                options.build(), WebSocketPipeline.server().build()));
  }
}
