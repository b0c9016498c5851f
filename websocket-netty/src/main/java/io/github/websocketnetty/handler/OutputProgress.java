package io.github.websocketnetty.handler;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Notices when nothing of what was written moves, because the peer does not read or is gone. Event
 * loop only.
 */
final class OutputProgress {
  private ChannelFuture marker;
  private Object first;
  private long progress;

  /** Remembers where the output stands. */
  void mark(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
    if (buffer == null || buffer.totalPendingWriteBytes() == 0) {
      marker = null;
      first = null;
      return;
    }
    if (marker == null || marker.isDone()) {
      // Behind everything: while it waits, two buffers seen at the front are not one that was
      // recycled.
      marker = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }
    first = buffer.current();
    progress = buffer.currentProgress();
  }

  /** Returns whether something was waiting at the mark, and still waits as it did then. */
  boolean isStuck(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
    return marker != null
        && !marker.isDone()
        && buffer != null
        && buffer.current() == first
        && buffer.currentProgress() == progress;
  }
}
