package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;

/**
 * Answers pings at once while the peer reads, and only the newest when it reads again.
 *
 * <p>RFC 6455 §5.5.3 permits that. Otherwise a peer that sends pings and does not read could fill
 * our memory with pongs.
 */
final class LatestPong {
  private ByteBuf waiting;
  private boolean isUnflushed;

  /** Answers {@code ping}, taking it over. */
  void answer(ChannelHandlerContext ctx, PingWebSocketFrame ping) {
    if (!ctx.channel().isWritable() && isUnflushed) {
      flush(ctx); // the buffer may be full of pongs that the peer would take
    }
    release(); // older than this ping
    if (ctx.channel().isWritable()) {
      ctx.write(new PongWebSocketFrame(ping.content()));
      isUnflushed = true;
      return;
    }
    // A copy, because the payload may be a slice that holds on to a whole read buffer.
    try {
      waiting = ctx.alloc().buffer(ping.content().readableBytes()).writeBytes(ping.content());
    } finally {
      ping.release();
    }
  }

  /** Sends what waits if the peer reads again. */
  void writabilityChanged(ChannelHandlerContext ctx) {
    if (waiting != null && ctx.channel().isWritable()) {
      ByteBuf payload = waiting;
      waiting = null;
      ctx.writeAndFlush(new PongWebSocketFrame(payload));
    }
  }

  /** The read that brought pings is over. */
  void flush(ChannelHandlerContext ctx) {
    if (isUnflushed) {
      isUnflushed = false;
      ctx.flush();
    }
  }

  /** Forgets what waits. */
  void release() {
    if (waiting != null) {
      waiting.release();
      waiting = null;
    }
  }
}
