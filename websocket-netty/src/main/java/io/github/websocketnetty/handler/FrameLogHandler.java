package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.slf4j.Logger;

/**
 * Logs all frames at DEBUG, as they are before compression; but a frame of a broadcast that several
 * connections share as it is sent. It stands in a pipeline only if its logger wanted that when the
 * connection was opened, so that it costs nothing otherwise. Event loop only.
 */
final class FrameLogHandler extends ChannelDuplexHandler {
  private final Logger logger;
  private boolean receivesText;
  private boolean sendsText;

  FrameLogHandler(Logger logger) {
    this.logger = logger;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof WebSocketFrame frame) {
      receivesText = isText(frame, receivesText);
      logger.debug("{} < {}", ctx.channel(), LogLines.of(frame, receivesText));
    }
    ctx.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof WebSocketFrame frame) {
      sendsText = isText(frame, sendsText);
      logger.debug("{} > {}", ctx.channel(), LogLines.of(frame, sendsText));
    } else if (message instanceof ByteBuf frame && frame.isReadable()) { // else it is no frame
      logger.debug("{} > {}", ctx.channel(), LogLines.ofEncoded(frame));
    }
    ctx.write(message, promise);
  }

  private static boolean isText(WebSocketFrame frame, boolean before) {
    return frame instanceof TextWebSocketFrame
        || before && !(frame instanceof BinaryWebSocketFrame);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      logger.debug("{} < end of input", ctx.channel());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (LogLines.isOfPeer(cause)) {
      logger.debug("{} failed: {}", ctx.channel(), LogLines.of(cause));
    } else {
      logger.debug("{} failed", ctx.channel(), cause);
    }
    ctx.fireExceptionCaught(cause);
  }
}
