package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The last bytes of one direction of a connection, uncompressed: all that a context is made of. A
 * ring that grows as it fills. Not thread-safe.
 */
final class DeflateHistory {
  /** As far as any message may refer back. */
  static final int LARGEST = 1 << DeflateParameters.LARGEST_WINDOW_BITS;

  private static final int SMALLEST = 1 << 10;
  private static final byte[] NONE = {};

  private byte[] ring = NONE;
  private int most;
  private int end;
  private int length;

  /**
   * Creates an empty history.
   *
   * @param most the bytes that are remembered, up to {@link #LARGEST}
   */
  DeflateHistory(int most) {
    this.most = most;
  }

  int length() {
    return length;
  }

  /** Remembers more from now on, up to {@link #LARGEST}. */
  void rememberAtLeast(int bytes) {
    most = Math.max(most, Math.min(LARGEST, bytes));
  }

  void add(byte[] from, int offset, int count) {
    int last = makeRoom(count);
    int start = offset + count - last;
    int first = Math.min(last, ring.length - end);
    System.arraycopy(from, start, ring, end, first);
    System.arraycopy(from, start + first, ring, 0, last - first);
    advance(last);
  }

  void add(ByteBuf from, int index, int count) {
    int last = makeRoom(count);
    int start = index + count - last;
    int first = Math.min(last, ring.length - end);
    from.getBytes(start, ring, end, first);
    from.getBytes(start + first, ring, 0, last - first);
    advance(last);
  }

  /** Returns how many of the bytes, the last ones, are to be copied. */
  private int makeRoom(int count) {
    int needed = (int) Math.min(most, (long) length + count);
    if (needed > ring.length) {
      int power = Math.max(SMALLEST, Integer.highestOneBit(needed - 1) << 1);
      byte[] longer = new byte[Math.min(most, power)];
      copyTo(longer);
      ring = longer;
      end = length;
    }
    return Math.min(count, ring.length);
  }

  private void advance(int count) {
    end += count;
    if (end > ring.length) {
      end -= ring.length;
    }
    length = Math.min(ring.length, length + count);
  }

  /** Copies everything, the oldest byte first. */
  void copyTo(byte[] out) {
    int start = end - length;
    if (start >= 0) {
      System.arraycopy(ring, start, out, 0, length);
      return;
    }
    System.arraycopy(ring, ring.length + start, out, 0, -start);
    System.arraycopy(ring, 0, out, -start, end);
  }

  /** Forgets everything. */
  void clear() {
    ring = NONE;
    end = 0;
    length = 0;
  }
}
