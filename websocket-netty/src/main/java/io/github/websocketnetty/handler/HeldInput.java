package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * The bytes that arrived behind the peer's part of the handshake before it was over. Event loop
 * only.
 */
final class HeldInput {
  /**
   * What a server holds at most. A client must send nothing before the 101 (RFC 6455 section 4.1).
   * A lower limit would not save memory, because a transport may deliver that much in one go.
   */
  static final int MAX_BYTES = 1 << 20;

  private ByteBuf held;

  boolean isEmpty() {
    return held == null;
  }

  /** Returns whether a server may hold this buffer too. */
  boolean hasRoomFor(ByteBuf buffer) {
    return (isEmpty() ? 0 : held.readableBytes()) + (long) buffer.readableBytes() <= MAX_BYTES;
  }

  /** Takes over a buffer. Joins it with what is held: a buffer of few bytes may be a large one. */
  void add(ByteBufAllocator allocator, ByteBuf buffer) {
    held =
        isEmpty() ? buffer : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, held, buffer);
  }

  /** Passes everything on, in order, also what arrives meanwhile because a handler reads. */
  void passOn(ChannelHandlerContext ctx) {
    while (!isEmpty()) {
      ctx.fireChannelRead(take());
      if (isEmpty()) {
        ctx.fireChannelReadComplete();
      }
    }
  }

  /** Drops everything. */
  void release() {
    if (!isEmpty()) {
      take().release();
    }
  }

  private ByteBuf take() {
    ByteBuf taken = held;
    held = null;
    return taken;
  }
}
