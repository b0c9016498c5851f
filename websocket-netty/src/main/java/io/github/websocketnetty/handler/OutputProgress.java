package io.github.websocketnetty.handler;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Where the output stands at some moment, to notice later that nothing of it moves because the peer
 * does not read or is gone. Event loop only.
 */
final class OutputProgress {
  private final ChannelFuture marker;
  private final Object first;
  private final long progress;

  private OutputProgress(ChannelFuture marker, Object first, long progress) {
    this.marker = marker;
    this.first = first;
    this.progress = progress;
  }

  /**
   * Returns where the output stands now, or null if nothing waits.
   *
   * @param before where it stood when asked last, or null
   */
  static OutputProgress mark(ChannelHandlerContext ctx, OutputProgress before) {
    ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
    if (buffer == null || buffer.totalPendingWriteBytes() == 0) {
      return null;
    }
    // Behind everything: while it waits, two buffers seen at the front are not one that was
    // recycled.
    ChannelFuture marker =
        before == null || before.marker.isDone()
            ? ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
            : before.marker;
    return new OutputProgress(marker, buffer.current(), buffer.currentProgress());
  }

  /** Returns whether what waited then still waits in the same way. */
  boolean isStuck(ChannelHandlerContext ctx) {
    ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
    return !marker.isDone()
        && buffer != null
        && buffer.current() == first
        && buffer.currentProgress() == progress;
  }
}
