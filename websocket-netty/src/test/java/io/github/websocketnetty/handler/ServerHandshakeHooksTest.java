package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.ReadOnlyHttpHeaders;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** What hooks see and do, and what happens meanwhile. */
@ExtendWith(LeakCheck.class)
class ServerHandshakeHooksTest extends ServerHandshakeFixture {
  private static final Logger LOG = WebSocketPipeline.server().build().logger();

  // HS-30
  @Test
  void requestHookMayAnswer() {
    options.processRequest(
        request ->
            CompletableFuture.completedFuture(ServerHandshake.respond(200, "healthy\n", NOW)));
    open();
    receive("POST /echo HTTP/1.0\r\n\r\n");
    String written = assertRefused(200);
    assertTrue(written.endsWith("\r\nServer: websocket-netty\r\n\r\nhealthy\n"), written);
  }

  // HS-30
  @Test
  void requestHookMayTakeItsTime() {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processRequest(request -> hook);
    open();
    receive(REQUEST);
    receive(WireFrame.text(true, "early"));
    assertTrue(channel.config().isAutoRead(), "auto-read is the application's");
    assertEquals("", written());
    hook.complete(null);
    assertTrue(channel.config().isAutoRead());
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    assertEquals(List.of("completed", "text early"), outcome.events);
  }

  // HS-30: the client is gone, so the answer would have been the only other place to tell it
  @Test
  void hookThatFailsAfterTheClientHasGoneIsLogged() {
    RecordedLog log = new RecordedLog(false);
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processRequest(request -> hook);
    open(WebSocketPipeline.server().logger(log).build());
    receive(REQUEST);
    channel.close();
    IllegalStateException broken = new IllegalStateException("user's");
    hook.completeExceptionally(broken);
    assertEquals(List.of("ERROR processRequest failed"), log.records);
    assertEquals(List.of(broken), log.failures);
  }

  // HS-30, HS-32
  @Test
  void hooksMayCompleteOnAnotherThread() throws Exception {
    CompletableFuture<FullHttpResponse> first = new CompletableFuture<>();
    CompletableFuture<FullHttpResponse> second = new CompletableFuture<>();
    options.processRequest(request -> first).processResponse((request, response) -> second);
    EventExecutor loop = new DefaultEventExecutor();
    CompletableFuture<Boolean> decidedOnLoop = new CompletableFuture<>();
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.PUT, "/echo");
    ServerDecision decision =
        new ServerDecision(
            options.build(),
            request,
            loop,
            LOG,
            () -> decidedOnLoop.complete(loop.inEventLoop()),
            decidedOnLoop::completeExceptionally);
    loop.submit(decision::start).get(10, TimeUnit.SECONDS);
    first.complete(null);
    second.complete(ServerHandshake.respond(200, "", NOW));
    assertTrue(decidedOnLoop.get(10, TimeUnit.SECONDS));
    assertTrue(decision.isRejected());
    decision.takeResponse().release();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  // HS-38
  @Test
  void anAnswerForALoopThatIsGoneIsReleased() throws Exception {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processRequest(request -> hook);
    EventExecutor loop = new DefaultEventExecutor();
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.PUT, "/echo");
    ServerDecision decision =
        new ServerDecision(options.build(), request, loop, LOG, () -> {}, failure -> {});
    loop.submit(decision::start).get(10, TimeUnit.SECONDS);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    FullHttpResponse late = ServerHandshake.respond(200, "late", NOW);
    hook.complete(late);
    assertEquals(0, late.refCnt());
  }

  // HS-31
  @Test
  void requestHookMayAcceptAnything() {
    options.processRequest(
        request ->
            CompletableFuture.completedFuture(
                new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS)));
    open();
    receive("POST /echo HTTP/1.1\r\n\r\n");
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    assertEquals(List.of("completed"), outcome.events);
  }

  // HS-32
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void responseHookMayChangeTheResponse(boolean async) {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    options.processResponse(
        (request, response) -> {
          response.headers().set("X-Server-Seen", response.headers().get("Server"));
          return async ? hook : null;
        });
    open();
    receive(REQUEST);
    hook.complete(null);
    String written = written();
    assertTrue(written.startsWith("HTTP/1.1 101 "), written);
    assertTrue(written.contains("X-Server-Seen: websocket-netty\r\n"), written);
    assertNotNull(outcome.completed.response().headers().get("X-Server-Seen"));
  }

  // HS-32
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void responseHookMayReplaceTheResponse(boolean accepted) {
    options.processResponse(
        (request, response) -> {
          assertEquals(accepted ? 101 : 405, response.status().code());
          return CompletableFuture.completedFuture(ServerHandshake.respond(418, "tea\n", NOW));
        });
    open();
    receive(accepted ? REQUEST : REQUEST.replace("GET", "PUT"));
    String written = assertRefused(418);
    assertFalse(written.contains("Server:"), "a replacement brings its own");
  }

  // HS-32
  @Test
  void responseHookMayReturnTheSameResponse() {
    options.processResponse((request, response) -> CompletableFuture.completedFuture(response));
    open();
    receive(REQUEST);
    assertEquals(List.of("completed"), outcome.events);
  }

  // HS-33, HS-21
  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void failingHooksAreInternalErrors(boolean first, boolean async) {
    CompletableFuture<FullHttpResponse> failed =
        CompletableFuture.failedFuture(new IllegalStateException("secret"));
    if (first) {
      options.processRequest(request -> async ? failed : broken());
    } else {
      options.processResponse((request, response) -> async ? failed : broken());
    }
    open();
    receive(REQUEST);
    assertTrue(assertRefused(500).endsWith("\r\n\r\n" + GENERIC));
  }

  // HS-33: a stage that others have written may refuse to tell
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHookWhoseStageCannotBeUsedIsAnInternalError(boolean first) {
    CompletableFuture<FullHttpResponse> unusable =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<FullHttpResponse> whenComplete(
              BiConsumer<? super FullHttpResponse, ? super Throwable> action) {
            throw new IllegalStateException("no listeners");
          }
        };
    if (first) {
      options.processRequest(request -> unusable);
    } else {
      options.processResponse((request, response) -> unusable);
    }
    open();
    receive(REQUEST);
    assertTrue(assertRefused(500).endsWith("\r\n\r\n" + GENERIC));
  }

  // HS-34
  @Test
  void anImpossibleStatusIsAnInternalError() {
    options.processRequest(
        request -> CompletableFuture.completedFuture(ServerHandshake.respond(999, "", NOW)));
    open();
    receive(REQUEST);
    assertRefused(500);
  }

  // HS-35
  @Test
  void requestHookMayChangeTheRequest() {
    options.processRequest(
        request -> {
          request.headers().remove("Sec-WebSocket-Key");
          return null;
        });
    open(HttpArrangement.CODEC_AND_AGGREGATOR);
    receive(REQUEST);
    assertTrue(assertRefused(400).contains("missing Sec-WebSocket-Key header"));
  }

  // HS-36
  @Test
  void invalidHeadersOfAHookAreAnInternalError() {
    options.processResponse(
        (request, response) -> {
          response.headers().set("X", "\u20AC");
          return null;
        });
    open();
    receive(REQUEST);
    assertRefused(500);
  }

  // HS-37
  @Test
  void nothingOpensWhileTheServerShutsDown() {
    options.acceptingConnections(() -> false);
    open();
    receive(REQUEST);
    assertTrue(assertRefused(503).endsWith("\r\n\r\nServer is shutting down.\n"));
    open();
    receive(REQUEST.replace("GET", "PUT"));
    assertRefused(405);
  }

  // HS-38
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aConnectionLostDuringAHookIsLeftAlone(boolean first) {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    if (first) {
      options.processRequest(request -> hook);
    } else {
      options.processResponse((request, response) -> hook);
    }
    open();
    receive(REQUEST);
    receive(WireFrame.text(true, "early"));
    channel.close();
    hook.complete(ServerHandshake.respond(200, "too late", NOW));
    channel.runPendingTasks();
    assertEquals("", written());
    assertEquals(List.of(), outcome.events);
  }

  // HS-38
  @Test
  void aHookMayCloseTheConnection() {
    options.processRequest(
        request -> {
          channel.close();
          return null;
        });
    open();
    receive(REQUEST);
    assertEquals("", written());
    assertEquals(List.of(), outcome.events);
  }

  private static CompletableFuture<FullHttpResponse> broken() {
    throw new IllegalStateException("secret");
  }

  // HS-33: an Error is no better than an exception
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void hookThatThrowsAnErrorIsAnsweredWith500(boolean request) {
    if (request) {
      options.processRequest(
          seen -> {
            throw new AssertionError("expected");
          });
    } else {
      options.processResponse(
          (seen, response) -> {
            throw new AssertionError("expected");
          });
    }
    open();
    receive(REQUEST);
    assertTrue(assertRefused(500).endsWith(GENERIC));
  }

  // HS-21
  @Test
  void selectorThatThrowsAnErrorIsAnsweredWith500() {
    options.subprotocolSelector(
        (seen, offered) -> {
          throw new AssertionError("expected");
        });
    open();
    receive(REQUEST);
    assertTrue(assertRefused(500).endsWith(GENERIC));
  }

  // HS-33: what a hook answers with may be what cannot be completed
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answerWhoseHeadersCannotBeChangedIsReplacedBy500(boolean async) {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    FullHttpResponse answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.OK,
            Unpooled.copiedBuffer("fine", StandardCharsets.US_ASCII),
            new ReadOnlyHttpHeaders(true, "X-Fixed", "yes"),
            EmptyHttpHeaders.INSTANCE);
    options.processRequest(seen -> async ? hook : CompletableFuture.completedFuture(answer));
    open();
    receive(REQUEST);
    hook.complete(answer);
    assertTrue(assertRefused(500).endsWith(GENERIC));
    assertEquals(0, answer.refCnt());
  }

  /** Thrown by a clock, in place of a Netty in which a method is missing. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anErrorEndsTheConnectionAtOnce(boolean isHookLate) {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    RecordedLog log = new RecordedLog();
    options
        .clock(new BrokenClock(new NoSuchMethodError("isMissing")))
        .processRequest(request -> isHookLate ? hook : null);
    open(WebSocketPipeline.server().logger(log).build());
    receive(REQUEST);
    hook.complete(null);
    channel.runPendingTasks();
    assertFalse(channel.isOpen());
    assertEquals("", written());
    assertEquals(1, Collections.frequency(log.records, "ERROR opening handshake failed"));
  }

  @Test
  void anErrorOfAHandlerInFrontEndsTheConnectionAtOnce() {
    open();
    channel.pipeline().fireExceptionCaught(new NoSuchMethodError("isMissing"));
    assertFalse(channel.isOpen());
  }

  private static final class BrokenClock extends Clock {
    private final Error failure;

    BrokenClock(Error failure) {
      this.failure = failure;
    }

    @Override
    public Instant instant() {
      throw failure;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
