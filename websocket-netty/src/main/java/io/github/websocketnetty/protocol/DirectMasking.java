package io.github.websocketnetty.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * The loops of {@link Masking} for direct buffers.
 *
 * <p>Those over longs have the one form that the JIT compiler vectorises in every JVM. They begin
 * at 0 and end at a number that is visibly small: else the compiler does not know that the index
 * never overflows, and its additions stand between the addresses. And memory is seen as longs of
 * the native byte order: {@link ByteBuffer#getLong} asks for the order each time, and where
 * anything in the JVM has read longs in the other order the compiler keeps the question, which
 * makes the loop ten times slower. A {@code VarHandle} of a buffer asks in addition whether there
 * is an array.
 */
final class DirectMasking {
  /** More longs than any buffer has. */
  private static final int MAX_LONGS = (1 << 28) - 1;

  /** For shorter payloads a view of longs does not pay. */
  private static final int SHORT = 512;

  private DirectMasking() {}

  /** Masks what remains of a view that nobody else uses meanwhile. */
  static void xor(ByteBuffer part, int key) {
    ByteOrder order = part.order();
    part.order(ByteOrder.nativeOrder());
    try {
      xor(part, part.position(), part.remaining(), key);
    } finally {
      part.order(order);
    }
  }

  static void xor(ByteBuffer direct, int offset, int length, int key) {
    boolean isBigEndian = direct.order() == ByteOrder.BIG_ENDIAN;
    long bigEndian = (long) key << Integer.SIZE | Integer.toUnsignedLong(key);
    long mask = isBigEndian ? bigEndian : Long.reverseBytes(bigEndian);
    // Where in the mask the first two bytes of the key are.
    int halfKey = isBigEndian ? Long.SIZE - Short.SIZE : 0;
    if (length >= SHORT) {
      boolean isBigMachine = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
      long nativeMask = isBigMachine ? bigEndian : Long.reverseBytes(bigEndian);
      xorLongs(longs(direct, offset, length), nativeMask);
      int i = offset + (length & -Long.BYTES);
      if ((length & Integer.BYTES) != 0) {
        direct.putInt(i, direct.getInt(i) ^ (int) mask);
        i += Integer.BYTES;
      }
      if ((length & Short.BYTES) != 0) {
        direct.putShort(i, (short) (direct.getShort(i) ^ (int) (mask >>> halfKey)));
        i += Short.BYTES;
      }
      if ((length & 1) != 0) {
        direct.put(
            i, (byte) (direct.get(i) ^ Masking.rotate(key, length - 1) >>> Masking.TOP_BYTE));
      }
      return;
    }
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      direct.putLong(i, direct.getLong(i) ^ mask);
    }
    if ((length & Integer.BYTES) != 0) {
      direct.putInt(i, direct.getInt(i) ^ (int) mask);
      i += Integer.BYTES;
    }
    if ((length & Short.BYTES) != 0) {
      direct.putShort(i, (short) (direct.getShort(i) ^ (int) (mask >>> halfKey)));
      i += Short.BYTES;
    }
    if ((length & 1) != 0) {
      direct.put(i, (byte) (direct.get(i) ^ Masking.rotate(key, length - 1) >>> Masking.TOP_BYTE));
    }
  }

  private static void xorLongs(LongBuffer longs, long mask) {
    int end = longs.capacity() & MAX_LONGS;
    for (int i = 0; i < end; i++) {
      longs.put(i, longs.get(i) ^ mask);
    }
  }

  static long xorAndCollect(ByteBuffer direct, int offset, int length, int key) {
    long mask = Masking.repeat(key, direct.order());
    int halfKey = direct.order() == ByteOrder.BIG_ENDIAN ? Long.SIZE - Short.SIZE : 0;
    long collected = 0;
    if (length >= SHORT) {
      LongBuffer longs = longs(direct, offset, length);
      collected = xorAndCollect(longs, Masking.repeat(key, ByteOrder.nativeOrder()));
      int i = offset + (length & -Long.BYTES);
      if ((length & Integer.BYTES) != 0) {
        int plain = direct.getInt(i) ^ (int) mask;
        direct.putInt(i, plain);
        collected |= plain;
        i += Integer.BYTES;
      }
      if ((length & Short.BYTES) != 0) {
        short plain = (short) (direct.getShort(i) ^ (int) (mask >>> halfKey));
        direct.putShort(i, plain);
        collected |= plain;
        i += Short.BYTES;
      }
      if ((length & 1) != 0) {
        byte plain = (byte) (direct.get(i) ^ Masking.rotate(key, length - 1) >>> Masking.TOP_BYTE);
        direct.put(i, plain);
        collected |= plain;
      }
      return collected;
    }
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long plain = direct.getLong(i) ^ mask;
      direct.putLong(i, plain);
      collected |= plain;
    }
    if ((length & Integer.BYTES) != 0) {
      int plain = direct.getInt(i) ^ (int) mask;
      direct.putInt(i, plain);
      collected |= plain;
      i += Integer.BYTES;
    }
    if ((length & Short.BYTES) != 0) {
      short plain = (short) (direct.getShort(i) ^ (int) (mask >>> halfKey));
      direct.putShort(i, plain);
      collected |= plain;
      i += Short.BYTES;
    }
    if ((length & 1) != 0) {
      byte plain = (byte) (direct.get(i) ^ Masking.rotate(key, length - 1) >>> Masking.TOP_BYTE);
      direct.put(i, plain);
      collected |= plain;
    }
    return collected;
  }

  /** Costs nothing where the compiler sees that nobody keeps the view, else two small objects. */
  private static LongBuffer longs(ByteBuffer direct, int offset, int length) {
    return direct.slice(offset, length).order(ByteOrder.nativeOrder()).asLongBuffer();
  }

  private static long xorAndCollect(LongBuffer longs, long mask) {
    if (longs.capacity() < Masking.TWO_LOOPS / Long.BYTES) {
      return xorAndCollectLongs(longs, mask);
    }
    long collected = 0;
    int size;
    for (int done = 0; done < longs.capacity(); done += size) {
      size = Math.min(longs.capacity() - done, Masking.BLOCK / Long.BYTES);
      LongBuffer block = longs.slice(done, size);
      xorLongs(block, mask);
      collected |= collectLongs(block);
    }
    return collected;
  }

  private static long xorAndCollectLongs(LongBuffer longs, long mask) {
    long collected = 0;
    int end = longs.capacity() & MAX_LONGS;
    for (int i = 0; i < end; i++) {
      long plain = longs.get(i) ^ mask;
      longs.put(i, plain);
      collected |= plain;
    }
    return collected;
  }

  private static long collectLongs(LongBuffer longs) {
    // Four strands, lest each step waits for the one before.
    long first = 0;
    long second = 0;
    long third = 0;
    long fourth = 0;
    int count = longs.capacity() & MAX_LONGS;
    int end = count & -4;
    for (int i = 0; i < end; i += 4) {
      first |= longs.get(i);
      second |= longs.get(i + 1);
      third |= longs.get(i + 2);
      fourth |= longs.get(i + 3);
    }
    for (int i = end; i < count; i++) {
      first |= longs.get(i);
    }
    return first | second | third | fourth;
  }
}
