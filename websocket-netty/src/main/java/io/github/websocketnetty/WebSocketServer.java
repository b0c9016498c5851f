package io.github.websocketnetty;

import io.github.websocketnetty.handler.NettyVersion;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Clock;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;

/**
 * A server that listens on one address and serves connections on one or many paths.
 *
 * <pre>{@code
 * WebSocketServer server =
 *     WebSocketServer.builder()
 *         .route("/echo", connection -> connection.forEachAsync(connection::send))
 *         .bind(8080)
 *         .join();
 * }</pre>
 *
 * <p>It brings event loops of its own, unless it is bound with a {@link ServerBootstrap}, and ends
 * them when it is closed. Until then its threads keep the process alive. WebSocket in a pipeline
 * that also serves other things needs no server: that is what {@link WebSocketServerHandler} is
 * for.
 *
 * <p>All methods may be called from any thread; none blocks. While a future is not complete, {@code
 * get} and {@code join} throw {@link IllegalStateException} on each event loop of the server, or of
 * its bootstrap's groups, rather than wait for what only an event loop can do. So do they on stages
 * derived from it.
 */
public final class WebSocketServer {
  private final Logger logger;
  private final Guests guests;
  private final Channel listener;
  private final UnixSocketFile socketFile;
  private final SocketAddress address;
  private final CompletableFuture<Void> closed;

  /**
   * Creates a server that listens already.
   *
   * @param socketFile deleted with the listener, null if there is none
   * @param group ended with the server, null if it belongs to somebody else
   * @param needed the event loops of listener and connections, and where their end is told
   */
  private WebSocketServer(
      Logger logger,
      Guests guests,
      Channel listener,
      UnixSocketFile socketFile,
      EventLoopGroup group,
      EventExecutorGroup... needed) {
    this.logger = logger;
    this.guests = guests;
    this.listener = listener;
    this.socketFile = socketFile;
    closed = new GroupFuture<>(needed);
    address = listener.localAddress();
    logger.info("server listening on {}", text(address));
    listener
        .closeFuture()
        .addListener(
            done -> {
              onSocketFile(UnixSocketFile::closed);
              guests.letNobodyIn(); // also if somebody else closed the listener
              guests.ended();
            });
    guests.allGone().thenRun(() -> end(group));
  }

  private void end(EventLoopGroup group) {
    if (group == null) {
      ended();
    } else {
      Sockets.end(group).addListener(done -> ended());
    }
  }

  private void ended() {
    logger.info("server closed");
    closed.complete(null);
  }

  private void closeListener() {
    onSocketFile(UnixSocketFile::closing);
    listener.close();
  }

  private void onSocketFile(FileStep step) {
    if (socketFile != null) {
      try {
        step.perform(socketFile);
      } catch (IOException | RuntimeException e) {
        logger.warn("the file of the socket {} may not be as it should", address, e);
      }
    }
  }

  private interface FileStep {
    void perform(UnixSocketFile file) throws IOException;
  }

  /** Returns a builder with default options and no route. */
  public static Builder builder() {
    NettyVersion.check();
    return new Builder();
  }

  /** Returns the address it listens on, with the real port; also after the end. */
  public SocketAddress address() {
    return address;
  }

  /**
   * Returns the port it listens on.
   *
   * @throws IllegalStateException if the address has none
   */
  public int port() {
    if (address instanceof InetSocketAddress internet) {
      return internet.getPort();
    }
    throw new IllegalStateException("no port in " + address);
  }

  /** Returns whether it accepts connections. */
  public boolean isListening() {
    return guests.areWelcome() && listener.isOpen();
  }

  /** Returns the connections that are open now; a copy. */
  public Set<Connection> connections() {
    return guests.connections();
  }

  /**
   * Closes with 1001, going away; see {@link #close(int, String)}.
   *
   * @return a future as that of {@link #close(int, String)}
   */
  public CompletableFuture<Void> close() {
    return close(CloseCode.GOING_AWAY, "");
  }

  /**
   * Stops listening and closes all connections, all at the same time, so that the close timeout of
   * one is the limit for all.
   *
   * <p>Clients whose opening handshake is not over get a 503, within the same time; those from whom
   * nothing came are disconnected at once. Endpoints are not interrupted: they see that their
   * connection is closed. Once closing, further calls change nothing, but connections that {@link
   * #stopListening} has kept are closed.
   *
   * @param code the close code, or 1005 for a close frame without any
   * @param reason the reason, at most 123 bytes in UTF-8
   * @return a future as that of {@link #waitClosed}
   * @throws IllegalArgumentException if the code may not be sent or the reason is too long; nothing
   *     is closed then
   */
  public CompletableFuture<Void> close(int code, String reason) {
    Objects.requireNonNull(reason, "reason");
    CloseStatus status = new CloseStatus(code, reason);
    if (guests.farewell() == null) {
      logger.info("server closing");
    }
    guests.sendAway(status);
    closeListener();
    return waitClosed();
  }

  /**
   * Stops listening, but keeps the connections that are open. Clients whose opening handshake is
   * not over get a 503.
   *
   * @return a future as that of {@link #waitClosed}: it completes when the last connection is gone
   */
  public CompletableFuture<Void> stopListening() {
    guests.letNobodyIn();
    closeListener();
    return waitClosed();
  }

  /**
   * Waits for the end, without closing.
   *
   * @return a future that completes when the server does not listen any more, all connections are
   *     closed, all endpoints are done, and its own event loops have ended; it never fails
   */
  public CompletableFuture<Void> waitClosed() {
    return closed.copy(); // completing it must not look like the end
  }

  /** Returns the address, for logs. */
  @Override
  public String toString() {
    return "WebSocketServer[" + text(address) + "]";
  }

  private static String text(SocketAddress address) {
    if (!(address instanceof InetSocketAddress internet)) {
      return address.toString();
    }
    String host = internet.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + internet.getPort();
  }

  /** Collects options; {@link #bind(SocketAddress)} starts a server. Not thread-safe. */
  public static final class Builder {
    private final SortedMap<PathTemplate, RoutedEndpoint> routes = new TreeMap<>();
    private ServerHandshakeOptions handshake = ServerHandshakeOptions.anyPath();
    private ConnectionOptions options = ConnectionOptions.defaults();
    private SslContext tls;
    private int threads;

    private Builder() {}

    /**
     * Serves a path.
     *
     * @param path as for {@link #route(String, RoutedEndpoint)}
     * @param endpoint serves the connections
     * @throws IllegalArgumentException as {@link #route(String, RoutedEndpoint)} does
     */
    public Builder route(String path, Endpoint endpoint) {
      Objects.requireNonNull(endpoint, "endpoint");
      return route(path, (connection, parameters) -> endpoint.serve(connection));
    }

    /**
     * Serves the paths that a template stands for. {@code {name}} stands for a segment that is not
     * empty, {@code {name...}} at the end for all that follows, slashes included. Of several routes
     * the narrowest is taken: segment by segment, a text is narrower than a parameter, and that
     * than the rest of a path. The query does not matter; clients that ask for a path without a
     * route get a 404, after the hook of {@link ServerHandshakeOptions.Builder#processRequest} had
     * its say.
     *
     * @param path such as {@code /rooms/{room}}, not percent-encoded
     * @param endpoint serves the connections
     * @throws IllegalArgumentException if the template is wrong, or there is one for the same paths
     */
    public Builder route(String path, RoutedEndpoint endpoint) {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(endpoint, "endpoint");
      PathTemplate template = PathTemplate.parse(path);
      if (routes.putIfAbsent(template, endpoint) != null) {
        throw new IllegalArgumentException("there is a route for the paths of " + path);
      }
      return this;
    }

    /** Serves all paths that have no route. */
    public Builder anyPath(Endpoint endpoint) {
      return route("/{path...}", endpoint);
    }

    /**
     * Sets how connections are opened: subprotocols, origins, hooks, limits, times.
     *
     * @throws IllegalArgumentException if they pass on other requests: nobody is there to answer
     */
    public Builder handshake(ServerHandshakeOptions value) {
      Objects.requireNonNull(value, "handshake");
      if (value.passOtherRequests()) {
        throw new IllegalArgumentException(
            "passOtherRequests needs handlers behind; use WebSocketServerHandler in a pipeline");
      }
      handshake = value;
      return this;
    }

    /** Sets the limits and times of the connections. */
    public Builder options(ConnectionOptions value) {
      options = Objects.requireNonNull(value, "options");
      return this;
    }

    /** Sets the certificate and all else about TLS; {@code null}, the default, for none. */
    public Builder tls(SslContext value) {
      tls = value;
      return this;
    }

    /** Sets the number of the server's own event loops; 0, the default, for Netty's number. */
    public Builder threads(int count) {
      if (count < 0) {
        throw new IllegalArgumentException("threads is " + count + ", must not be negative");
      }
      threads = count;
      return this;
    }

    /**
     * Listens on all addresses of this machine.
     *
     * @param port 0 for a free one
     * @return a future as that of {@link #bind(SocketAddress)}
     */
    public CompletableFuture<WebSocketServer> bind(int port) {
      return bind(new InetSocketAddress(port));
    }

    /**
     * Listens on event loops of its own, with epoll where {@code netty-transport-native-epoll} is
     * present and works, else with NIO.
     *
     * @param address an {@link InetSocketAddress}, or a {@link UnixDomainSocketAddress}: a socket
     *     in its place to which no server listens any more is replaced, anything else there is kept
     *     and refused; the server deletes its own file when it stops listening
     * @return a future with the server, failing with what the operating system says, or with a
     *     {@link BindException} if something else stands in the place of a Unix domain socket
     * @throws IllegalArgumentException if there is no route
     */
    public CompletableFuture<WebSocketServer> bind(SocketAddress address) {
      Objects.requireNonNull(address, "address");
      Sockets sockets = Sockets.best();
      checkRoutes();
      EventLoopGroup group = sockets.newGroup(threads);
      ServerBootstrap bootstrap =
          new ServerBootstrap().group(group).channel(sockets.server(address));
      return bind(bootstrap, sockets.translate(address), group);
    }

    /**
     * Listens with somebody else's event loops, transport and channel options, which stay theirs.
     *
     * @param bootstrap complete but for its child handler; if it has one, it goes in front of ours
     *     and must be sharable, as a {@code ChannelInitializer} that says so
     * @param address as the bootstrap's channel wants it; the file of a Unix domain socket is
     *     treated as by {@link #bind(SocketAddress)}
     * @return a future as that of {@link #bind(SocketAddress)}
     * @throws IllegalArgumentException if there is no route
     * @throws IllegalStateException if the bootstrap lacks something
     */
    public CompletableFuture<WebSocketServer> bind(
        ServerBootstrap bootstrap, SocketAddress address) {
      Objects.requireNonNull(address, "address");
      Objects.requireNonNull(bootstrap, "bootstrap");
      checkRoutes();
      return bind(bootstrap.clone(), address, null);
    }

    private void checkRoutes() {
      if (routes.isEmpty()) {
        throw new IllegalArgumentException("a server without a route serves nobody");
      }
    }

    private CompletableFuture<WebSocketServer> bind(
        ServerBootstrap bootstrap, SocketAddress address, EventLoopGroup group) {
      Guests guests = new Guests();
      PathRouter router = new PathRouter(routes);
      ServerInitializer initializer =
          new ServerInitializer(
              guests,
              router,
              handshakeFor(guests, router),
              options,
              tls,
              bootstrap.config().childHandler());
      bootstrap.childHandler(initializer);
      EventLoopGroup parents = bootstrap.config().group();
      EventLoopGroup children = bootstrap.config().childGroup();
      CompletableFuture<WebSocketServer> server = new GroupFuture<>(parents);
      UnixSocketFile socketFile;
      try {
        socketFile = UnixSocketFile.reserve(address);
      } catch (IOException refused) {
        fail(server, group, refused);
        return server;
      }
      ChannelFuture bound;
      try {
        bound = bootstrap.bind(address);
      } catch (RuntimeException incomplete) {
        onFile(socketFile, UnixSocketFile::release);
        throw incomplete;
      }
      bound.addListener(
          done -> {
            if (done.isSuccess()) {
              onFile(socketFile, UnixSocketFile::bound);
              server.complete(
                  new WebSocketServer(
                      options.logger(Side.SERVER),
                      guests,
                      bound.channel(),
                      socketFile,
                      group,
                      parents,
                      children,
                      GlobalEventExecutor.INSTANCE));
              return;
            }
            onFile(socketFile, UnixSocketFile::release);
            fail(server, group, done.cause());
          });
      return server;
    }

    private static void onFile(UnixSocketFile file, Consumer<UnixSocketFile> step) {
      if (file != null) {
        step.accept(file);
      }
    }

    private static void fail(
        CompletableFuture<WebSocketServer> server, EventLoopGroup group, Throwable cause) {
      if (group != null) {
        Sockets.end(group);
      }
      server.completeExceptionally(cause);
    }

    /** The routes come behind the user's hook, which may answer for paths that have none. */
    private ServerHandshakeOptions handshakeFor(Guests guests, PathRouter router) {
      ServerHandshakeOptions users = handshake;
      return users.toBuilder()
          .acceptingConnections(() -> guests.areWelcome() && users.isAcceptingConnections())
          .processRequest(
              users
                  .requestHook()
                  .andThen(request -> refuseUnrouted(router, request, users.clock())))
          .build();
    }

    private static CompletionStage<FullHttpResponse> refuseUnrouted(
        PathRouter router, HttpRequest request, Clock clock) {
      return router.find(request.uri()) != null
          ? null
          : CompletableFuture.completedFuture(
              ServerHandshake.respond(404, "Not Found\n", clock.instant()));
    }
  }
}
