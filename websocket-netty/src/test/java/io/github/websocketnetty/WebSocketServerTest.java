package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.BasicAuthentication;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.WireFrame;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A server in one call: where it listens, whom it lets in, and where they go. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class WebSocketServerTest {
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @TempDir Path folder;

  private final List<WebSocketServer> servers = new ArrayList<>();

  @AfterEach
  void closeServers() throws Exception {
    for (WebSocketServer server : servers) {
      server.close().get(30, TimeUnit.SECONDS);
    }
  }

  private WebSocketServer start(WebSocketServer.Builder builder, SocketAddress address)
      throws Exception {
    WebSocketServer server = builder.bind(address).get(30, TimeUnit.SECONDS);
    servers.add(server);
    return server;
  }

  private WebSocketServer start(WebSocketServer.Builder builder) throws Exception {
    return start(builder, LOOPBACK);
  }

  private static CompletionStage<?> echo(Connection connection) {
    return connection.forEachAsync(connection::send);
  }

  private static WebSocketServer.Builder echoes() {
    return WebSocketServer.builder().anyPath(WebSocketServerTest::echo);
  }

  private static void assertEcho(RawPeer peer) throws Exception {
    peer.write(WireFrame.text(true, "hello"));
    byte[] echo = WireFrame.text(false, "hello");
    assertArrayEquals(echo, peer.read(echo.length));
  }

  /** Returns what the server says before it ends the connection. */
  private static String answer(WebSocketServer server, String request) throws Exception {
    try (RawPeer peer = RawPeer.connect(server.address())) {
      peer.write(request);
      return peer.restOfText();
    }
  }

  // SRV-10, SRV-15: test_connection, test_connections
  @Test
  void everyConnectionIsServedOnce() throws Exception {
    BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .anyPath(
                    connection -> {
                      served.add(connection);
                      return echo(connection);
                    }));
    assertTrue(server.isListening());
    assertEquals(0, server.connections().size());
    try (RawPeer one = RawPeer.open(server.address(), "/one");
        RawPeer two = RawPeer.open(server.address(), "/two")) {
      assertEcho(one);
      assertEcho(two);
      assertEquals(2, server.connections().size());
      assertEquals(2, served.size());
      assertTrue(server.connections().containsAll(served));
      one.write(WireFrame.close(true, 1000, ""));
      one.rest();
      Connection first = served.element();
      first.waitClosed().get();
      assertFalse(server.connections().contains(first));
    }
  }

  // SRV-22: test_start_serving, test_is_serving, test_sockets. There is no scope: close() is both
  // its close and its wait. Nor is there a server that does not listen yet: bind() listens.
  @Test
  void serverListensFromBindToClose() throws Exception {
    WebSocketServer server = echoes().bind(LOOPBACK).get(30, TimeUnit.SECONDS);
    assertTrue(server.isListening());
    SocketAddress address = server.address();
    assertTrue(server.port() > 0);
    try (RawPeer peer = RawPeer.open(address, "/")) {
      assertEcho(peer);
    }
    server.close().get(30, TimeUnit.SECONDS);
    assertTrue(server.waitClosed().isDone());
    assertFalse(server.isListening());
    assertEquals(address, server.address());
    assertThrows(IOException.class, () -> RawPeer.connect(address).close());
  }

  // SRV-11: test_connection_handler_returns
  @Test
  void endpointThatIsDoneClosesWith1000() throws Exception {
    WebSocketServer server = start(WebSocketServer.builder().anyPath(connection -> null));
    try (RawPeer peer = RawPeer.open(server.address(), "/")) {
      assertArrayEquals(WireFrame.close(false, 1000, ""), peer.read(4));
    }
  }

  // SRV-12: test_connection_handler_raises_exception; SRV-14: a cancelled one
  @Test
  void endpointThatFailsClosesWith1011() throws Exception {
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .route(
                    "/throws",
                    connection -> {
                      throw new AssertionError("expected");
                    })
                .route(
                    "/cancelled",
                    c -> CompletableFuture.failedFuture(new CancellationException("expected"))));
    for (String path : List.of("/throws", "/cancelled")) {
      try (RawPeer peer = RawPeer.open(server.address(), path)) {
        assertArrayEquals(WireFrame.close(false, 1011, ""), peer.read(4));
      }
    }
  }

  // SRV-33: test_router_matches_paths_and_extracts_parameters, test_route_with_query_string,
  // test_not_found
  @Test
  void pathsLeadToTheirEndpoints() throws Exception {
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .route("/echo", WebSocketServerTest::echo)
                .route(
                    "/rooms/{room}/{user}",
                    (connection, path) ->
                        connection.send(path.get("user") + " in " + path.get("room"))));
    try (RawPeer peer = RawPeer.open(server.address(), "/rooms/java/d%C3%BCke?quiet")) {
      byte[] text = WireFrame.text(false, "düke in java");
      assertArrayEquals(text, peer.read(text.length));
    }
    try (RawPeer peer = RawPeer.open(server.address(), "/echo")) {
      assertEcho(peer);
    }
    String answer = answer(server, RawPeer.request("/rooms"));
    assertTrue(answer.startsWith("HTTP/1.1 404 Not Found\r\n"), answer);
    assertTrue(answer.endsWith("\r\n\r\nNot Found\n"), answer);
  }

  // SRV-33: test_process_request_function_returning_none,
  // test_process_request_function_returning_response; HS-30
  @Test
  void hookOfTheUserAnswersBeforeTheRoutesDo() throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request ->
                    CompletableFuture.supplyAsync(
                        () ->
                            request.uri().equals("/health")
                                ? ServerHandshake.respond(200, "fine\n", Instant.EPOCH)
                                : null))
            .build();
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .handshake(handshake)
                .route("/echo", WebSocketServerTest::echo));
    String health = answer(server, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertTrue(health.startsWith("HTTP/1.1 200 OK\r\n"), health);
    assertTrue(health.endsWith("\r\n\r\nfine\n"), health);
    assertTrue(answer(server, RawPeer.request("/other")).startsWith("HTTP/1.1 404 "));
    try (RawPeer peer = RawPeer.open(server.address(), "/echo")) {
      assertEcho(peer);
    }
  }

  // HS-31: a hook's own 101 passes the routes too; nobody is there to serve it
  @Test
  void connectionOutsideTheRoutesIsFailed() throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request ->
                    CompletableFuture.completedFuture(
                        ServerHandshake.respond(101, "", Instant.EPOCH)))
            .build();
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .handshake(handshake)
                .route("/echo", WebSocketServerTest::echo));
    try (RawPeer peer = RawPeer.open(server.address(), "/other")) {
      assertArrayEquals(WireFrame.close(false, 1011, ""), peer.read(4));
    }
  }

  // HS-19, HS-22, SRV-31
  @Test
  void optionsOfTheHandshakeHold() throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .subprotocols(List.of("chat"))
            .origin(Pattern.compile("https://.*\\.example"))
            .processRequest(BasicAuthentication.of("chat", "hello", "iloveyou"))
            .build();
    BlockingQueue<String> users = new LinkedBlockingQueue<>();
    WebSocketServer server =
        start(
            WebSocketServer.builder()
                .handshake(handshake)
                .anyPath(
                    connection -> {
                      users.add(
                          BasicAuthentication.username(connection.request().orElseThrow())
                              .orElseThrow());
                      return echo(connection);
                    }));
    String user = "Authorization: Basic aGVsbG86aWxvdmV5b3U=\r\n"; // hello:iloveyou
    String origin = "Origin: https://www.example\r\n";
    String protocol = "Sec-WebSocket-Protocol: chat\r\n";
    assertTrue(answer(server, RawPeer.request("/", origin, protocol)).contains(" 401 "));
    assertTrue(answer(server, RawPeer.request("/", user, protocol)).contains(" 403 "));
    assertTrue(answer(server, RawPeer.request("/", user, origin)).contains(" 400 "));
    try (RawPeer peer = RawPeer.connect(server.address())) {
      peer.write(RawPeer.request("/", user, origin, protocol));
      String head = peer.head();
      assertTrue(head.startsWith("HTTP/1.1 101 "), head);
      assertTrue(head.contains("\r\nSec-WebSocket-Protocol: chat\r\n"), head);
      assertEcho(peer);
      assertEquals("hello", users.remove());
    }
  }

  // SRV-23: UnixServerTests test_connection
  @Test
  void unixDomainSocketIsServedAndItsFileDeleted() throws Exception {
    Path file = folder.resolve("socket");
    WebSocketServer server = start(echoes(), UnixDomainSocketAddress.of(file));
    assertEquals(file.toString(), server.address().toString());
    assertThrows(IllegalStateException.class, server::port);
    try (RawPeer peer = RawPeer.open(UnixDomainSocketAddress.of(file), "/")) {
      assertEcho(peer);
      peer.write(WireFrame.close(true, 1000, ""));
      assertArrayEquals(WireFrame.close(false, 1000, ""), peer.rest());
    }
    server.close().get();
    assertFalse(Files.exists(file));
  }

  // SRV-23: SecureServerTests test_connection
  @Test
  void tlsComesFirst() throws Exception {
    WebSocketServer server = start(echoes().tls(TestCertificate.server()));
    BlockingQueue<CharSequence> received = new LinkedBlockingQueue<>();
    WebSocket client =
        HttpClient.newBuilder()
            .sslContext(TestCertificate.context())
            .build()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("wss://localhost:" + server.port() + "/"),
                new WebSocket.Listener() {
                  @Override
                  public CompletionStage<?> onText(WebSocket it, CharSequence text, boolean last) {
                    received.add(text.toString());
                    it.request(1);
                    return null;
                  }
                })
            .get();
    client.sendText("through TLS", true).get();
    assertEquals("through TLS", received.poll(30, TimeUnit.SECONDS));
    client.sendClose(1000, "").get();
  }

  // SRV-23: test_existing_socket, as far as Netty has it: whatever a bootstrap listens with
  @Test
  void bootstrapOfTheUserIsUsedAndLeftAlone() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    BlockingQueue<Channel> seen = new LinkedBlockingQueue<>();
    @ChannelHandler.Sharable
    class Front extends ChannelInitializer<Channel> {
      @Override
      protected void initChannel(Channel channel) {
        seen.add(channel);
      }
    }
    ChannelHandler front = new Front();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(front);
    WebSocketServer server = echoes().bind(bootstrap, LOOPBACK).get(30, TimeUnit.SECONDS);
    try (RawPeer peer = RawPeer.open(server.address(), "/")) {
      assertEcho(peer);
      assertEquals(peerPort(seen.remove()), server.port());
      server.close();
      assertArrayEquals(WireFrame.close(false, 1001, ""), peer.read(4));
      peer.write(WireFrame.close(true, 1001, ""));
    }
    server.waitClosed().get(30, TimeUnit.SECONDS);
    assertFalse(group.isShuttingDown());
    assertEquals(front, bootstrap.config().childHandler());
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static int peerPort(Channel channel) {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Test
  void addressInUseFails() throws Exception {
    WebSocketServer server = start(echoes());
    CompletableFuture<WebSocketServer> second = echoes().bind(server.address());
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> second.get(30, TimeUnit.SECONDS));
    assertTrue(
        failure.getCause() instanceof BindException
            || failure.getCause().getMessage().contains("in use"),
        failure::toString);
  }

  @Test
  void anyAddressIsListenedOn() throws Exception {
    WebSocketServer server = echoes().threads(1).bind(0).get(30, TimeUnit.SECONDS);
    servers.add(server);
    SocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    try (RawPeer peer = RawPeer.open(loopback, "/")) {
      assertEcho(peer);
    }
    assertTrue(server.toString().contains(":" + server.port()), server::toString);
  }

  @Test
  void mistakesOfTheBuilderAreRefused() {
    WebSocketServer.Builder builder = WebSocketServer.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.bind(0));
    builder.route("/rooms/{room}", WebSocketServerTest::echo);
    assertThrows(
        IllegalArgumentException.class,
        () -> builder.route("/rooms/{name}", WebSocketServerTest::echo));
    ServerHandshakeOptions passing =
        ServerHandshakeOptions.builder().passOtherRequests(true).build();
    assertThrows(IllegalArgumentException.class, () -> builder.handshake(passing));
  }

  // SRV-25: test_junk_handshake_request, test_connection_closed_during_tls_handshake
  @Test
  void whoIsNoClientIsNoReasonForAWarning() throws Exception {
    PrintStream original = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      WebSocketServer secure = start(echoes().tls(TestCertificate.server()));
      answer(secure, "GET / HTTP/1.1\r\n\r\n"); // an alert, in bytes
      try (RawPeer peer = RawPeer.connect(secure.address())) {
        peer.write(new byte[] {22, 3, 1}); // the beginning of a ClientHello
      }
      WebSocketServer plain = start(echoes());
      assertTrue(answer(plain, "hello\r\n\r\n").startsWith("HTTP/1.1 400 "));
      try (Socket reset = new Socket()) {
        reset.connect(plain.address());
        reset.getOutputStream().write("GET".getBytes(StandardCharsets.US_ASCII));
        reset.setSoLinger(true, 0);
      }
      secure.close().get();
      plain.close().get();
    } finally {
      System.setErr(original);
    }
    assertEquals("", log.toString(StandardCharsets.UTF_8));
  }

  @Test
  void largeMessageComesBack() throws Exception {
    WebSocketServer server = start(echoes());
    try (RawPeer peer = RawPeer.open(server.address(), "/")) {
      byte[] large = WireFrame.of(2, true, WireFrame.letters(1 << 20));
      byte[] echo = WireFrame.of(2, false, WireFrame.letters(1 << 20));
      peer.write(large);
      assertArrayEquals(echo, peer.read(echo.length));
    }
  }

  // SRV-23: a handler in front, as a filter of addresses, may close what it does not want
  @Test
  void clientThatIsTurnedAwayInFrontDoesNotEndTheServer() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    AtomicInteger clients = new AtomicInteger();
    @ChannelHandler.Sharable
    class Filter extends ChannelInitializer<Channel> {
      @Override
      protected void initChannel(Channel channel) {
        if (clients.incrementAndGet() == 1) {
          channel.close();
        }
      }
    }
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(new Filter());
    WebSocketServer server = echoes().bind(bootstrap, LOOPBACK).get(30, TimeUnit.SECONDS);
    try (RawPeer unwanted = RawPeer.connect(server.address())) {
      assertEquals(0, unwanted.rest().length);
    }
    try (RawPeer peer = RawPeer.open(server.address(), "/")) {
      assertEcho(peer);
      assertFalse(server.waitClosed().isDone());
      CompletableFuture<Void> closed = server.close();
      assertArrayEquals(WireFrame.close(false, 1001, ""), peer.read(4));
      assertFalse(closed.isDone());
      peer.write(WireFrame.close(true, 1001, ""));
      peer.rest();
    }
    server.waitClosed().get(30, TimeUnit.SECONDS);
    group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
  }

  @Test
  void onlyTheFileOfASocketIsDeleted() throws Exception {
    Path file = Path.of("local:websocketservertest"); // what the address looks like
    Files.createFile(file);
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    try {
      ServerBootstrap bootstrap =
          new ServerBootstrap().group(group).channel(LocalServerChannel.class);
      WebSocketServer server =
          echoes()
              .bind(bootstrap, new LocalAddress("websocketservertest"))
              .get(30, TimeUnit.SECONDS);
      server.close().get(30, TimeUnit.SECONDS);
      assertTrue(Files.exists(file));
    } finally {
      Files.deleteIfExists(file);
      group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
    }
  }
}
