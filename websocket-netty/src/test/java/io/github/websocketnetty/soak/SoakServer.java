package io.github.websocketnetty.soak;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.Fragment;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.MessageReader;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.MessageWriter;
import io.github.websocketnetty.SlowReceivers;
import io.github.websocketnetty.TextMessage;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A server over one transport, with an endpoint for each way to serve; and its clients. */
final class SoakServer {
  static final int MAX_MESSAGE = 1 << 20;
  private static final int BACKLOG = 4096;
  private static final int SOCKET_BUFFER = 64 << 10;

  /** Short times, lest a run waits most of its time. */
  static final ConnectionOptions OPTIONS =
      ConnectionOptions.builder()
          .pingInterval(Duration.ofMillis(500))
          .pingTimeout(Duration.ofSeconds(30)) // a busy machine is no silent peer
          .closeTimeout(Duration.ofSeconds(3))
          .maxMessageSize(MAX_MESSAGE)
          .build();

  /** What an endpoint fails with on purpose. */
  static final class PlannedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PlannedFailure() {
      super("planned");
    }
  }

  final boolean isSecure;
  final WebSocketServer server;
  final WebSocketClient client;
  private final EventLoopGroup serverGroup;
  private final EventLoopGroup clientGroup;
  private final int deafMillis;
  private final SoakThreads threads;
  private final SoakTally tally;
  private final Map<String, Set<Connection>> rooms = new ConcurrentHashMap<>();

  SoakServer(
      Transports transport, boolean isSecure, int deafMillis, SoakThreads threads, SoakTally tally)
      throws Exception {
    this.isSecure = isSecure;
    this.deafMillis = deafMillis;
    this.threads = threads;
    this.tally = tally;
    serverGroup = transport.newGroup();
    clientGroup = transport.newGroup();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(serverGroup)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
            .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER);
    server =
        routes(threads.executor())
            .handshake(ServerHandshakeOptions.builder().openTimeout(Duration.ofSeconds(60)).build())
            .options(OPTIONS)
            .tls(isSecure ? withoutMemory(TestCertificate.server()) : null)
            .bind(bootstrap, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    client =
        WebSocketClient.builder()
            .bootstrap(
                new Bootstrap()
                    .group(clientGroup)
                    .channel(transport.clientChannel())
                    .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                    .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER))
            .options(OPTIONS)
            .tls(isSecure ? withoutMemory(TestCertificate.client()) : null)
            .build();
  }

  /** The JDK remembers 20 480 sessions, which looks as if something grew. */
  private static SslContext withoutMemory(SslContext tls) {
    tls.sessionContext().setSessionCacheSize(16);
    return tls;
  }

  URI uri(String path) {
    return URI.create((isSecure ? "wss" : "ws") + "://localhost:" + server.port() + path);
  }

  private WebSocketServer.Builder routes(Executor threads) {
    return WebSocketServer.builder()
        .route("/echo", connection -> connection.forEachAsync(connection::send))
        .route(
            "/blocking",
            Endpoint.blocking(
                threads,
                ws -> {
                  for (Message message : ws) {
                    ws.send(message);
                  }
                }))
        .route("/streaming", SoakServer::echoFragments)
        .route("/rooms/{room}", this::chat)
        .route("/deaf", this::listenLate)
        .route("/brief", connection -> connection.recv().thenCompose(bye -> close(connection, bye)))
        .route("/failing", connection -> connection.recv().thenRun(() -> fail(connection)));
  }

  /** Receives nothing for a while, so that reading stops; then all. */
  private CompletableFuture<Void> listenLate(Connection connection) {
    CompletableFuture<Void> deaf = new CompletableFuture<>();
    threads.clock().schedule(() -> deaf.complete(null), deafMillis, TimeUnit.MILLISECONDS);
    return deaf.thenCompose(done -> connection.forEach(message -> {}));
  }

  private static CompletableFuture<Void> close(Connection connection, Message message) {
    int code = 4000 + message.text().length();
    return connection.close(code, "as you say");
  }

  private static void fail(Connection connection) {
    throw new PlannedFailure();
  }

  /** Sends each fragment back before it asks for the next. */
  private static CompletableFuture<Void> echoFragments(Connection connection) {
    MessageReader reader = connection.recvStreaming();
    return reader
        .next()
        .thenCompose(first -> echo(reader, connection.sendStreaming(reader.type()), first))
        .thenCompose(over -> echoFragments(connection));
  }

  private static CompletableFuture<Void> echo(
      MessageReader reader, MessageWriter writer, Fragment fragment) {
    CompletableFuture<Void> written =
        reader.type() == MessageType.TEXT
            ? writer.write(fragment.text())
            : writer.write(fragment.bytes());
    return written.thenCompose(
        done ->
            fragment.isLast()
                ? writer.finish()
                : reader.next().thenCompose(next -> echo(reader, writer, next)));
  }

  /** What anybody says goes to all in the room, in one of the ways to treat those who are slow. */
  private CompletionStage<?> chat(Connection connection, Map<String, String> parameters) {
    Set<Connection> room =
        rooms.computeIfAbsent(parameters.get("room"), name -> ConcurrentHashMap.newKeySet());
    room.add(connection);
    connection.waitClosed().thenRun(() -> room.remove(connection));
    return connection.forEach(
        message -> {
          SlowReceivers[] policies = SlowReceivers.values();
          SlowReceivers policy = policies[message.bytes().length % policies.length];
          tally.broadcasts.increment();
          tally.awaited(Connections.broadcast(room, TextMessage.of(message.text()), policy));
        });
  }

  /** Closes everything, the last connections with 1001. */
  void close() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
    clientGroup.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    serverGroup.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
  }
}
