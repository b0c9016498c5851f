package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.KeepOpen;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class WebSocketServerHandshakeHandlerTest extends ServerHandshakeFixture {
  // HS-25
  @ParameterizedTest
  @EnumSource
  void acceptedConnectionsAreOpen(HttpArrangement http) {
    open(http);
    receive(REQUEST);
    assertEquals(
        """
        HTTP/1.1 101 Switching Protocols\r
        Date: Sun, 22 Nov 2026 01:02:03 GMT\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
        Server: websocket-netty\r
        \r
        """,
        written());
    assertEquals("/echo", outcome.completed.request().uri());
    assertEquals(101, outcome.completed.response().status().code());
    assertNull(outcome.completed.subprotocol());
    assertEquals(List.of(), outcome.completed.extensions());
    receive(WireFrame.text(true, "hello"));
    assertEquals(List.of("completed", "text hello"), outcome.events);
  }

  // HS-26
  @Test
  void refusedConnectionsGetAnExplanation() {
    open();
    receive("POST /echo HTTP/1.1\r\n" + FIELDS);
    assertEquals(
        """
        HTTP/1.1 405 Method Not Allowed\r
        Date: Sun, 22 Nov 2026 01:02:03 GMT\r
        Connection: close\r
        Content-Length: 70\r
        Content-Type: text/plain; charset=utf-8\r
        Allow: GET\r
        Server: websocket-netty\r
        \r
        Failed to open a WebSocket connection: unsupported HTTP method: POST.
        """,
        written());
    assertFalse(channel.isOpen());
  }

  // HS-01, HS-02
  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\n\r\n",
        "GET /\r\n\r\n",
        "GET /echo HTTP/1.1\n\n",
        "GET /echo HTTP/1.1\r\nHost: h\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHo st: h\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET /echo HTTP/1.1\r\n: h\r\n\r\n",
        "GET /echo HTTP/1.1\r\nHost\r\n\r\n",
        "GET /echo HTTP/1.1\r\nX: a\u0001b\r\n\r\n",
        "GET /\u00E9 HTTP/1.1\r\n\r\n",
        "G\u00CBT /echo HTTP/1.1\r\n\r\n",
      })
  void malformedRequestsAreAnswered(String request) {
    options.path(null);
    for (HttpArrangement http : HttpArrangement.values()) {
      open(http);
      receive(request);
      String written = assertRefused(400);
      assertFalse(written.contains("Server:"), written);
    }
  }

  // HS-03
  @ParameterizedTest
  @CsvSource({
    "'Content-Length: 0', 101",
    "'Content-Length: 5', 400",
    "'Content-Length: x', 400",
    "'Transfer-Encoding: chunked', 501",
  })
  void bodiesAreRefusedBeforeTheyArrive(String header, int status) {
    open();
    receive("GET /echo HTTP/1.1\r\n" + header + "\r\n" + FIELDS);
    String written = written();
    assertTrue(written.startsWith("HTTP/1.1 " + status), written);
  }

  // HS-04
  @Test
  void headerValuesAreLatin1AndTrimmed() {
    open();
    receive(REQUEST.replace("Host: h", "Host: h\r\nX-Name: \t \u00E9\u00FF \t"));
    assertEquals("\u00E9\u00FF", outcome.completed.request().headers().get("X-Name"));
  }

  // HS-05
  @ParameterizedTest
  @ValueSource(strings = {"", "GET /echo", "GET /echo HTTP/1.1\r\nHost: h\r\n"})
  void theEndOfTheConnectionIsNotAnswered(String start) {
    open();
    receive(start);
    channel.close();
    assertEquals("", written());
  }

  // HS-05
  @Test
  void theEndOfTheInputInsideARequestClosesTheConnection() {
    open();
    receive("GET /echo HTTP/1.1\r\nHost: h\r\n");
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertEquals("", written());
    assertFalse(channel.isOpen());
  }

  // HS-10, OPT-29
  @ParameterizedTest
  @CsvSource({"8192, true", "8193, false"})
  void theRequestLineIsLimited(int length, boolean accepted) {
    options.path(null).processRequest(request -> fail());
    if (accepted) {
      options.processRequest(request -> null);
    }
    int fixed = "GET / HTTP/1.1\r\n".length();
    open();
    channel.pipeline().replace("HttpServerCodec#0", null, options.build().newHttpServerCodec());
    receive("GET /" + "a".repeat(length - fixed) + " HTTP/1.1\r\n" + (accepted ? FIELDS : ""));
    if (accepted) {
      assertEquals(List.of("completed"), outcome.events);
    } else {
      assertRefused(414);
    }
  }

  // HS-10, OPT-29
  @Test
  void theHeadersAreLimitedWhileTheyArrive() {
    options.processRequest(request -> fail());
    open();
    channel.pipeline().replace("HttpServerCodec#0", null, options.build().newHttpServerCodec());
    receive("GET /echo HTTP/1.1\r\nX: " + "a".repeat(66_000));
    String written = assertRefused(431);
    assertFalse(written.contains("Server:"), written);
  }

  // HS-10, OPT-29
  @Test
  void theHeadersAreLimitedInLengthAndNumber() {
    options.processRequest(request -> fail());
    open();
    channel.pipeline().replace("HttpServerCodec#0", null, options.build().newHttpServerCodec());
    receive("GET /echo HTTP/1.1\r\nX: " + "a".repeat(8200) + "\r\n\r\n");
    String line = assertRefused(431);
    assertTrue(line.contains("read 8205 bytes, expected no more than 8192 bytes.\n"), line);
    open();
    receive("GET /echo HTTP/1.1\r\n" + "X: a\r\n".repeat(129) + "\r\n");
    String number = assertRefused(431);
    assertTrue(number.contains(": expected no more than 128 headers.\n"), number);
  }

  private static CompletableFuture<FullHttpResponse> fail() {
    throw new AssertionError("no hook runs");
  }

  // HS-11, HS-12, HS-13, HS-14, HS-16, HS-17, HS-18, HS-19, HS-24
  @ParameterizedTest
  @CsvSource({
    "GET, POST, 405",
    "HTTP/1.1, HTTP/1.0, 505",
    "Host: h, Host: h~Host: h, 400",
    "Connection: Upgrade, Connection: close, 426",
    "Upgrade: websocket, Upgrade: h2c, 426",
    "Sec-WebSocket-Key, Sec-WebSocket-Kex, 400",
    "Version: 13, Version: 12, 426",
    "Host: h, Host: h~Origin: a~Origin: a, 400",
    "Host: h, Host: h~Origin: other, 403",
  })
  void whateverTheRulesRefuseIsAnswered(String from, String to, int status) {
    options.origin("good");
    open(HttpArrangement.CODEC_AND_AGGREGATOR);
    String origin = to.contains("Origin") ? "" : "Origin: good\r\n";
    receive(
        REQUEST.replace(from, to.replace("~", "\r\n")).replace("Upgrade:", origin + "Upgrade:"));
    assertRefused(status);
  }

  // HS-13, HS-14, HS-15: RFC 9110, sections 5.3, 5.6.1 and 7.8
  @ParameterizedTest
  @CsvSource({
    "Connection: Upgrade, Connection:~Connection: Upgrade",
    "Connection: Upgrade, Connection: Upgrade~Connection: ",
    "Connection: Upgrade, 'Connection: ,keep-alive,,Upgrade'",
    "Upgrade: websocket, 'Upgrade: h2c, websocket'",
    "Upgrade: websocket, Upgrade: h2c~Upgrade:~Upgrade: WebSocket",
  })
  void listsMayBeInSeveralLinesAndHaveEmptyElements(String from, String to) {
    for (HttpArrangement http : HttpArrangement.values()) {
      open(http);
      receive(REQUEST.replace(from, to.replace("~", "\r\n")));
      assertTrue(written().startsWith("HTTP/1.1 101 "), () -> http + " refuses " + to);
    }
  }

  // HS-15, HS-20, HS-21, HS-22, HS-23
  @Test
  void failuresOfCallbacksAreWithheld() {
    options.subprotocolSelector(
        (request, offered) -> {
          throw new IllegalStateException("secret");
        });
    open();
    receive(REQUEST);
    assertTrue(assertRefused(500).endsWith("\r\n\r\n" + GENERIC));
  }

  @Test
  void otherPathsAreNotFound() {
    options.processRequest(request -> fail());
    open();
    receive(REQUEST.replace("/echo", "/other"));
    assertRefused(404);
  }

  @ParameterizedTest
  @CsvSource({
    "/echo?a=/b, 101",
    "http://h/echo, 101",
    "http://h, 404",
    "/echo/, 404",
    "/Echo, 404",
    "*, 404"
  })
  void thePathIsComparedWithoutTheQuery(String uri, int status) {
    open();
    receive(REQUEST.replace("/echo", uri));
    String written = written();
    assertTrue(written.startsWith("HTTP/1.1 " + status), written);
  }

  // OPT-21
  @ParameterizedTest
  @EnumSource
  void aClientThatSendsNothingIsToldSoWhateverStandsBetween(HttpArrangement http) {
    open(http);
    channel.advanceTimeBy(10, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertRefused(408);
  }

  // OPT-21
  @ParameterizedTest
  @ValueSource(strings = {"", "GET /ec", "GET /echo HTTP/1.1\r\nHost: h\r\nUpgr"})
  void aClientThatStallsInsideItsRequestIsDisconnected(String start) {
    open();
    receive(start);
    channel.advanceTimeBy(9_999, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertRefused(408);
  }

  // OPT-21
  @Test
  void theOpenTimeoutCoversTheHooks() {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.openTimeout(Duration.ofSeconds(3)).processRequest(request -> hook);
    open();
    receive(REQUEST);
    channel.advanceTimeBy(3, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(channel.isOpen());
    hook.complete(ServerHandshake.respond(200, "too late", NOW));
    assertEquals("", written());
  }

  // OPT-21
  @Test
  void theOpenTimeoutStartsAgainBehindTls() {
    open();
    channel.advanceTimeBy(9, TimeUnit.SECONDS);
    channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
    channel.advanceTimeBy(9, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    channel.advanceTimeBy(1, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(channel.isOpen());
  }

  // OPT-21
  @Test
  void theOpenTimeoutEndsWithTheHandshakeOrIsOff() {
    open();
    receive(REQUEST);
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    options.openTimeout(Duration.ZERO);
    Outcome.written(reopened());
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
  }

  private EmbeddedChannel reopened() {
    finish();
    channel = HttpArrangement.channel();
    channel.pipeline().addLast(HttpArrangement.CODEC.server());
    channel
        .pipeline()
        .addLast(
            new WebSocketServerHandshakeHandler(
                options.build(), WebSocketPipeline.server().build()));
    return channel;
  }

  @Test
  void otherRequestsPassToTheHandlersBehind() {
    options.passOtherRequests(true);
    open(HttpArrangement.CODEC);
    receive("POST /other HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
    assertEquals("POST /other", outcome.events.get(0));
    assertEquals("DefaultLastHttpContent", outcome.events.get(1));
    receive("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    assertEquals("GET /echo", outcome.events.get(2));
    channel.advanceTimeBy(1, TimeUnit.HOURS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen(), "keep-alive is the business of the handlers behind");
    assertEquals("", written());
  }

  @ParameterizedTest
  @EnumSource
  void theNextRequestOnAConnectionMayBeAWebSocket(HttpArrangement http) {
    options.passOtherRequests(true);
    open(http);
    receive("GET /other HTTP/1.1\r\nHost: h\r\n\r\n");
    int passed = outcome.events.size();
    channel.writeOutbound(response("one"));
    assertTrue(written().endsWith("\r\n\r\none"));
    receive(REQUEST);
    receive(WireFrame.text(true, "hello"));
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    assertEquals(
        List.of("completed", "text hello"), outcome.events.subList(passed, outcome.events.size()));
  }

  @Test
  void aHandshakeBehindAnUnansweredRequestWaits() {
    options.passOtherRequests(true);
    open();
    receive("GET /other HTTP/1.1\r\nHost: h\r\n\r\n" + REQUEST);
    receive(WireFrame.text(true, "early"));
    assertEquals("", written());
    channel.writeOutbound(
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    channel.writeOutbound(response("one"));
    channel.runPendingTasks();
    String written = written();
    int first = written.indexOf("HTTP/1.1 200 OK");
    int second = written.indexOf("HTTP/1.1 101 Switching");
    assertTrue(first >= 0 && second > first, written);
    assertEquals("text early", outcome.events.get(outcome.events.size() - 1));
  }

  private static FullHttpResponse response(String body) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII));
    response.headers().set("Content-Length", body.length());
    return response;
  }

  // HS-27: io_uring and TLS complete writes later
  @Test
  void framesWaitUntilThe101IsWritten() {
    List<ChannelPromise> pending = new ArrayList<>();
    open(HttpArrangement.CODEC);
    channel.pipeline().addFirst(new Delaying(pending));
    receive(REQUEST);
    receive(WireFrame.text(true, "early"));
    assertEquals(List.of(), outcome.events);
    pending.forEach(ChannelPromise::setSuccess);
    assertEquals(List.of("completed", "text early"), outcome.events);
    assertTrue(channel.config().isAutoRead());
  }

  // HS-27
  @Test
  void aFailedWriteOfThe101ClosesTheConnection() {
    List<ChannelPromise> pending = new ArrayList<>();
    open(HttpArrangement.CODEC);
    channel.pipeline().addFirst(new Delaying(pending));
    receive(REQUEST);
    receive(WireFrame.text(true, "early"));
    pending.forEach(promise -> promise.setFailure(new IOException("reset")));
    assertEquals(List.of(), outcome.events);
    assertFalse(channel.isOpen());
  }

  private static final class Delaying extends ChannelOutboundHandlerAdapter {
    private final List<ChannelPromise> pending;

    Delaying(List<ChannelPromise> pending) {
      this.pending = pending;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ReferenceCountUtil.release(msg);
      pending.add(promise);
    }
  }

  @Test
  void whoeverReadsByHandGetsTheHandshake() {
    open(HttpArrangement.CODEC_AND_AGGREGATOR);
    channel.config().setAutoRead(false);
    receive(REQUEST);
    assertFalse(channel.config().isAutoRead(), "it was not us who stopped reading");
    assertEquals(List.of("completed"), outcome.events);
  }

  // HS-27
  @Test
  void moreThan1MiBBeforeThe101EndTheConnection() {
    RecordedLog log = new RecordedLog(false);
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processRequest(request -> hook);
    open(WebSocketPipeline.server().logger(log).build());
    receive(REQUEST);
    receive(new byte[1 << 20]);
    assertTrue(channel.isOpen());
    assertEquals(List.of(), log.records);
    String why = "connection rejected (client sent more than 1048576 bytes before the 101) ";
    List<String> expected = List.of("INFO " + why + channel);
    receive(new byte[1]);
    assertFalse(channel.isOpen());
    assertEquals(expected, log.records);
    hook.complete(null);
    assertEquals("", written());
  }

  // HS-27
  @Test
  void moreThan1MiBWithTheRequestEndTheConnectionBeforeAHookIsAsked() {
    List<String> asked = new ArrayList<>();
    options.processRequest(
        request -> {
          asked.add(request.uri());
          return null;
        });
    open();
    byte[] bytes = Arrays.copyOf(REQUEST.getBytes(StandardCharsets.US_ASCII), 2 << 20);
    receive(bytes);
    assertFalse(channel.isOpen());
    assertEquals("", written());
    assertEquals(List.of(), asked);
  }

  // HS-27: such as TLS, which first says that it ends
  @Test
  void nothingIsHeldOrAnsweredWhileAConnectionEndsThatSentTooMuch() {
    RecordedLog log = new RecordedLog(false);
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processRequest(request -> hook);
    open(WebSocketPipeline.server().logger(log).build());
    channel.pipeline().addFirst(new KeepOpen());
    receive(REQUEST);
    receive(new byte[(1 << 20) + 1]);
    receive(WireFrame.text(true, "late"));
    hook.complete(null);
    assertEquals("", written());
    assertEquals(List.of(), outcome.events);
    assertEquals(1, log.records.size());
  }

  @Test
  void handlersMayWriteAndCloseWhenTheHandshakeIsCompleted() {
    open();
    outcome.whenOpen = ctx -> ctx.channel().unsafe().closeForcibly();
    receive(REQUEST + "\u0081\u0080\u0000\u0000\u0000\u0000");
    assertEquals("completed", outcome.events.get(0));
    assertFalse(channel.isOpen());
  }

  // RFC 6455, section 4: nothing else is between a vanished client and the log
  @Test
  void aResetDuringTheHandshakeIsNoError() {
    open();
    channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
    assertFalse(channel.isOpen());
  }

  @Test
  void aHandlerBehindSeesOnlyWholeMessagesOfItsOwn() {
    options.passOtherRequests(true);
    List<Object> seen = new ArrayList<>();
    open();
    channel
        .pipeline()
        .addBefore(
            channel.pipeline().context(outcome).name(),
            null,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object msg) {
                seen.add(msg);
                ReferenceCountUtil.release(msg);
              }
            });
    receive("GET /other HTTP/1.1\r\nHost: h\r\n\r\n");
    assertTrue(seen.get(0) instanceof HttpRequest && seen.get(0) instanceof HttpMessage);
    assertTrue(seen.get(1) instanceof LastHttpContent);
    assertEquals(2, seen.size());
  }

  // OPT-09
  @Test
  void optionsAreChecked() {
    assertThrows(
        IllegalArgumentException.class, () -> options.openTimeout(Duration.ofSeconds(-1)).build());
    assertThrows(IllegalArgumentException.class, () -> ServerHandshakeOptions.forPath("echo"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new WebSocketServerHandshakeHandler(
                ServerHandshakeOptions.anyPath(), WebSocketPipeline.client().build()));
  }
}
