package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.StoppedClock;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Futures that only an event loop can complete refuse to be waited for on that event loop. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class WaitingOnLoopTest {
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private WebSocketServer server;

  @BeforeEach
  void start() throws Exception {
    server = routes().bind(LOOPBACK).get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    await(server.close());
  }

  private static WebSocketServer.Builder routes() {
    return WebSocketServer.builder()
        .anyPath(connection -> connection.forEachAsync(connection::send));
  }

  private URI uri() {
    return URI.create("ws://127.0.0.1:" + server.port() + "/");
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static void await(EventLoopGroup group) throws Exception {
    group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS).sync();
  }

  private static <T> T on(EventLoop loop, Callable<T> task) throws Exception {
    return loop.submit(task).get(30, TimeUnit.SECONDS);
  }

  /** Waits in each way for a future that is not done, and for a stage derived from it. */
  private static Void assertRefuses(CompletableFuture<?> pending) {
    CompletableFuture<?> derived = pending.thenApply(value -> value).copy();
    for (CompletableFuture<?> each : List.of(pending, derived)) {
      assertThrows(IllegalStateException.class, each::join);
      assertThrows(IllegalStateException.class, each::get);
      assertThrows(IllegalStateException.class, () -> each.get(1, TimeUnit.HOURS));
    }
    return null;
  }

  private static Bootstrap bootstrap(EventLoopGroup group) {
    return new Bootstrap().group(group).channel(NioSocketChannel.class);
  }

  private static EventLoopGroup twoLoops() {
    return new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  }

  @Test
  void connectingInAContinuationOfConnectFailsAndTheClientGoesOn() throws Exception {
    WebSocketClient client = WebSocketClient.create();
    CompletableFuture<Void> ready = new CompletableFuture<>();
    CompletableFuture<?> second =
        client
            .connect(
                uri(),
                opened -> {
                  ready.join(); // until the stage below is there, and so runs on the loop
                  return opened.waitClosed();
                })
            .thenAccept(first -> client.connect(uri()).join());
    ready.complete(null);
    Throwable failure = assertThrows(ExecutionException.class, () -> await(second)).getCause();
    assertInstanceOf(IllegalStateException.class, failure);
    assertTrue(failure.getMessage().contains("event loop"), failure.getMessage());
    Connection third = await(client.connect(uri()));
    third.send("hello");
    assertEquals("hello", await(third.recvText()));
    await(client.close());
  }

  @ParameterizedTest
  @EnumSource
  void connectionThatIsOpenMayBeJoinedOnItsLoop(Transports transport) throws Exception {
    EventLoopGroup group = transport.newGroup();
    WebSocketClient client =
        WebSocketClient.builder()
            .bootstrap(new Bootstrap().group(group).channel(transport.clientChannel()))
            .build();
    CompletableFuture<Connection> connecting = client.connect(uri());
    assertEquals(
        await(connecting), await(connecting.thenApply(connection -> connecting.join()).copy()));
    await(client.close());
    await(group);
  }

  @Test
  void connectIsNotAwaitedOnAnyLoopOfItsGroup() throws Exception {
    EventLoopGroup group = twoLoops();
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap(group)).build();
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      URI nowhere = URI.create("ws://127.0.0.1:" + silent.getLocalPort() + "/");
      for (int i = 0; i < 4; i++) { // whichever loop the attempt takes
        CompletableFuture<Connection> connecting = client.connect(nowhere);
        on(group.next(), () -> assertRefuses(connecting));
        assertTrue(connecting.cancel(false));
      }
    }
    await(client.close());
    await(group);
  }

  @Test
  void openTimeoutExpiresAlthoughItsLoopWasAskedToWait() throws Exception {
    StoppedClock group = new StoppedClock();
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap(group)).build();
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      URI nowhere = URI.create("ws://127.0.0.1:" + silent.getLocalPort() + "/");
      CompletableFuture<Connection> connecting = client.connect(nowhere);
      on(group.next(), () -> assertRefuses(connecting));
      group.expireAll();
      Throwable failure =
          assertThrows(ExecutionException.class, () -> await(connecting)).getCause();
      assertEquals(Reason.TIMEOUT, assertInstanceOf(HandshakeException.class, failure).reason());
    }
    await(client.close());
    await(group);
  }

  @Test
  void closingClientIsNotAwaitedOnItsLoop() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    WebSocketClient borrowing = WebSocketClient.builder().bootstrap(bootstrap(group)).build();
    WebSocketClient owning = WebSocketClient.create();
    for (WebSocketClient client : List.of(borrowing, owning)) {
      EventLoop loop = await(client.connect(uri())).channel().eventLoop();
      on(loop, () -> assertRefuses(client.close()));
      await(client.close());
    }
    await(group);
  }

  @Test
  void endOfOwnLoopsIsNotAwaitedWhereItIsTold() throws Exception {
    WebSocketClient client = WebSocketClient.create();
    await(client.connect(uri()));
    GlobalEventExecutor.INSTANCE
        .submit(() -> assertRefuses(client.close()))
        .get(30, TimeUnit.SECONDS);
    await(client.close());
  }

  @ParameterizedTest
  @EnumSource
  void bindIsNotAwaitedOnTheLoopOfTheListener(Transports transport) throws Exception {
    EventLoopGroup group = transport.newGroup();
    ServerBootstrap bootstrap =
        new ServerBootstrap().group(group).channel(transport.serverChannel());
    CompletableFuture<WebSocketServer> binding =
        on(
            group.next(),
            () -> {
              CompletableFuture<WebSocketServer> pending = routes().bind(bootstrap, LOOPBACK);
              assertRefuses(pending);
              return pending;
            });
    await(await(binding).close());
    await(group);
  }

  @Test
  void closingServerIsNotAwaitedOnItsLoops() throws Exception {
    EventLoopGroup parents = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    EventLoopGroup children = twoLoops();
    CompletableFuture<Void> served = new CompletableFuture<>();
    WebSocketServer borrowing =
        await(
            WebSocketServer.builder()
                .anyPath(connection -> served) // other loops cannot end before it is complete
                .bind(
                    new ServerBootstrap()
                        .group(parents, children)
                        .channel(NioServerSocketChannel.class),
                    LOOPBACK));
    for (EventLoop loop : List.of(parents.next(), children.next(), children.next())) {
      on(loop, () -> assertRefuses(borrowing.waitClosed()));
    }
    WebSocketClient client = WebSocketClient.create();
    await(client.connect(URI.create("ws://127.0.0.1:" + borrowing.port() + "/")));
    on(parents.next(), () -> assertRefuses(borrowing.stopListening()));
    on(parents.next(), () -> assertRefuses(borrowing.close()));
    served.complete(null);
    await(borrowing.waitClosed());
    on(parents.next(), () -> borrowing.close().join());
    await(client.close());
    await(parents);
    await(children);
  }

  @Test
  void serverWithLoopsOfItsOwnIsNotAwaitedInAnEndpoint() throws Exception {
    CompletableFuture<WebSocketServer> self = new CompletableFuture<>();
    CompletableFuture<Void> refused = new CompletableFuture<>();
    WebSocketServer closing =
        await(
            WebSocketServer.builder()
                .anyPath(
                    connection -> {
                      try {
                        refused.complete(assertRefuses(self.join().close()));
                      } catch (Throwable failure) {
                        refused.completeExceptionally(failure);
                      }
                      return null;
                    })
                .bind(LOOPBACK));
    self.complete(closing);
    WebSocketClient client = WebSocketClient.create();
    client.connect(URI.create("ws://127.0.0.1:" + closing.port() + "/"));
    await(refused);
    await(closing.waitClosed());
    await(client.close());
  }

  @Test
  void reconnectingClientIsNotAwaitedOnItsLoop() throws Exception {
    EventLoopGroup group = twoLoops();
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap(group)).build();
    CompletableFuture<Connection> opened = new CompletableFuture<>();
    CompletableFuture<Void> served = new CompletableFuture<>();
    ReconnectingClient reconnecting =
        ReconnectingClient.builder(
                client,
                uri(),
                connection -> {
                  opened.complete(connection);
                  return served; // the other loop cannot end before it is complete
                })
            .start();
    await(opened);
    for (EventLoop loop : List.of(group.next(), group.next())) {
      on(loop, () -> assertRefuses(reconnecting.waitStopped()));
    }
    on(group.next(), () -> assertRefuses(reconnecting.stop()));
    served.complete(null);
    await(reconnecting.waitStopped());
    await(client.close());
    await(group);
  }

  @Test
  void handlersConnectionIsNotAwaitedOnItsLoop() {
    WebSocketClientHandler handler = new WebSocketClientHandler(URI.create("ws://localhost/"));
    CompletableFuture<Void> early = handler.connection().thenRun(() -> {});
    EmbeddedChannel channel = new EmbeddedChannel(new HttpClientCodec(), handler);
    assertRefuses(handler.connection());
    assertRefuses(early);
    channel.finishAndReleaseAll();
    assertThrows(CompletionException.class, early::join);
  }

  @Test
  void broadcastFromElsewhereIsNotAwaitedOnALoopThatSends() throws Exception {
    EventLoopGroup group = twoLoops();
    WebSocketClient client = WebSocketClient.builder().bootstrap(bootstrap(group)).build();
    List<Connection> connections =
        List.of(await(client.connect(uri())), await(client.connect(uri())));
    EventLoop loop = connections.get(0).channel().eventLoop();
    CompletableFuture<CompletableFuture<BroadcastResult>> broadcast = new CompletableFuture<>();
    CompletableFuture<Void> refused = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            refused.complete(assertRefuses(broadcast.join()));
          } catch (Throwable failure) {
            refused.completeExceptionally(failure);
          }
        });
    broadcast.complete(Connections.broadcast(connections, "hello"));
    await(refused);
    assertEquals(2, await(broadcast.join()).sent());
    await(client.close());
    await(group);
  }
}
