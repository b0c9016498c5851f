package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;

/**
 * Writes the last response of a connection and ends it without a reset: closing a socket with
 * unread input would destroy a response on its way. The output ends behind the response, and input
 * is discarded until the client ends, too, or {@link #PATIENCE} runs out.
 */
final class LingeringCloseHandler extends ChannelInboundHandlerAdapter {
  /** How long the client may take to end the connection. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final LoopTimer timer = new LoopTimer();

  private LingeringCloseHandler() {}

  /** Puts this handler behind {@code ctx} and makes it write {@code response}, taking it over. */
  static void close(ChannelHandlerContext ctx, FullHttpResponse response) {
    LingeringCloseHandler handler = new LingeringCloseHandler();
    ctx.pipeline().addAfter(ctx.name(), null, handler);
    ChannelHandlerContext own = ctx.pipeline().context(handler);
    if (own == null) {
      response.release();
      ctx.close();
      return;
    }
    handler.write(own, response);
  }

  private void write(ChannelHandlerContext ctx, FullHttpResponse response) {
    timer.restart(ctx, PATIENCE.toNanos(), () -> TcpEnd.closeNow(ctx));
    ctx.writeAndFlush(response).addListener(written -> endOutput(ctx, written));
    readOn(ctx);
  }

  private static void endOutput(ChannelHandlerContext ctx, Future<?> written) {
    if (written.isSuccess()) {
      TcpEnd.endOutput(ctx);
    } else {
      ctx.close();
    }
  }

  /** The end of the input is only seen by those who read. */
  private static void readOn(ChannelHandlerContext ctx) {
    if (!ctx.channel().config().isAutoRead()) {
      ctx.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readOn(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Nothing is left to be saved: the peer gets no more than what it has.
    ctx.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.stop();
  }
}
