package io.github.websocketnetty;

import io.github.websocketnetty.handler.ConnectionIdSource;
import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;

/**
 * Serves WebSocket connections on one path of an existing server: the opening handshake, the
 * handlers and an {@link Endpoint} in one line. Not sharable: one for each channel.
 *
 * <p>It goes behind {@code HttpServerCodec}, with or without {@code HttpObjectAggregator}. Requests
 * for other paths are answered with 404 unless {@link
 * ServerHandshakeOptions.Builder#passOtherRequests} says otherwise. Then several of these handlers
 * may stand behind each other, one for each path.
 *
 * <p>With auto-read off the handshake reads the first request by itself, and the connection its
 * messages.
 */
public final class WebSocketServerHandler extends ChannelInboundHandlerAdapter
    implements ConnectionIdSource {
  private final ServerHandshakeOptions handshake;
  private final ConnectionOptions options;
  private final Endpoint endpoint;
  private WebSocketServerHandshakeHandler opening; // null until this is added
  private ConnectionIdentity identity; // null while the log needs none

  /**
   * Creates a handler with default options.
   *
   * @param path the path, without a query
   * @param endpoint serves the connection
   */
  public WebSocketServerHandler(String path, Endpoint endpoint) {
    this(ServerHandshakeOptions.forPath(path), ConnectionOptions.defaults(), endpoint);
  }

  /**
   * Creates a handler.
   *
   * @param handshake which requests become connections
   * @param options limits and times of a connection
   * @param endpoint serves the connection
   */
  public WebSocketServerHandler(
      ServerHandshakeOptions handshake, ConnectionOptions options, Endpoint endpoint) {
    this.handshake = Objects.requireNonNull(handshake, "handshake");
    this.options = Objects.requireNonNull(options, "options");
    this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
  }

  /** Returns the identifier of the connection that this handler is about to make. */
  @Override
  public Object connectionId() {
    if (identity == null) {
      identity = new ConnectionIdentity(options.logger(Side.SERVER));
    }
    return identity.id();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    IllegalStateException misplaced = EventLoops.refusal(ctx);
    if (misplaced != null) {
      throw misplaced;
    }
    opening = new WebSocketServerHandshakeHandler(handshake, options.pipeline(Side.SERVER));
    ctx.pipeline().addBefore(ctx.name(), null, opening);
  }

  /** The handshake is over and no frame was read yet: makes the connection and serves it. */
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
    ChannelConnection connection =
        Connections.attach(ctx.pipeline(), Side.SERVER, options, completed, identity);
    ctx.fireUserEventTriggered(event);
    ctx.pipeline().remove(this);
    EndpointRun.run(endpoint, connection);
  }
}
