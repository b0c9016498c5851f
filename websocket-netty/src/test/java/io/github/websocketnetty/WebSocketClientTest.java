package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.StoppedClock;
import io.github.websocketnetty.support.TestCertificate;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client in one call: how it gets to a server, and how it does not. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class WebSocketClientTest {
  private static final SocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path folder;

  private final List<WebSocketServer> servers = new ArrayList<>();
  private final List<WebSocketClient> clients = new ArrayList<>();
  private final BlockingQueue<HttpRequest> requests = new LinkedBlockingQueue<>();
  private StoppedClock clock;
  private volatile String cookie; // that redirects set, null for none

  @AfterEach
  void closeAll() throws Exception {
    for (WebSocketClient client : clients) {
      client.close().get(30, TimeUnit.SECONDS);
    }
    for (WebSocketServer server : servers) {
      server.close().get(30, TimeUnit.SECONDS);
    }
    if (clock != null) {
      clock.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private WebSocketClient client(WebSocketClient.Builder builder) {
    WebSocketClient client = builder.build();
    clients.add(client);
    return client;
  }

  /** Its open timeout expires when the clock says so. */
  private WebSocketClient.Builder timeless() {
    clock = new StoppedClock();
    return WebSocketClient.builder()
        .bootstrap(new Bootstrap().group(clock).channel(NioSocketChannel.class));
  }

  private WebSocketClient client() {
    return client(WebSocketClient.builder());
  }

  /** Starts a server that echoes, after redirecting {@code /n} to {@code /n-1} until 0. */
  private WebSocketServer start(WebSocketServer.Builder builder, SocketAddress address)
      throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request -> {
                  requests.add(request);
                  return redirect(request.uri());
                })
            .build();
    WebSocketServer server =
        builder
            .handshake(handshake)
            .anyPath(connection -> connection.forEachAsync(connection::send))
            .bind(address)
            .get(30, TimeUnit.SECONDS);
    servers.add(server);
    return server;
  }

  private CompletionStage<FullHttpResponse> redirect(String path) {
    String location = path.substring(1);
    if (location.matches("[1-9]\\d*")) {
      location = "/" + (Integer.parseInt(location) - 1);
    } else if (!location.contains("//")) {
      return null;
    }
    FullHttpResponse response = ServerHandshake.respond(302, "", Instant.EPOCH);
    response.headers().add("Location", location);
    if (cookie != null) {
      response.headers().add("Set-Cookie", cookie);
    }
    return CompletableFuture.completedFuture(response);
  }

  private WebSocketServer start() throws Exception {
    return start(WebSocketServer.builder(), LOOPBACK);
  }

  private static URI uri(WebSocketServer server, String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  private static Connection await(CompletableFuture<Connection> connection) throws Exception {
    return connection.get(30, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(30, TimeUnit.SECONDS))
        .getCause();
  }

  private static Connection assertEcho(CompletableFuture<Connection> connecting) throws Exception {
    Connection connection = await(connecting);
    connection.send("hello");
    assertEquals("hello", connection.recvText().get(30, TimeUnit.SECONDS));
    return connection;
  }

  // CLI-01: test_connection; HS-40
  @Test
  void connectionIsOpenedByUri() throws Exception {
    WebSocketServer server = start();
    URI uri = URI.create("ws://user:pw@localhost:" + server.port() + "/path?query");
    Connection connection = assertEcho(client().connect(uri));
    HttpRequest request = requests.remove();
    assertEquals("/path?query", request.uri());
    assertEquals("localhost:" + server.port(), request.headers().get("Host"));
    assertEquals("Basic dXNlcjpwdw==", request.headers().get("Authorization"));
    connection.close().get(30, TimeUnit.SECONDS);
  }

  // CLI-01: leaving the scope closes; here, closing the client
  @Test
  void closingTheClientClosesItsConnections() throws Exception {
    BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
    WebSocketServer server =
        WebSocketServer.builder()
            .anyPath(
                connection -> {
                  served.add(connection);
                  return connection.waitClosed();
                })
            .bind(LOOPBACK)
            .get(30, TimeUnit.SECONDS);
    servers.add(server);
    WebSocketClient client = client();
    await(client.connect(uri(server, "/")));
    client.close().get(30, TimeUnit.SECONDS);
    Connection connection = served.remove();
    connection.waitClosed().get(30, TimeUnit.SECONDS);
    assertEquals(1001, connection.closeCode().orElseThrow());
  }

  @Test
  void bootstrapOfTheUserIsUsedAndLeftAlone() throws Exception {
    WebSocketServer server = start();
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Bootstrap bootstrap = new Bootstrap().group(group).channel(NioSocketChannel.class);
    WebSocketClient client = client(WebSocketClient.builder().bootstrap(bootstrap));
    Connection connection = assertEcho(client.connect(uri(server, "/")));
    assertInstanceOf(NioSocketChannel.class, connection.channel());
    client.close().get(30, TimeUnit.SECONDS);
    assertFalse(group.isShuttingDown());
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    WebSocketClient.Builder incomplete = WebSocketClient.builder().bootstrap(new Bootstrap());
    assertThrows(IllegalStateException.class, incomplete::build);
  }

  // HS-51: test_set_server_hostname_implicitly
  @Test
  void wssGoesThroughTls() throws Exception {
    WebSocketServer server =
        start(WebSocketServer.builder().tls(TestCertificate.server()), LOOPBACK);
    URI uri = URI.create("wss://localhost:" + server.port() + "/");
    WebSocketClient client = client(WebSocketClient.builder().tls(TestCertificate.client()));
    assertEcho(client.connect(uri));
  }

  // HS-51: test_reject_invalid_server_certificate, test_reject_invalid_server_hostname
  @Test
  void certificateOfSomebodyElseIsRefused() throws Exception {
    WebSocketServer server =
        start(WebSocketServer.builder().tls(TestCertificate.server()), LOOPBACK);
    URI uri = URI.create("wss://localhost:" + server.port() + "/");
    Throwable untrusted = failure(client().connect(uri));
    assertInstanceOf(SSLException.class, untrusted);
    assertFalse(Retries.isRetryable(untrusted));
    WebSocketClient trusting = client(WebSocketClient.builder().tls(TestCertificate.client()));
    Throwable otherName =
        failure(trusting.connect(URI.create("wss://127.0.0.1:" + server.port() + "/")));
    assertInstanceOf(SSLException.class, otherName);
    assertFalse(Retries.isRetryable(otherName));
  }

  // HS-51: test_ssl_without_secure_uri
  @Test
  void clientWithTlsDoesNotConnectWithout() throws Exception {
    WebSocketClient client = client(WebSocketClient.builder().tls(TestCertificate.client()));
    URI uri = URI.create("ws://localhost/");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> client.connect(uri));
    assertEquals("an SslContext is incompatible with a ws:// URI", refusal.getMessage());
  }

  // CLI-08: UnixClientTests test_connection, test_set_host_header
  @Test
  void unixDomainSocketIsConnectedTo() throws Exception {
    UnixDomainSocketAddress file = UnixDomainSocketAddress.of(folder.resolve("socket"));
    start(WebSocketServer.builder(), file);
    WebSocketClient client = client(WebSocketClient.builder().address(file));
    assertEcho(client.connect(URI.create("ws://overridden/")));
    assertEquals("overridden", requests.remove().headers().get("Host"));
    // CLI-05: UnixClientTests test_cross_origin_redirect
    Throwable refusal = failure(client.connect(URI.create("ws://localhost/ws://other/")));
    assertEquals(
        "cannot follow cross-origin redirect to ws://other/ with a Unix socket",
        refusal.getMessage());
  }

  // CLI-08: SecureUnixClientTests test_secure_connection, test_set_server_hostname
  @Test
  void tlsGoesThroughUnixDomainSockets() throws Exception {
    UnixDomainSocketAddress file = UnixDomainSocketAddress.of(folder.resolve("socket"));
    start(WebSocketServer.builder().tls(TestCertificate.server()), file);
    WebSocketClient client =
        client(WebSocketClient.builder().address(file).tls(TestCertificate.client()));
    assertEcho(client.connect(URI.create("wss://localhost/")));
  }

  // CLI-07: test_explicit_host_port; CLI-05: test_cross_origin_redirect_with_explicit_host_port
  @Test
  void addressDecidesWhereTcpGoes() throws Exception {
    WebSocketServer server = start();
    WebSocketClient client = client(WebSocketClient.builder().address(server.address()));
    assertEcho(client.connect(URI.create("ws://overridden/2"))); // redirects, but stays
    assertEquals("overridden", requests.remove().headers().get("Host"));
    Throwable refusal = failure(client.connect(URI.create("ws://localhost/ws://other/")));
    assertEquals(
        "cannot follow cross-origin redirect to ws://other/ with an explicit host or port",
        refusal.getMessage());
  }

  // OPT-31, CLI-02: test_redirect, test_redirect_limit
  @Test
  void tenRedirectsAreFollowed() throws Exception {
    WebSocketServer server = start();
    Connection connection = assertEcho(client().connect(uri(server, "/10")));
    assertEquals("/0", connection.request().orElseThrow().uri());
    assertEquals(11, requests.size());
    HandshakeException refusal =
        assertInstanceOf(HandshakeException.class, failure(client().connect(uri(server, "/11"))));
    assertEquals(Reason.SECURITY, refusal.reason());
    assertEquals("more than 10 redirects", refusal.getMessage());
  }

  // CLI-02, CLI-05: test_cross_origin_redirect_strips_credentials
  @Test
  void redirectLeadsToAnotherServer() throws Exception {
    WebSocketServer one = start();
    WebSocketServer two = start();
    ClientHandshakeOptions handshake =
        ClientHandshakeOptions.builder(uri(one, "/http://127.0.0.1:" + two.port() + "/end"))
            .header("Authorization", "Bearer secret")
            .build();
    Connection connection = assertEcho(client().connect(handshake));
    assertEquals(two.address(), connection.remoteAddress());
    assertTrue(requests.remove().headers().contains("Authorization"));
    assertFalse(requests.remove().headers().contains("Authorization"));
  }

  // CLI-05, CLI-06
  @Test
  void cookiesOfARedirectGoWithTheNextRequestsOfTheSameConnectOnly() throws Exception {
    WebSocketServer other = start();
    WebSocketServer server = start();
    WebSocketClient client = client();
    // By way of another origin, and back.
    String back = "/http://127.0.0.1:" + server.port() + "/end";
    URI uri = uri(server, "/http://127.0.0.1:" + other.port() + back);
    cookie = "sid=1; Path=/";
    assertEcho(client.connect(uri(server, "/2")));
    List<String> sent = new ArrayList<>();
    requests.forEach(request -> sent.add(request.headers().get("Cookie")));
    assertEquals(Arrays.asList(null, "sid=1", "sid=1"), sent);
    requests.clear();
    cookie = "sid=2; Path=/";
    assertEcho(client.connect(uri));
    sent.clear();
    requests.forEach(request -> sent.add(request.headers().get("Cookie")));
    assertEquals(Arrays.asList(null, null, "sid=2"), sent);
  }

  // CLI-04: test_redirect_to_insecure_uri
  @Test
  void redirectDoesNotLeadOutOfTls() throws Exception {
    WebSocketServer server =
        start(WebSocketServer.builder().tls(TestCertificate.server()), LOOPBACK);
    WebSocketClient client = client(WebSocketClient.builder().tls(TestCertificate.client()));
    URI uri = URI.create("wss://localhost:" + server.port() + "/ws://localhost/");
    assertEquals(
        "cannot follow redirect to non-secure URI ws://localhost/",
        failure(client.connect(uri)).getMessage());
  }

  @Test
  void redirectsMayBeLeftToTheCaller() throws Exception {
    WebSocketServer server = start();
    WebSocketClient client = client(WebSocketClient.builder().maxRedirects(0));
    InvalidStatusException answer =
        assertInstanceOf(InvalidStatusException.class, failure(client.connect(uri(server, "/1"))));
    assertEquals("/0", answer.response().headers().get("Location"));
  }

  @Test
  void reasonWhyThereIsNoConnectionIsTold() throws Exception {
    assertInstanceOf(
        ConnectException.class, failure(client().connect(URI.create("ws://127.0.0.1:1/"))));
    assertInstanceOf(
        UnknownHostException.class, failure(client().connect(URI.create("ws://host.invalid/"))));
  }

  // OPT-20: test_timeout_during_handshake
  @Test
  void openTimeoutIsOverEverything() throws Exception {
    WebSocketClient client = client(timeless());
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      String place = "://localhost:" + silent.getLocalPort() + "/";
      for (String scheme : List.of("ws", "wss")) {
        CompletableFuture<Connection> connecting = client.connect(URI.create(scheme + place));
        try (Socket socket = silent.accept()) {
          assertTrue(socket.getInputStream().read() > 0);
          clock.expireAll();
          HandshakeException timeout =
              assertInstanceOf(HandshakeException.class, failure(connecting));
          assertEquals(Reason.TIMEOUT, timeout.reason());
          assertEquals("timed out during opening handshake", timeout.getMessage());
          String phase = scheme.equals("ws") ? "waiting for the response" : "in the TLS handshake";
          assertEquals(
              "timed out " + phase + ": " + scheme + place, timeout.getCause().getMessage());
          socket.getInputStream().readAllBytes(); // ends
        }
      }
    }
  }

  // OPT-20: test_http_proxy_connection_timeout
  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5h", "socks4a"})
  void proxyThatIsSilentIsNamedAsTheReason(String scheme) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      WebSocketClient client =
          client(timeless().proxy(URI.create(scheme + "://localhost:" + silent.getLocalPort())));
      for (String uri : List.of("ws://host/", "wss://host/")) {
        CompletableFuture<Connection> connecting = client.connect(URI.create(uri));
        try (Socket socket = silent.accept()) {
          assertTrue(socket.getInputStream().read() > 0);
          clock.expireAll();
          HandshakeException timeout =
              assertInstanceOf(HandshakeException.class, failure(connecting));
          assertEquals("timed out waiting for the proxy: " + uri, timeout.getCause().getMessage());
        }
      }
    }
  }

  // HS-52
  @Test
  void cancellingGivesUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Connection> connecting =
          client().connect(URI.create("ws://localhost:" + silent.getLocalPort() + "/"));
      try (Socket socket = silent.accept()) {
        assertEquals('G', socket.getInputStream().read());
        connecting.cancel(false);
        socket.getInputStream().readAllBytes(); // ends
      }
    }
  }
}
