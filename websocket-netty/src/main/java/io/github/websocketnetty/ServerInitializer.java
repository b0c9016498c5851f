package io.github.websocketnetty;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.protocol.Times;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;

/** Builds the pipelines of a server's channels. */
@ChannelHandler.Sharable
final class ServerInitializer extends ChannelInitializer<Channel> {

  private static final long NETTYS_HANDSHAKE_MILLIS = 10_000;
  private static final long NETTYS_CLOSE_MILLIS = 3000;

  private final Guests guests;
  private final PathRouter router;
  private final ServerHandshakeOptions handshake;
  private final ConnectionOptions options;
  private final SslContext tls;
  private final ChannelHandler inFront;

  /**
   * Creates an initializer.
   *
   * @param tls null for none
   * @param inFront a sharable handler in front of all others, null for none
   */
  ServerInitializer(
      Guests guests,
      PathRouter router,
      ServerHandshakeOptions handshake,
      ConnectionOptions options,
      SslContext tls,
      ChannelHandler inFront) {
    this.guests = guests;
    this.router = router;
    this.handshake = handshake;
    this.options = options;
    this.tls = tls;
    this.inFront = inFront;
  }

  @Override
  protected void initChannel(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (inFront != null) {
      pipeline.addLast(inFront);
    }
    Guest guest = new Guest(guests, router, options);
    pipeline.addLast(guest);
    if (tls != null) {
      pipeline.addLast(newSslHandler(channel));
    }
    pipeline
        .addLast(handshake.newHttpServerCodec())
        .addLast(new WebSocketServerHandler(handshake, options, guest))
        .addLast(new End(options.logger(Side.SERVER)));
  }

  private SslHandler newSslHandler(Channel channel) {
    SslHandler handler = tls.newHandler(channel.alloc());
    // What is not Netty's default was chosen by who made the context.
    if (handler.getHandshakeTimeoutMillis() == NETTYS_HANDSHAKE_MILLIS) {
      handler.setHandshakeTimeoutMillis(Times.millis(handshake.openTimeout()));
    }
    if (handler.getCloseNotifyFlushTimeoutMillis() == NETTYS_CLOSE_MILLIS) {
      handler.setCloseNotifyFlushTimeoutMillis(Times.millis(options.closeTimeout()));
    }
    return handler;
  }

  /** What nobody wanted: clients that are no clients of ours are no reason for a warning. */
  private static final class End extends ChannelInboundHandlerAdapter {
    private final Logger logger;

    End(Logger logger) {
      this.logger = logger;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      logger.debug("connection failed {}", ctx.channel(), cause);
      ctx.close();
    }
  }
}
