package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One connection after the other. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class ReconnectingClientTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final SocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final WebSocketClient webSockets = WebSocketClient.create();
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
  private WebSocketServer server;
  private ReconnectingClient client;

  @BeforeEach
  void startServer() throws Exception {
    server = start(LOOPBACK, path -> null);
  }

  @AfterEach
  void closeAll() throws Exception {
    if (client != null) {
      client.stop().handle((nothing, failure) -> null).get(30, TimeUnit.SECONDS);
    }
    webSockets.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  private WebSocketServer start(SocketAddress address, Function<String, FullHttpResponse> hook)
      throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request -> {
                  requests.add(request.uri() + " " + request.headers().get("X-Token"));
                  return CompletableFuture.completedFuture(hook.apply(request.uri()));
                })
            .build();
    return WebSocketServer.builder()
        .handshake(handshake)
        .anyPath(
            connection -> {
              served.add(connection);
              return connection.waitClosed();
            })
        .bind(address)
        .get(30, TimeUnit.SECONDS);
  }

  private void restart(Function<String, FullHttpResponse> hook) throws Exception {
    SocketAddress address = server.address();
    server.close().get(30, TimeUnit.SECONDS);
    server = start(address, hook);
  }

  private URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  private ReconnectingClient.Builder builder(Endpoint endpoint) {
    return ReconnectingClient.builder(webSockets, uri("/"), endpoint)
        .lasting(Duration.ZERO)
        .delays(() -> Stream.generate(() -> Duration.ofMillis(20)).iterator())
        .listener(new Log());
  }

  private ReconnectingClient.Builder builder() {
    return builder(Connection::waitClosed);
  }

  private class Log implements ReconnectingClient.Listener {
    @Override
    public void connecting(int attempt) {
      log.add("connecting " + attempt);
    }

    @Override
    public void connected(Connection opened) {
      log.add("connected");
      connections.add(opened);
    }

    @Override
    public void waiting(int attempt, Throwable cause, Duration delay) {
      log.add(
          "waiting " + attempt + " " + cause.getClass().getSimpleName() + " " + delay.toMillis());
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T next = queue.poll(30, TimeUnit.SECONDS);
    assertTrue(next != null, "nothing came");
    return next;
  }

  private void assertLog(String... lines) throws InterruptedException {
    for (String line : lines) {
      assertEquals(line, next(log));
    }
  }

  private static void await(CompletableFuture<?> future) throws Exception {
    future.get(30, TimeUnit.SECONDS);
  }

  private Throwable failure() {
    return assertThrows(
            ExecutionException.class, () -> client.waitStopped().get(30, TimeUnit.SECONDS))
        .getCause();
  }

  // CLI-20: test_reconnect
  @Test
  void nextConnectionFollowsAtOnceAfterOneThatHasLasted() throws Exception {
    client = builder().start();
    assertLog("connecting 1", "connected");
    next(served).close(1012, "");
    assertLog("waiting 1 ConnectionClosedErrorException 0", "connecting 1", "connected");
    next(served).close();
    assertLog("waiting 1 ConnectionClosedOkException 0", "connecting 1", "connected");
  }

  // CLI-20, CLI-23: short lives are failures
  @Test
  void connectionThatDiedYoungIsFollowedAfterADelay() throws Exception {
    client =
        builder()
            .lasting(LONG)
            .delays(() -> List.of(Duration.ofMillis(30), Duration.ofMillis(40), LONG).iterator())
            .start();
    assertLog("connecting 1", "connected");
    next(served).close();
    assertLog("waiting 1 ConnectionClosedOkException 30", "connecting 2", "connected");
    next(served).close();
    assertLog("waiting 2 ConnectionClosedOkException 40", "connecting 3", "connected");
    next(served).close();
    assertLog("waiting 3 ConnectionClosedOkException " + LONG.toMillis());
    await(client.stop());
  }

  // CLI-20: test_reconnect: the endpoint's end closes with 1000
  @Test
  void endpointThatIsDoneGetsTheNextConnection() throws Exception {
    client = builder(connection -> null).start();
    next(served);
    Connection second = next(served);
    await(second.waitClosed());
    assertEquals(1000, second.closeCode().orElseThrow());
  }

  // CLI-21
  @Test
  void failureOfTheEndpointEndsAll() throws Exception {
    IllegalStateException bug = new IllegalStateException("expected");
    client = builder(connection -> CompletableFuture.failedFuture(bug)).start();
    assertEquals(bug, failure());
    Connection connection = next(served);
    await(connection.waitClosed());
    assertEquals(1011, connection.closeCode().orElseThrow());
  }

  // CLI-21: that the connection is closed is no failure of the endpoint
  @Test
  void endOfTheConnectionIsNoFailureOfTheEndpoint() throws Exception {
    client = builder(connection -> connection.recv()).start();
    assertLog("connecting 1", "connected");
    next(served).close(4000, "");
    assertLog("waiting 1 ConnectionClosedErrorException 0", "connecting 1", "connected");
  }

  // CLI-23, CLI-25: test_reconnect; the sequence begins anew after success
  @Test
  void serverThatComesBackIsFound() throws Exception {
    client = builder().start();
    assertLog("connecting 1", "connected");
    SocketAddress address = server.address();
    await(server.close());
    assertLog("waiting 1 ConnectionClosedOkException 0");
    assertLog("connecting 1");
    // Refused, or sent away by a server that is about to close its socket.
    assertTrue(next(log).matches("waiting 1 \\w+ 20"));
    assertLog("connecting 2");
    server = start(address, path -> null);
    String line = next(log);
    while (!line.equals("connected")) {
      line = next(log);
    }
    next(served);
    next(served).close();
    assertTrue(next(log).matches("waiting \\d+ ConnectionClosedOkException 0"));
    assertLog("connecting 1", "connected");
  }

  // CLI-25: test_reconnect (503 retried, 402 fatal)
  @Test
  void refusalMayPassOrStay() throws Exception {
    restart(path -> ServerHandshake.respond(requests.size() < 3 ? 503 : 402, "", Instant.EPOCH));
    client = builder().start();
    InvalidStatusException refusal = assertInstanceOf(InvalidStatusException.class, failure());
    assertEquals(402, refusal.response().status().code());
    assertLog(
        "connecting 1",
        "waiting 1 InvalidStatusException 20",
        "connecting 2",
        "waiting 2 InvalidStatusException 20",
        "connecting 3");
    assertEquals(0, log.size());
  }

  // CLI-22: test_reconnect_with_custom_process_exception
  @Test
  void userDecidesWhatIsWorthAnotherAttempt() throws Exception {
    restart(path -> requests.size() < 2 ? ServerHandshake.respond(404, "", Instant.EPOCH) : null);
    client = builder().retryIf(failure -> failure instanceof InvalidStatusException).start();
    assertLog("connecting 1", "waiting 1 InvalidStatusException 20", "connecting 2", "connected");
  }

  // CLI-24
  @Test
  void endOfTheDelaysIsTheEnd() throws Exception {
    await(server.close());
    client = builder().delays(() -> List.of(Duration.ofMillis(1)).iterator()).start();
    assertInstanceOf(ConnectException.class, failure());
    assertLog("connecting 1");
    assertTrue(next(log).startsWith("waiting 1"));
    assertLog("connecting 2");
  }

  // CLI-06
  @ParameterizedTest
  @CsvSource({"301, 1", "302, 2", "307, 2", "308, 1"})
  void permanentRedirectIsRemembered(int status, int requestsOfTheSecond) throws Exception {
    restart(
        path -> {
          if (!path.equals("/")) {
            return null;
          }
          FullHttpResponse response = ServerHandshake.respond(status, "", Instant.EPOCH);
          response.headers().add("Location", "/there");
          return response;
        });
    client = builder().start();
    Connection first = next(served);
    assertEquals("/there", first.request().orElseThrow().uri());
    assertEquals(2, requests.size());
    requests.clear();
    first.close();
    next(served);
    assertEquals(requestsOfTheSecond, requests.size());
  }

  @Test
  void optionsMayChangeBeforeEachAttempt() throws Exception {
    int[] token = new int[1];
    client =
        builder()
            .beforeAttempt(
                options -> options.toBuilder().header("X-Token", "t" + ++token[0]).build())
            .start();
    assertEquals("/ t1", next(requests));
    next(served).close();
    assertEquals("/ t2", next(requests));
  }

  @Test
  void stoppingClosesTheConnection() throws Exception {
    client = builder().start();
    Connection connection = next(served);
    assertEquals(next(connections), client.connection().orElseThrow());
    await(client.stop());
    await(connection.waitClosed());
    assertEquals(1000, connection.closeCode().orElseThrow());
    assertTrue(client.connection().isEmpty());
    assertLog("connecting 1", "connected");
    assertEquals(0, log.size());
  }

  @Test
  void stoppingGivesUpWaiting() throws Exception {
    await(server.close());
    client = builder().delays(() -> List.of(LONG).iterator()).start();
    assertLog("connecting 1");
    assertTrue(next(log).startsWith("waiting 1"));
    await(client.stop());
  }

  @Test
  void stoppingGivesUpConnecting() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("ws://127.0.0.1:" + silent.getLocalPort() + "/");
      client = ReconnectingClient.builder(webSockets, uri, c -> null).start();
      silent.accept().close();
      CompletableFuture<Void> end = client.stop();
      client.waitStopped().complete(null);
      await(end);
    }
  }

  @Test
  void stoppingTwiceIsStoppingOnce() throws Exception {
    client = builder().start();
    next(served);
    client.stop();
    await(client.stop());
    await(client.stop());
  }

  @Test
  void endOfTheEventLoopIsTheEnd() throws Exception {
    client = builder().lasting(LONG).delays(() -> List.of(LONG).iterator()).start();
    next(connections);
    await(webSockets.close());
    assertInstanceOf(IllegalStateException.class, failure());
    assertFalse(client.stop().isCancelled());
  }

  @Test
  void listenerThatFailsChangesNothing() throws Exception {
    ReconnectingClient.Listener failing =
        new ReconnectingClient.Listener() {
          @Override
          public void connecting(int attempt) {
            throw new IllegalStateException("expected");
          }
        };
    client = builder().listener(failing).start();
    next(served);
    assertThrows(
        IllegalArgumentException.class, () -> builder().lasting(Duration.ofMillis(-1)).start());
  }

  // CLI-22: test_reconnect_with_custom_process_exception_raising_exception
  @Test
  void decisionThatFailsEndsAll() throws Exception {
    await(server.close());
    IllegalStateException bug = new IllegalStateException("expected");
    client =
        builder()
            .retryIf(
                failure -> {
                  throw bug;
                })
            .start();
    assertEquals(bug, failure());
  }

  @Test
  void delaysThatFailEndAll() throws Exception {
    IllegalStateException bug = new IllegalStateException("expected");
    client =
        builder()
            .delays(
                () -> {
                  throw bug;
                })
            .start();
    assertEquals(bug, failure());
    await(server.close());
    Iterator<Duration> failing = Stream.<Duration>generate(() -> sneak(bug)).iterator();
    client = builder().delays(() -> failing).start();
    assertEquals(bug, failure());
    client = builder().delays(() -> Collections.singletonList((Duration) null).iterator()).start();
    assertInstanceOf(NullPointerException.class, failure());
  }

  private static Duration sneak(RuntimeException failure) {
    throw failure;
  }

  @Test
  void delaysThatFailAfterAConnectionEndAll() throws Exception {
    IllegalStateException bug = new IllegalStateException("expected");
    int[] calls = new int[1];
    client =
        builder()
            .delays(
                () -> {
                  if (++calls[0] > 1) {
                    throw bug;
                  }
                  return List.of(LONG).iterator();
                })
            .start();
    next(served).close();
    assertEquals(bug, failure());
  }

  @Test
  void delayMayBeForEver() throws Exception {
    await(server.close());
    Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
    client =
        builder()
            .delays(() -> List.of(forEver).iterator())
            .listener(
                new Log() {
                  @Override
                  public void waiting(int attempt, Throwable cause, Duration delay) {
                    log.add("waiting " + delay);
                  }
                })
            .start();
    assertLog("connecting 1", "waiting " + forEver);
    await(client.stop());
  }

  @Test
  void listenerThatThrowsAnErrorChangesNothing() throws Exception {
    client =
        builder()
            .listener(
                new ReconnectingClient.Listener() {
                  @Override
                  public void connected(Connection opened) {
                    throw new AssertionError("expected");
                  }
                })
            .start();
    next(served).close();
    next(served);
  }

  @Test
  void changeOfOptionsThatFailsEndsAll() throws Exception {
    AssertionError bug = new AssertionError("expected");
    client =
        builder()
            .beforeAttempt(
                options -> {
                  throw bug;
                })
            .start();
    assertEquals(bug, failure());
  }

  @Test
  void clientThatIsClosedConnectsNoMore() throws Exception {
    await(webSockets.close());
    client = builder().start();
    assertInstanceOf(IllegalStateException.class, failure());
  }

  /** Counts who waits for its end. */
  private static final class WatchedGroup extends MultiThreadIoEventLoopGroup {
    final AtomicInteger listeners = new AtomicInteger();
    private final Promise<Object> end =
        new DefaultPromise<>(GlobalEventExecutor.INSTANCE) {
          @Override
          public Promise<Object> addListener(
              GenericFutureListener<? extends io.netty.util.concurrent.Future<? super Object>> it) {
            listeners.incrementAndGet();
            return super.addListener(it);
          }

          @Override
          public Promise<Object> removeListener(
              GenericFutureListener<? extends io.netty.util.concurrent.Future<? super Object>> it) {
            listeners.decrementAndGet();
            return super.removeListener(it);
          }
        };

    WatchedGroup() {
      super(1, NioIoHandler.newFactory());
    }

    @Override
    public io.netty.util.concurrent.Future<?> terminationFuture() {
      return end;
    }
  }

  @Test
  void nothingIsLeftBehindAtAnEventLoopThatGoesOn() throws Exception {
    WatchedGroup group = new WatchedGroup();
    WebSocketClient own =
        WebSocketClient.builder()
            .bootstrap(new Bootstrap().group(group).channel(NioSocketChannel.class))
            .build();
    client = ReconnectingClient.builder(own, uri("/"), Connection::waitClosed).start();
    next(served);
    assertEquals(1, group.listeners.get());
    await(client.stop());
    assertEquals(0, group.listeners.get());
    await(own.close());
    group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS);
  }
}
