package io.github.websocketnetty;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the pipelines of a server's channels. */
@ChannelHandler.Sharable
final class ServerInitializer extends ChannelInitializer<Channel> {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketServer.class);

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
    Guest guest = new Guest(guests, router, options.closeTimeout());
    pipeline.addLast(guest);
    if (tls != null) {
      pipeline.addLast(newSslHandler(channel));
    }
    pipeline
        .addLast(handshake.newHttpServerCodec())
        .addLast(new WebSocketServerHandler(handshake, options, guest))
        .addLast(new End());
  }

  private SslHandler newSslHandler(Channel channel) {
    SslHandler handler = tls.newHandler(channel.alloc());
    handler.setHandshakeTimeoutMillis(handshake.openTimeout().toMillis());
    handler.setCloseNotifyFlushTimeoutMillis(options.closeTimeout().toMillis());
    return handler;
  }

  /** What nobody wanted: clients that are no clients of ours are no reason for a warning. */
  private static final class End extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("connection failed {}", ctx.channel(), cause);
      ctx.close();
    }
  }
}
