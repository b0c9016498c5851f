package io.github.websocketnetty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ProxyException;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.TestProxy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CLI-25: which failures of proxies are followed by another attempt. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class ReconnectingProxyTest {
  private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private final BlockingQueue<Duration> delays = new LinkedBlockingQueue<>();
  private WebSocketServer server;
  private WebSocketClient webSockets;
  private ReconnectingClient client;

  @BeforeEach
  void startServer() throws Exception {
    server =
        WebSocketServer.builder()
            .anyPath(Connection::waitClosed)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeAll() throws Exception {
    client.stop().handle((nothing, failure) -> null).get(30, TimeUnit.SECONDS);
    webSockets.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  /** Returns a future of the first connection, which fails when the client gives up. */
  private CompletableFuture<Connection> start(String proxy, Duration delay) {
    webSockets = WebSocketClient.builder().proxy(URI.create(proxy)).build();
    CompletableFuture<Connection> connected = new CompletableFuture<>();
    client =
        ReconnectingClient.builder(
                webSockets, URI.create("ws://127.0.0.1:81/"), Connection::waitClosed)
            .delays(() -> Stream.generate(() -> delay).iterator())
            .listener(
                new ReconnectingClient.Listener() {
                  @Override
                  public void connected(Connection opened) {
                    connected.complete(opened);
                  }

                  @Override
                  public void waiting(int attempt, Throwable cause, Duration wait) {
                    failures.add(cause);
                    delays.add(wait);
                  }
                })
            .start();
    client
        .waitStopped()
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                connected.completeExceptionally(failure);
              }
            });
    return connected;
  }

  private CompletableFuture<Connection> start(String scheme, TestProxy proxy) {
    return start(scheme + "://localhost:" + proxy.port(), Duration.ofMillis(1));
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(30, TimeUnit.SECONDS))
        .getCause();
  }

  private static String http(int status) {
    return "HTTP/1.1 " + status + " Text\r\nContent-Length: 0\r\n\r\n";
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void troubleOfAnHttpProxyPasses(int status) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst(http(status), http(status));
      start("http", proxy).get(30, TimeUnit.SECONDS);
      assertEquals(2, failures.size());
      ProxyException refusal = assertInstanceOf(ProxyException.class, failures.remove());
      assertEquals(OptionalInt.of(status), refusal.httpStatus());
      assertEquals(OptionalInt.empty(), refusal.socksReply());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 407, 501})
  void refusalOfAnHttpProxyStays(int status) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst(http(status));
      ProxyException refusal =
          assertInstanceOf(ProxyException.class, failure(start("http", proxy)));
      assertEquals(OptionalInt.of(status), refusal.httpStatus());
      assertEquals("proxy rejected connection: HTTP " + status, refusal.getMessage());
      assertEquals("0", refusal.responseHeaders().get("Content-Length"));
      assertTrue(failures.isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({"socks5, 1", "socks5h, 3", "socks5, 4", "socks5h, 5", "socks5, 6", "socks4, 91"})
  void troubleOfSocksPasses(String scheme, int reply) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst("" + reply, "" + reply);
      start(scheme, proxy).get(30, TimeUnit.SECONDS);
      assertEquals(2, failures.size());
      ProxyException refusal = assertInstanceOf(ProxyException.class, failures.remove());
      assertEquals(OptionalInt.of(reply), refusal.socksReply());
      assertEquals(OptionalInt.empty(), refusal.httpStatus());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "socks5, 2, not allowed by the proxy's rules",
    "socks5h, 7, command not supported",
    "socks5, 8, address type not supported",
    "socks4, 92, the proxy cannot ask this machine who the user is",
    "socks4a, 93, this machine says that the user is another",
    "socks5, 9, unknown",
  })
  void refusalOfSocksStays(String scheme, int reply, String meaning) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst("" + reply);
      ProxyException refusal =
          assertInstanceOf(ProxyException.class, failure(start(scheme, proxy)));
      assertEquals(OptionalInt.of(reply), refusal.socksReply());
      assertEquals(
          "proxy rejected connection: SOCKS reply " + reply + ", " + meaning, refusal.getMessage());
      assertTrue(failures.isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http, ''",
    "http, reset",
    "socks5h, ''",
    "socks5h, reset",
    "socks5, ''",
    "socks5, reset",
    "socks4a, reset",
  })
  void proxyThatEndsTheConnectionIsAskedAgain(String scheme, String end) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst(end, end);
      start(scheme, proxy).get(30, TimeUnit.SECONDS);
      assertEquals(2, failures.size());
      ProxyException failure = assertInstanceOf(ProxyException.class, failures.remove());
      assertInstanceOf(IOException.class, failure.getCause());
      assertEquals(OptionalInt.empty(), failure.httpStatus());
    }
  }

  @Test
  void proxyThatIsAbsentIsAskedAgain() throws Exception {
    TestProxy absent = new TestProxy(server.port());
    absent.close();
    CompletableFuture<Connection> connecting = start("http", absent);
    assertInstanceOf(ConnectException.class, failures.poll(30, TimeUnit.SECONDS));
    assertInstanceOf(ConnectException.class, failures.poll(30, TimeUnit.SECONDS));
    assertTrue(!connecting.isDone());
  }

  // What it says is no answer of the server behind it. Netty takes it for reply 91 of SOCKS 4.
  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5h", "socks5"})
  void proxyThatSpeaksAnotherProtocolIsLeft(String scheme) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst("hello, this is no proxy\r\n\r\n");
      ProxyException failure =
          assertInstanceOf(ProxyException.class, failure(start(scheme, proxy)));
      assertEquals("failed to connect through proxy", failure.getMessage());
      assertEquals(OptionalInt.empty(), failure.httpStatus());
    }
  }

  @Test
  void whatComesBehindARefusalIsNotTakenForTheServers() throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst(http(403) + "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
      ProxyException refusal =
          assertInstanceOf(ProxyException.class, failure(start("http", proxy)));
      assertEquals(OptionalInt.of(403), refusal.httpStatus());
      assertTrue(failures.isEmpty());
    }
  }

  @Test
  void proxyWithoutTlsIsLeft() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Connection> connecting =
          start("https://localhost:" + plain.getLocalPort(), Duration.ofMillis(1));
      try (Socket socket = plain.accept()) {
        socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
        assertInstanceOf(ProxyException.class, failure(connecting));
      }
      assertTrue(failures.isEmpty());
    }
  }

  @Test
  void proxyWithAWrongCertificateIsLeft() throws Exception {
    ServerSocketFactory sockets = TestCertificate.context().getServerSocketFactory();
    try (TestProxy proxy = new TestProxy(sockets, server.port(), http(200))) {
      ProxyException failure =
          assertInstanceOf(ProxyException.class, failure(start("https", proxy)));
      assertInstanceOf(SSLException.class, failure.getCause());
      assertTrue(failures.isEmpty());
    }
  }

  @Test
  void proxySaysHowLongToWait() throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      proxy.failFirst(
          "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 503 Busy\r\n\r\nwith a body to the end of the connection");
      start("http", proxy).get(30, TimeUnit.SECONDS);
      assertEquals(Duration.ofSeconds(1), delays.remove());
      assertEquals(Duration.ofMillis(1), delays.remove());
      failures.remove();
      ProxyException refusal = assertInstanceOf(ProxyException.class, failures.remove());
      assertEquals(OptionalInt.of(503), refusal.httpStatus());
    }
  }
}
