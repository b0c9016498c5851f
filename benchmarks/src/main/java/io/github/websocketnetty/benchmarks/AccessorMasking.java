package io.github.websocketnetty.benchmarks;

import io.netty.buffer.ByteBuf;

/**
 * Unmasks as Netty's frame decoder does, whose own method is private: through the accessors of the
 * buffer, a {@code long} at a time.
 */
final class AccessorMasking {
  private AccessorMasking() {}

  static void xor(ByteBuf buffer, int index, int length, int key) {
    long mask = Integer.toUnsignedLong(key) | (long) key << Integer.SIZE;
    int end = index + length;
    int i = index;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      buffer.setLong(i, buffer.getLong(i) ^ mask);
    }
    for (int shift = 24; i < end; i++, shift = shift - 8 & 31) {
      buffer.setByte(i, buffer.getByte(i) ^ key >>> shift);
    }
  }
}
