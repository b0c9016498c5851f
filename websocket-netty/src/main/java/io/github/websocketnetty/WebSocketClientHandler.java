package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ConnectionIdSource;
import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Makes a WebSocket connection out of a client's channel: the opening handshake, the handlers and
 * the {@link Connection} in one line. Not sharable: one for each channel.
 *
 * <p>It goes behind {@code HttpClientCodec}, which goes behind TLS for {@code wss}. The request is
 * sent when the channel is active.
 */
public final class WebSocketClientHandler extends ChannelInboundHandlerAdapter
    implements ConnectionIdSource {
  private final ConnectionOptions options;
  private final Consumer<? super Connection> onOpen;
  private final WebSocketClientHandshakeHandler opening;
  private final CompletableFuture<Connection> connection = new GroupFuture<>(this::isOnLoop);
  private ConnectionIdentity identity; // null while the log needs none

  // Null until the handler is in a pipeline.
  private volatile Channel channel;
  private volatile EventExecutor loop;

  /**
   * Creates a handler with default options; whoever calls {@link #connection} uses and closes it.
   *
   * @param uri where the connection goes; decides about the request only, not about TCP
   * @throws IllegalArgumentException if it is no WebSocket URI
   */
  public WebSocketClientHandler(URI uri) {
    this(ClientHandshakeOptions.forUri(uri), ConnectionOptions.defaults(), null);
  }

  /**
   * Creates a handler with default options and an endpoint.
   *
   * @param uri where the connection goes; decides about the request only, not about TCP
   * @param endpoint serves the connection, which is closed when it is done
   * @throws IllegalArgumentException if it is no WebSocket URI
   */
  public WebSocketClientHandler(URI uri, Endpoint endpoint) {
    this(ClientHandshakeOptions.forUri(uri), ConnectionOptions.defaults(), endpoint);
  }

  /**
   * Creates a handler.
   *
   * @param handshake what is asked for
   * @param options limits and times of the connection
   * @param endpoint serves the connection, from before its first frame is read; null for none
   */
  public WebSocketClientHandler(
      ClientHandshakeOptions handshake, ConnectionOptions options, Endpoint endpoint) {
    this(options, handshake, endpoint == null ? null : opened -> EndpointRun.run(endpoint, opened));
  }

  private WebSocketClientHandler(
      ConnectionOptions options,
      ClientHandshakeOptions handshake,
      Consumer<? super Connection> onOpen) {
    Objects.requireNonNull(handshake, "handshake");
    this.options = Objects.requireNonNull(options, "options");
    this.onOpen = onOpen;
    this.opening = new WebSocketClientHandshakeHandler(handshake, options.pipeline(Side.CLIENT));
    opening
        .handshakeFuture()
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                connection.completeExceptionally(done.cause());
              }
            });
    connection.whenComplete(
        (value, failure) -> {
          if (connection.isCancelled()) {
            opening.handshakeFuture().cancel(false);
          }
        });
  }

  /**
   * Returns a handler that hands the connection over before any frame is read, on the event loop.
   */
  static WebSocketClientHandler calling(
      Consumer<? super Connection> onOpen,
      ClientHandshakeOptions handshake,
      ConnectionOptions options) {
    return new WebSocketClientHandler(options, handshake, onOpen);
  }

  /**
   * Returns the connection once it is open, and its endpoint was called. Completes on the event
   * loop; fails with {@code HandshakeException} or with what closed the channel. Cancelling it
   * closes the channel. Once the handler is in a pipeline, {@code get} and {@code join} throw
   * {@link IllegalStateException} on its event loop while the future is not complete.
   */
  public CompletableFuture<Connection> connection() {
    return connection;
  }

  private boolean isOnLoop() {
    EventExecutor known = loop;
    return known != null && known.inEventLoop();
  }

  /** Returns the identifier of the connection that this handler is about to make. */
  @Override
  public Object connectionId() {
    if (identity == null) {
      identity = new ConnectionIdentity(options.logger(Side.CLIENT));
    }
    return identity.id();
  }

  /** Returns what the opening waits for, for a message. Any thread. */
  String phase() {
    Channel known = channel;
    if (known == null || !known.isActive()) {
      return "connecting";
    }
    if (!opening.isRequestSent() || known.pipeline().get(ProxyWait.class) != null) {
      return "waiting for the proxy";
    }
    for (Map.Entry<String, ChannelHandler> handler : known.pipeline()) {
      if (handler.getValue() instanceof SslHandler tls && !tls.handshakeFuture().isDone()) {
        return "in the TLS handshake";
      }
    }
    return "waiting for the response";
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    loop = ctx.executor();
    IllegalStateException misplaced = EventLoops.refusal(ctx);
    if (misplaced != null) {
      connection.completeExceptionally(misplaced);
      throw misplaced;
    }
    ctx.pipeline().addBefore(ctx.name(), null, opening);
  }

  /** The handshake has succeeded, but a handler in front has kept that to itself. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (opening.handshakeFuture().isSuccess()) { // else its failure says why
      connection.completeExceptionally(new ClosedChannelException());
    }
    ctx.fireChannelInactive();
  }

  /** The handshake is over and no frame was read yet. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof HandshakeCompleted completed)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    if (ctx.pipeline().context(opening) == null) { // opened by a handler in front of ours
      ctx.fireUserEventTriggered(event);
      ctx.pipeline().remove(this);
      return;
    }
    ChannelConnection opened =
        Connections.attach(ctx.pipeline(), Side.CLIENT, options, completed, identity);
    ctx.fireUserEventTriggered(event);
    ctx.pipeline().remove(this);
    // One that was cancelled at the last moment is not used.
    if (onOpen != null && !connection.isDone()) {
      onOpen.accept(opened);
    }
    if (!connection.complete(opened)) {
      opened.close();
    }
  }
}
