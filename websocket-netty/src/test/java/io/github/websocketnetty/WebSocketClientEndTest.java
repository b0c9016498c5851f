package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.TestCertificate;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that is closed, or cannot even begin: whoever waits for a connection learns it. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class WebSocketClientEndTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void endLoops() throws Exception {
    group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
  }

  private Bootstrap bootstrap() {
    return new Bootstrap().group(group).channel(NioSocketChannel.class);
  }

  private static void await(CompletableFuture<?> future) throws Exception {
    future.get(30, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(30, TimeUnit.SECONDS))
        .getCause();
  }

  private static ServerSocket silent() throws Exception {
    return new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
  }

  private static URI uri(ServerSocket server) {
    return URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/");
  }

  /** Without limit, so that the end comes because of what happens and never because of time. */
  private static ClientHandshakeOptions patient(URI uri) {
    return ClientHandshakeOptions.builder(uri).openTimeout(Duration.ZERO).build();
  }

  // HS-52
  @Test
  void closingGivesUpConnecting() throws Exception {
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap()).build();
    try (ServerSocket server = silent()) {
      CompletableFuture<Connection> connecting = client.connect(patient(uri(server)));
      try (Socket socket = server.accept()) {
        assertEquals('G', socket.getInputStream().read());
        await(client.close());
        IllegalStateException failure =
            assertInstanceOf(IllegalStateException.class, failure(connecting));
        assertEquals("the client is closed", failure.getMessage());
        socket.getInputStream().readAllBytes(); // ends
      }
    }
    assertFalse(group.isShuttingDown());
  }

  @Test
  void closedClientDoesNotConnect() throws Exception {
    WebSocketClient borrowing = WebSocketClient.builder().bootstrap(bootstrap()).build();
    WebSocketClient owning = WebSocketClient.create();
    for (WebSocketClient client : new WebSocketClient[] {borrowing, owning}) {
      await(client.close());
      await(client.close());
      try (ServerSocket server = silent()) {
        assertInstanceOf(
            IllegalStateException.class, failure(client.connect(patient(uri(server)))));
        assertInstanceOf(IllegalStateException.class, failure(client.connect(uri(server))));
      }
    }
  }

  @Test
  void eventLoopThatHasEndedFailsTheFuture() throws Exception {
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap()).build();
    group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
    try (ServerSocket server = silent()) {
      assertTrue(client.connect(uri(server)).isCompletedExceptionally());
      assertInstanceOf(Exception.class, failure(client.connect(patient(uri(server)))));
    }
    await(client.close());
  }

  // CLI-10
  @Test
  void wrongProxyOfTheEnvironmentFailsTheFuture() throws Exception {
    WebSocketClient client =
        WebSocketClient.builder()
            .bootstrap(bootstrap())
            .proxyFromEnvironment(Map.of("ws_proxy", "ftp://proxy/"))
            .build();
    Throwable failure = failure(client.connect(URI.create("ws://localhost/")));
    assertEquals(
        "ftp://proxy/ isn't a valid proxy: scheme ftp isn't supported", failure.getMessage());
  }

  private static final class BrokenResolvers extends AddressResolverGroup<InetSocketAddress> {
    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
      throw new UnsupportedOperationException("expected");
    }
  }

  @Test
  void resolverThatThrowsFailsTheFuture() throws Exception {
    WebSocketClient client =
        WebSocketClient.builder()
            .bootstrap(bootstrap().resolver(new BrokenResolvers()))
            .proxy(URI.create("http://proxy.example:1"))
            .build();
    Throwable failure = failure(client.connect(patient(URI.create("ws://localhost/"))));
    assertEquals("expected", failure.getCause().getMessage());
  }

  // OPT-20: looking up takes as long as the network likes
  @Test
  void slowLookUpHoldsUpNobody() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    LookUps slow =
        new LookUps(
            host -> {
              if (host.equals("slow.example")) {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  throw new UnknownHostException(host);
                }
              }
              return new InetAddress[] {InetAddress.getLoopbackAddress()};
            });
    WebSocketServer server =
        WebSocketServer.builder()
            .anyPath(connection -> connection.forEachAsync(connection::send))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    WebSocketClient client = WebSocketClient.builder().lookUps(slow).build();
    ClientHandshakeOptions waiting =
        ClientHandshakeOptions.builder(URI.create("ws://slow.example:" + server.port() + "/"))
            .openTimeout(Duration.ofMillis(50))
            .build();
    HandshakeException timeout =
        assertInstanceOf(HandshakeException.class, failure(client.connect(waiting)));
    assertEquals(Reason.TIMEOUT, timeout.reason());
    Connection other =
        client
            .connect(URI.create("ws://quick.example:" + server.port() + "/"))
            .get(30, TimeUnit.SECONDS);
    other.send("hello");
    assertEquals("hello", other.recvText().get(30, TimeUnit.SECONDS));
    never.countDown();
    await(client.close());
    await(server.close());
  }

  // OPT-20, CLI-13: also over TLS to the proxy
  @Test
  void openTimeoutIsTheOnlyLimitOfTlsToTheProxy() throws Exception {
    Channel channel = new NioSocketChannel();
    ProxyAddress proxy = ProxyAddress.parse(URI.create("https://proxy.example"));
    ProxyHandlers.add(channel, proxy, proxy.address(), TestCertificate.client());
    assertEquals(0, channel.pipeline().get(SslHandler.class).getHandshakeTimeoutMillis());
    channel.unsafe().closeForcibly();
  }
}
