package io.github.websocketnetty.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The loops of {@link Masking} for arrays. Of one kind of memory each: where a loop sees arrays and
 * direct buffers alike, the compiler makes it many times slower.
 */
final class ArrayMasking {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private ArrayMasking() {}

  static void xor(byte[] array, int offset, int length, int key) {
    long mask = Masking.repeat(key, ByteOrder.nativeOrder());
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      LONGS.set(array, i, (long) LONGS.get(array, i) ^ mask);
    }
    for (int rest = key; i < end; i++, rest = Masking.rotate(rest, 1)) {
      array[i] ^= (byte) (rest >>> Masking.TOP_BYTE);
    }
  }

  static long xorAndCollect(byte[] array, int offset, int length, int key) {
    int inBlocks = length < Masking.TWO_LOOPS ? 0 : length & -Long.BYTES;
    long collected = 0;
    int size;
    for (int done = 0; done < inBlocks; done += size) {
      size = Math.min(inBlocks - done, Masking.BLOCK);
      xor(array, offset + done, size, key);
      collected |= collectLongs(array, offset + done, size);
    }
    return collected | xorAndCollectInOne(array, offset + inBlocks, length - inBlocks, key);
  }

  private static long xorAndCollectInOne(byte[] array, int offset, int length, int key) {
    long mask = Masking.repeat(key, ByteOrder.nativeOrder());
    long collected = 0;
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long plain = (long) LONGS.get(array, i) ^ mask;
      LONGS.set(array, i, plain);
      collected |= plain;
    }
    for (int rest = key; i < end; i++, rest = Masking.rotate(rest, 1)) {
      byte plain = (byte) (array[i] ^ rest >>> Masking.TOP_BYTE);
      array[i] = plain;
      collected |= plain;
    }
    return collected;
  }

  private static long collectLongs(byte[] array, int offset, int length) {
    long first = 0;
    long second = 0;
    long third = 0;
    long fourth = 0;
    int end = offset + length;
    int i = offset;
    for (; i <= end - 4 * Long.BYTES; i += 4 * Long.BYTES) {
      first |= (long) LONGS.get(array, i);
      second |= (long) LONGS.get(array, i + Long.BYTES);
      third |= (long) LONGS.get(array, i + 2 * Long.BYTES);
      fourth |= (long) LONGS.get(array, i + 3 * Long.BYTES);
    }
    for (; i < end; i += Long.BYTES) {
      first |= (long) LONGS.get(array, i);
    }
    return first | second | third | fourth;
  }
}
