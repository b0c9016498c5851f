package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.protocol.CloseCode;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends every message back; pings, pongs and closes never get this far. */
final class EchoHandler extends SimpleChannelInboundHandler<WebSocketFrame> {
  /** The user event that ends a connection. */
  static final Object GOING_AWAY = new Object();

  private static final Logger LOGGER = LoggerFactory.getLogger(EchoHandler.class);

  private final BooleanSupplier serverIsClosing;
  private boolean open;

  EchoHandler(BooleanSupplier serverIsClosing) {
    super(false); // write() takes over the frame, so it must not be released here
    this.serverIsClosing = serverIsClosing;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    ctx.write(frame);
    if (!ctx.channel().isWritable()) {
      ctx.flush();
      pauseIfPeerIsSlow(ctx);
    }
  }

  // A peer that sends but does not read would fill our memory with its own messages.
  private void pauseIfPeerIsSlow(ChannelHandlerContext ctx) {
    if (!ctx.channel().isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      ctx.channel().config().setAutoRead(true);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof HandshakeCompleted) {
      open = true;
    }
    if (event == GOING_AWAY
        || event instanceof HandshakeCompleted && serverIsClosing.getAsBoolean()) {
      goAway(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  private void goAway(ChannelHandlerContext ctx) {
    if (open) {
      ctx.writeAndFlush(new CloseWebSocketFrame(CloseCode.GOING_AWAY, ""));
    } else {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOGGER.debug("{} failed: {}", ctx.channel(), cause.toString());
    ctx.close();
  }
}
