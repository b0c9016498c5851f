package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The bytes that arrived behind the handshake before it was over. Event loop only.
 *
 * <p>A peer sends nothing before the handshake is over, unless it violates RFC 6455 section 4.1.
 * Auto-read belongs to the application, so it is switched off only for a peer that sends much; and
 * transports deliver what they have already read, so there is a limit beyond which the peer is not
 * worth the memory.
 */
final class HeldInput {
  private static final int MAX_BYTES = 1 << 20;

  /** More bytes than this pause reading. */
  static final int MUCH = 1 << 16;

  private final Queue<ByteBuf> buffers = new ArrayDeque<>(2);
  private int bytes;
  private boolean paused;
  private boolean resumed;

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

  /** Stops reading if much is held, unless the application had stopped it before. */
  void pauseIfMuch(ChannelHandlerContext ctx) {
    if (bytes > MUCH && !resumed && ctx.channel().config().isAutoRead()) {
      paused = true;
      ctx.channel().config().setAutoRead(false);
    }
  }

  /** Reads again, if this had stopped it, and never stops it again. */
  void resume(ChannelHandlerContext ctx) {
    resumed = true;
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
