package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.TestProxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client behind proxies. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class WebSocketProxyTest {
  private final WebSocketServer.Builder echo =
      WebSocketServer.builder().anyPath(connection -> connection.forEachAsync(connection::send));
  private WebSocketServer plain;
  private WebSocketServer secure;
  private WebSocketClient client;

  @BeforeEach
  void startServers() throws Exception {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    plain = echo.bind(loopback).get(10, TimeUnit.SECONDS);
    secure = echo.tls(TestCertificate.server()).bind(loopback).get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeAll() throws Exception {
    if (client != null) {
      client.close().get(10, TimeUnit.SECONDS);
    }
    plain.close().get(10, TimeUnit.SECONDS);
    secure.close().get(10, TimeUnit.SECONDS);
  }

  private CompletableFuture<Connection> connect(WebSocketClient.Builder builder, String uri) {
    client = builder.build();
    return client.connect(URI.create(uri));
  }

  private static WebSocketClient.Builder through(String proxy) {
    return WebSocketClient.builder().proxy(URI.create(proxy));
  }

  private static void assertEcho(CompletableFuture<Connection> connecting) throws Exception {
    Connection connection = connecting.get(10, TimeUnit.SECONDS);
    connection.send("hello");
    assertEquals("hello", connection.recvText().get(10, TimeUnit.SECONDS));
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS))
        .getCause();
  }

  private static HandshakeException refusal(CompletableFuture<?> future) {
    HandshakeException refusal = assertInstanceOf(HandshakeException.class, failure(future));
    assertEquals(Reason.PROXY, refusal.reason());
    return refusal;
  }

  // CLI-12: HTTPProxyClientTests; the name is for the proxy to look up
  @Test
  void httpProxyIsAskedToConnect() throws Exception {
    try (TestProxy proxy = new TestProxy(plain.port())) {
      assertEcho(
          connect(through("http://us%65r:p%3Aw@localhost:" + proxy.port()), "ws://name.invalid/"));
      String request = proxy.request();
      assertTrue(request.startsWith("CONNECT name.invalid:80 HTTP/1.1\r\n"), request);
      assertTrue(
          request.toLowerCase(Locale.ROOT).contains("\r\nhost: name.invalid:80\r\n"), request);
      // user:p:w
      assertTrue(request.contains("uthorization: Basic dXNlcjpwOnc=\r\n"), request);
    }
  }

  // CLI-13: test_https_proxy, test_secure_https_proxy
  @Test
  void tlsGoesThroughTls() throws Exception {
    ServerSocketFactory sockets = TestCertificate.context().getServerSocketFactory();
    try (TestProxy proxy = new TestProxy(sockets, secure.port(), "HTTP/1.1 200 OK\r\n\r\n")) {
      assertEcho(
          connect(
              through("https://localhost:" + proxy.port())
                  .tls(TestCertificate.client())
                  .proxyTls(TestCertificate.client()),
              "wss://localhost/"));
      assertTrue(proxy.request().startsWith("CONNECT localhost:443 HTTP/1.1\r\n"));
    }
  }

  // CLI-12
  @ParameterizedTest
  @ValueSource(strings = {"ws", "wss"})
  void proxyMayRefuse(String scheme) throws Exception {
    String answer =
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n"
            + "Proxy-Authenticate: Basic realm=\"x\"\r\n\r\n";
    try (TestProxy proxy = new TestProxy(ServerSocketFactory.getDefault(), plain.port(), answer)) {
      HandshakeException refusal =
          refusal(connect(through("http://localhost:" + proxy.port()), scheme + "://localhost/"));
      assertEquals("proxy rejected connection: HTTP 407", refusal.getMessage());
    }
  }

  // CLI-12
  @ParameterizedTest
  @ValueSource(strings = {"", "hello\r\n\r\n"})
  void proxyMayNotUnderstand(String answer) throws Exception {
    try (TestProxy proxy = new TestProxy(ServerSocketFactory.getDefault(), plain.port(), answer)) {
      HandshakeException refusal =
          refusal(connect(through("http://localhost:" + proxy.port()), "ws://localhost/"));
      assertEquals("failed to connect through proxy", refusal.getMessage());
    }
  }

  // CLI-14: SocksProxyClientTests; who looks up the name
  @ParameterizedTest
  @CsvSource({
    "socks5h://, ws://name.invalid/, socks5  name.invalid:80",
    "socks5h://user:pw@, ws://name.invalid/, socks5 user/pw name.invalid:80",
    "socks5://, ws://127.0.0.1:81/, socks5  127.0.0.1:81",
    "socks4a://user:@, ws://name.invalid/, socks4 user name.invalid:80",
    "socks4://, ws://127.0.0.1:81/, socks4  127.0.0.1:81",
  })
  void socksProxyIsAskedToConnect(String proxyUri, String uri, String request) throws Exception {
    try (TestProxy proxy = new TestProxy(plain.port())) {
      assertEcho(connect(through(proxyUri + "localhost:" + proxy.port()), uri));
      assertEquals(request, proxy.request());
    }
  }

  // CLI-14: OS errors pass through
  @ParameterizedTest
  @ValueSource(strings = {"socks5", "socks4"})
  void nameThatIsLookedUpHereMayBeUnknown(String scheme) throws Exception {
    try (TestProxy proxy = new TestProxy(plain.port())) {
      CompletableFuture<Connection> connecting =
          connect(through(scheme + "://localhost:" + proxy.port()), "ws://name.invalid/");
      assertInstanceOf(UnknownHostException.class, failure(connecting));
    }
  }

  @Test
  void absenceOfTheProxyIsTold() {
    assertInstanceOf(
        ConnectException.class, failure(connect(through("http://127.0.0.1:1"), "ws://h/")));
    client.close();
    assertInstanceOf(
        UnknownHostException.class, failure(connect(through("http://h.invalid"), "ws://h/")));
  }

  // OPT-20: test_http_proxy_connection_timeout, test_socks_proxy_connection_timeout
  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5h", "socks4a"})
  void openTimeoutIsOverTheProxyToo(String scheme) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      client = through(scheme + "://localhost:" + silent.getLocalPort()).build();
      ClientHandshakeOptions handshake =
          ClientHandshakeOptions.builder(URI.create("ws://localhost/"))
              .openTimeout(Duration.ofMillis(50))
              .build();
      HandshakeException timeout =
          assertInstanceOf(HandshakeException.class, failure(client.connect(handshake)));
      assertEquals(Reason.TIMEOUT, timeout.reason());
    }
  }

  // CLI-10
  @Test
  void environmentMayNameTheProxy() throws Exception {
    try (TestProxy proxy = new TestProxy(plain.port())) {
      Map<String, String> environment =
          Map.of("https_proxy", "http://localhost:" + proxy.port(), "no_proxy", "127.0.0.1");
      assertEcho(
          connect(
              WebSocketClient.builder().proxyFromEnvironment(environment), "ws://name.invalid/"));
      assertTrue(proxy.request().startsWith("CONNECT name.invalid:80 "));
      assertEcho(client.connect(URI.create("ws://127.0.0.1:" + plain.port() + "/")));
    }
    assertTrue(WebSocketClient.builder().proxyFromEnvironment() != null);
  }

  // CLI-08
  @Test
  void noProxyLeadsToUnixDomainSockets() {
    WebSocketClient.Builder builder =
        through("http://localhost").address(UnixDomainSocketAddress.of("socket"));
    assertThrows(IllegalArgumentException.class, builder::build);
  }
}
