package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
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
  // The loops over longs have the one form that the JIT compiler vectorises in every JVM:
  // - They begin at 0 and end at a number that is visibly small. Else the compiler does not know
  //   that the index never overflows, and its additions stand between the addresses.
  // - Direct memory is seen as longs of the native byte order. ByteBuffer.getLong asks for the
  //   order each time, and where anything in the JVM has read longs in the other one, the compiler
  //   keeps the question and the answer no: the loop is ten times slower. A VarHandle of a
  //   ByteBuffer asks in addition whether there is an array.
  // - Nothing is unrolled by hand, and arrays and direct buffers have methods of their own.
  private static final VarHandle ARRAY_LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final int TOP_BYTE = 24;

  /** More longs than any buffer has. */
  private static final int MAX_LONGS = (1 << 28) - 1;

  /** For shorter payloads a view of longs does not pay. */
  private static final int SHORT = 512;

  /**
   * Whether the compiler vectorises a loop that collects what it stores; if not, two are faster.
   */
  private static final boolean IS_NEW_COMPILER = Runtime.version().feature() >= 21;

  /** For shorter payloads two loops do not pay. */
  private static final int TWO_LOOPS = IS_NEW_COMPILER ? Integer.MAX_VALUE : 4096;

  /** The second loop finds so much where the first one left it, next to the processor. */
  private static final int BLOCK = 1 << 14;

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
   * Masks or unmasks part of a direct buffer; its position does not matter and stays.
   *
   * @param offset the absolute index of the first byte
   * @throws IndexOutOfBoundsException if the buffer has no such part below its limit
   * @throws IllegalArgumentException if the buffer is not direct
   * @throws ReadOnlyBufferException if it may not be written
   */
  public static void xor(ByteBuffer direct, int offset, int length, int key) {
    checkDirect(direct, offset, length);
    if (key == 0) {
      return;
    }
    int inLongs = length < SHORT ? 0 : length & -Long.BYTES;
    if (inLongs > 0) {
      xorLongs(longs(direct, offset, inLongs), repeat(key, ByteOrder.nativeOrder()));
    }
    xorShort(direct, offset + inLongs, length - inLongs, key);
  }

  private static LongBuffer longs(ByteBuffer direct, int offset, int length) {
    return direct.slice(offset, length).order(ByteOrder.nativeOrder()).asLongBuffer();
  }

  private static void xorLongs(LongBuffer longs, long mask) {
    int end = longs.capacity() & MAX_LONGS;
    for (int i = 0; i < end; i++) {
      longs.put(i, longs.get(i) ^ mask);
    }
  }

  private static void xorShort(ByteBuffer direct, int offset, int length, int key) {
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
    int inBlocks = length < TWO_LOOPS ? 0 : length & -Long.BYTES;
    long collected = 0;
    for (int done = 0; done < inBlocks; done += BLOCK) {
      int size = Math.min(inBlocks - done, BLOCK);
      xor(array, offset + done, size, key);
      collected |= collectLongs(array, offset + done, size);
    }
    return collected | xorAndCollectInOne(array, offset + inBlocks, length - inBlocks, key);
  }

  private static long xorAndCollectInOne(byte[] array, int offset, int length, int key) {
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

  private static long collectLongs(byte[] array, int offset, int length) {
    long first = 0;
    long second = 0;
    long third = 0;
    long fourth = 0;
    int end = offset + length;
    int i = offset;
    for (; i <= end - 4 * Long.BYTES; i += 4 * Long.BYTES) {
      first |= (long) ARRAY_LONGS.get(array, i);
      second |= (long) ARRAY_LONGS.get(array, i + Long.BYTES);
      third |= (long) ARRAY_LONGS.get(array, i + 2 * Long.BYTES);
      fourth |= (long) ARRAY_LONGS.get(array, i + 3 * Long.BYTES);
    }
    for (; i < end; i += Long.BYTES) {
      first |= (long) ARRAY_LONGS.get(array, i);
    }
    return first | second | third | fourth;
  }

  /**
   * Does what {@link #xor(ByteBuffer, int, int, int)} does and collects the results.
   *
   * @return all resulting bytes combined with {@code |}, for {@link #isAscii}
   */
  public static long xorAndCollect(ByteBuffer direct, int offset, int length, int key) {
    checkDirect(direct, offset, length);
    int inLongs = length < SHORT ? 0 : length & -Long.BYTES;
    long collected = 0;
    if (inLongs >= TWO_LOOPS) {
      collected = xorThenCollect(direct, offset, inLongs, key);
    } else if (inLongs > 0) {
      collected =
          xorAndCollectLongs(longs(direct, offset, inLongs), repeat(key, ByteOrder.nativeOrder()));
    }
    return collected | xorAndCollectShort(direct, offset + inLongs, length - inLongs, key);
  }

  private static long xorThenCollect(ByteBuffer direct, int offset, int length, int key) {
    long mask = repeat(key, ByteOrder.nativeOrder());
    long collected = 0;
    for (int done = 0; done < length; done += BLOCK) {
      LongBuffer block = longs(direct, offset + done, Math.min(length - done, BLOCK));
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

  private static long xorAndCollectShort(ByteBuffer direct, int offset, int length, int key) {
    long mask = repeat(key, direct.order());
    // Where in the mask the first two bytes of the key are.
    int halfKey = direct.order() == ByteOrder.BIG_ENDIAN ? Long.SIZE - Short.SIZE : 0;
    long collected = 0;
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
      byte plain = (byte) (direct.get(i) ^ rotate(key, length - 1) >>> TOP_BYTE);
      direct.put(i, plain);
      collected |= plain;
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
      xorDirect(part, key);
    } else {
      // Throws if the part may not be written.
      xor(part.array(), part.arrayOffset() + part.position(), part.remaining(), key);
    }
  }

  /** Needs no slice, since nobody else uses the internal view meanwhile. */
  private static void xorDirect(ByteBuffer part, int key) {
    int length = part.remaining();
    int inLongs = length < SHORT || key == 0 ? 0 : length & -Long.BYTES;
    ByteOrder order = part.order();
    part.order(ByteOrder.nativeOrder());
    try {
      if (inLongs > 0) {
        xorLongs(part.asLongBuffer(), repeat(key, ByteOrder.nativeOrder()));
      }
      xorShort(part, part.position() + inLongs, length - inLongs, key);
    } finally {
      part.order(order);
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
