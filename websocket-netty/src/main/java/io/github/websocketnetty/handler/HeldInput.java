package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The bytes that arrived behind the handshake before it was over. Event loop only.
 *
 * <p>While it has to wait, reading is {@linkplain #pause paused}, so little can come; but
 * transports deliver what they have already read, and a peer that sends this much before it may is
 * not worth the memory.
 */
final class HeldInput {
  private static final int MAX_BYTES = 1 << 20;

  private final Queue<ByteBuf> buffers = new ArrayDeque<>(2);
  private int bytes;
  private boolean paused;

  /**
   * Takes over a buffer.
   *
   * @return whether the peer still keeps within reason
   */
  boolean add(ByteBuf buffer) {
    buffers.add(buffer);
    bytes += buffer.readableBytes();
    return bytes <= MAX_BYTES;
  }

  /** Stops reading, unless somebody else had already stopped it. */
  void pause(ChannelHandlerContext ctx) {
    if (!paused && ctx.channel().config().isAutoRead()) {
      paused = true;
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** Reads again, if this had stopped it. */
  void resume(ChannelHandlerContext ctx) {
    if (paused) {
      paused = false;
      ctx.channel().config().setAutoRead(true);
    }
  }

  /** Passes everything on, in order, also what arrives meanwhile. */
  void passOn(ChannelHandlerContext ctx) {
    boolean any = !buffers.isEmpty();
    for (ByteBuf buffer = buffers.poll(); buffer != null; buffer = buffers.poll()) {
      ctx.fireChannelRead(buffer);
    }
    if (any) {
      ctx.fireChannelReadComplete();
    }
  }

  /** Drops everything. */
  void release() {
    for (ByteBuf buffer = buffers.poll(); buffer != null; buffer = buffers.poll()) {
      buffer.release();
    }
  }
}
