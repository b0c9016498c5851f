package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * A small buffer for each event loop, for what leaves at once: a frame that is flushed alone, or a
 * header. Allocating and releasing one costs more than all else that is done for such a frame.
 *
 * <p>It is used again when nothing holds it any more but this; until then others are allocated. It
 * is not counted as a leak, because it stays for as long as its thread.
 */
final class LoopBuffer {
  private static final int CAPACITY = 2048; // the largest frame that is gathered, and then some
  private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(true, true);

  private static final FastThreadLocal<ByteBuf> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuf initialValue() {
          return UNTRACKED.directBuffer(CAPACITY, CAPACITY);
        }

        @Override
        protected void onRemoval(ByteBuf buffer) {
          buffer.release();
        }
      };

  private LoopBuffer() {}

  /** Returns an empty buffer with room for {@code bytes}, which the caller owns. */
  static ByteBuf of(ByteBufAllocator allocator, int bytes) {
    if (bytes <= CAPACITY) {
      ByteBuf buffer = OF_THREAD.get();
      if (buffer.refCnt() == 1) {
        return buffer.clear().retain();
      }
    }
    return allocator.ioBuffer(bytes);
  }
}
