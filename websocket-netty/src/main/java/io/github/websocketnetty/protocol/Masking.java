package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;

/**
 * Masks and unmasks payload in place; both are the same exclusive or.
 *
 * <p>A key is an {@code int} with its first byte in the top 8 bits, as {@link ByteBuf#getInt} reads
 * it from a frame header. A region always starts with the key's first byte: who continues in the
 * middle of a payload {@linkplain #rotate rotates} the key first.
 *
 * <p>Any thread may call this, as long as nobody else uses the region or, for a {@code ByteBuf},
 * its internal NIO view. Nothing is retained or released, and no index is moved.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.3">RFC 6455, section 5.3</a>
 */
public final class Masking {
  // The loops over longs are as plain as they are because the JIT compiler vectorises exactly this
  // form. Unrolled by hand, nested in a loop over blocks, or fed with heap and direct buffers
  // alike,
  // they are 2 to 40 times slower; so arrays and direct buffers have methods of their own.
  //
  // Direct buffers are read by getLong and putLong, which know that there is no array. A VarHandle
  // finds that out from a profile only: in one JVM of five it did not, and was 20 times slower; and
  // it reads limit and address of the buffer again for each long, as if they could be overwritten.
  // And their methods are too long to be inlined (more than 325 bytecodes) on purpose: at the
  // bottom
  // of a large compilation the compiler stops inlining, and then each access is a call.
  private static final VarHandle ARRAY_LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int TOP_BYTE = 24;

  /** Shorter payloads have a loop of their own. */
  private static final int SHORT = 512;

  /** For shorter ones two loops do not pay. */
  private static final int TWO_LOOPS = 4096;

  /**
   * Whether the compiler vectorises a loop over a buffer that begins anywhere, or collects what it
   * stores. Older ones want a slice, from 0 on, which takes a fifth of the time; and a loop of its
   * own that collects.
   */
  private static final boolean IS_NEW_COMPILER = Runtime.version().feature() >= 21;

  private Masking() {}

  /**
   * Returns the key as it stands after some bytes of payload.
   *
   * @param key the key for the first of those bytes
   * @param bytes how many bytes of payload were masked with it
   */
  public static int rotate(int key, long bytes) {
    return Integer.rotateLeft(key, ((int) bytes & 3) * Byte.SIZE);
  }

  /**
   * Returns whether all bytes that {@code xorAndCollect} saw are ASCII.
   *
   * @param collected the result of {@code xorAndCollect}, or several of them combined with {@code
   *     |}
   */
  public static boolean isAscii(long collected) {
    return (collected & HIGH_BITS) == 0;
  }

  /**
   * Masks or unmasks part of an array.
   *
   * @throws IndexOutOfBoundsException if the array has no such part
   */
  public static void xor(byte[] array, int offset, int length, int key) {
    Objects.checkFromIndexSize(offset, length, array.length);
    if (key == 0) {
      return;
    }
    long mask = repeat(key, ByteOrder.nativeOrder());
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      ARRAY_LONGS.set(array, i, (long) ARRAY_LONGS.get(array, i) ^ mask);
    }
    for (int rest = key; i < end; i++, rest = rotate(rest, 1)) {
      array[i] ^= (byte) (rest >>> TOP_BYTE);
    }
  }

  /**
   * Masks or unmasks part of a direct buffer; its position does not matter and stays. It is fastest
   * if the buffer has the native byte order.
   *
   * @param offset the absolute index of the first byte
   * @throws IndexOutOfBoundsException if the buffer has no such part below its limit
   * @throws IllegalArgumentException if the buffer is not direct
   * @throws ReadOnlyBufferException if it may not be written
   */
  public static void xor(ByteBuffer direct, int offset, int length, int key) {
    Objects.checkFromIndexSize(offset, length, direct.limit());
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("not a direct buffer: " + direct);
    }
    if (key == 0) {
      return;
    }
    // Two times the same: short payloads must not teach the compiler that the loop is a short one.
    if (length < SHORT) {
      long mask = repeat(key, direct.order());
      // Where in the mask the first two bytes of the key are.
      int halfKey = direct.order() == ByteOrder.BIG_ENDIAN ? Long.SIZE - Short.SIZE : 0;
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
        direct.put(i, (byte) (direct.get(i) ^ rotate(key, length - 1) >>> TOP_BYTE));
      }
      return;
    }
    long mask = repeat(key, direct.order());
    int halfKey = direct.order() == ByteOrder.BIG_ENDIAN ? Long.SIZE - Short.SIZE : 0;
    ByteBuffer part = IS_NEW_COMPILER ? direct : direct.slice(offset, length).order(direct.order());
    int i = IS_NEW_COMPILER ? offset : 0;
    int end = i + length;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      part.putLong(i, part.getLong(i) ^ mask);
    }
    if ((length & Integer.BYTES) != 0) {
      part.putInt(i, part.getInt(i) ^ (int) mask);
      i += Integer.BYTES;
    }
    if ((length & Short.BYTES) != 0) {
      part.putShort(i, (short) (part.getShort(i) ^ (int) (mask >>> halfKey)));
      i += Short.BYTES;
    }
    if ((length & 1) != 0) {
      part.put(i, (byte) (part.get(i) ^ rotate(key, length - 1) >>> TOP_BYTE));
    }
  }

  /**
   * Does what {@link #xor(byte[], int, int, int)} does and collects the results, which tells at
   * hardly any cost whether they are ASCII.
   *
   * @return all resulting bytes combined with {@code |}, for {@link #isAscii}: bit 7 of any of its
   *     bytes is set if and only if bit 7 of some resulting byte is
   */
  public static long xorAndCollect(byte[] array, int offset, int length, int key) {
    Objects.checkFromIndexSize(offset, length, array.length);
    long mask = repeat(key, ByteOrder.nativeOrder());
    long collected = 0;
    int end = offset + length;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long plain = (long) ARRAY_LONGS.get(array, i) ^ mask;
      ARRAY_LONGS.set(array, i, plain);
      collected |= plain;
    }
    for (int rest = key; i < end; i++, rest = rotate(rest, 1)) {
      byte plain = (byte) (array[i] ^ rest >>> TOP_BYTE);
      array[i] = plain;
      collected |= plain;
    }
    return collected;
  }

  /**
   * Does what {@link #xor(ByteBuffer, int, int, int)} does and collects the results.
   *
   * @return all resulting bytes combined with {@code |}, for {@link #isAscii}
   */
  public static long xorAndCollect(ByteBuffer direct, int offset, int length, int key) {
    checkDirect(direct, offset, length);
    if (!IS_NEW_COMPILER && length >= TWO_LOOPS) {
      return xorThenCollect(direct, offset, length, key);
    }
    long mask = repeat(key, direct.order());
    // Where in the mask the first two bytes of the key are.
    int halfKey = direct.order() == ByteOrder.BIG_ENDIAN ? Long.SIZE - Short.SIZE : 0;
    long collected = 0;
    int end = offset + length;
    // Two times the same: short payloads must not teach the compiler that the loop is a short one.
    if (length < SHORT) {
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
        byte plain = (byte) (direct.get(i) ^ rotate(key, length - 1) >>> TOP_BYTE);
        direct.put(i, plain);
        collected |= plain;
      }
      return collected;
    }
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
      byte plain = (byte) (direct.get(i) ^ rotate(key, length - 1) >>> TOP_BYTE);
      direct.put(i, plain);
      collected |= plain;
    }
    return collected;
  }

  private static long xorThenCollect(ByteBuffer direct, int offset, int length, int key) {
    xor(direct, offset, length, key);
    // Two at a time, lest each waits for the one before.
    int half = length / 2 & -Long.BYTES;
    ByteBuffer low = direct.slice(offset, half).order(direct.order());
    ByteBuffer high = direct.slice(offset + half, half).order(direct.order());
    long collected = 0;
    for (int i = 0; i <= half - Long.BYTES; i += Long.BYTES) {
      collected |= low.getLong(i) | high.getLong(i);
    }
    for (int i = 2 * half; i < length; i++) {
      collected |= direct.get(offset + i);
    }
    return collected;
  }

  /**
   * Masks or unmasks part of a buffer of any kind.
   *
   * @param index the absolute index of the first byte
   * @throws IndexOutOfBoundsException if the buffer has no such part
   * @throws ReadOnlyBufferException if it, or a component of it, may not be written; then nothing
   *     was
   */
  public static void xor(ByteBuf buffer, int index, int length, int key) {
    Objects.checkFromIndexSize(index, length, buffer.capacity());
    if (buffer.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    if (length == 0) {
      return;
    }
    if (buffer.hasArray()) {
      xor(buffer.array(), buffer.arrayOffset() + index, length, key);
    } else if (buffer.nioBufferCount() == 1) {
      xor(buffer.internalNioBuffer(index, length), key);
    } else if (buffer.nioBufferCount() > 1) {
      xor(buffer.nioBuffers(index, length), key);
    } else {
      xorBytewise(buffer, index, length, key);
    }
  }

  private static void xor(ByteBuffer[] parts, int key) {
    for (ByteBuffer part : parts) {
      if (part.isReadOnly()) {
        throw new ReadOnlyBufferException();
      }
    }
    int rest = key;
    for (ByteBuffer part : parts) {
      int length = part.remaining();
      xor(part, rest);
      rest = rotate(rest, length);
    }
  }

  private static void xor(ByteBuffer part, int key) {
    if (part.isDirect()) {
      // Both orders in one JVM, and the compiler does not vectorise the loops any more.
      ByteOrder order = part.order();
      part.order(ByteOrder.nativeOrder());
      try {
        xor(part, part.position(), part.remaining(), key);
      } finally {
        part.order(order);
      }
    } else {
      // Throws if the part may not be written.
      xor(part.array(), part.arrayOffset() + part.position(), part.remaining(), key);
    }
  }

  /** Serves buffers that are nothing but accessors; none of Netty's own that frames come in. */
  private static void xorBytewise(ByteBuf buffer, int index, int length, int key) {
    for (int i = 0; i < length; i++) {
      buffer.setByte(index + i, buffer.getByte(index + i) ^ rotate(key, i) >>> TOP_BYTE);
    }
  }

  private static void checkDirect(ByteBuffer buffer, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, buffer.limit());
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("not a direct buffer: " + buffer);
    }
  }

  /** Returns the long whose eight bytes in memory, in that byte order, are the key's twice. */
  static long repeat(int key, ByteOrder order) {
    long bigEndian = (long) key << Integer.SIZE | Integer.toUnsignedLong(key);
    return order == ByteOrder.BIG_ENDIAN ? bigEndian : Long.reverseBytes(bigEndian);
  }
}
