package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
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
  /** Where the first byte of a key is. */
  static final int TOP_BYTE = 24;

  /** For shorter payloads two loops do not pay; for none where the compiler vectorises one loop. */
  static final int TWO_LOOPS = Runtime.version().feature() >= 21 ? Integer.MAX_VALUE : 4096;

  /** The second loop finds so much where the first one left it, next to the processor. */
  static final int BLOCK = 1 << 14;

  private static final long HIGH_BITS = 0x8080808080808080L;

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
    if (key != 0) {
      ArrayMasking.xor(array, offset, length, key);
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
    if (key != 0) {
      DirectMasking.xor(direct, offset, length, key);
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
    return ArrayMasking.xorAndCollect(array, offset, length, key);
  }

  /**
   * Does what {@link #xor(ByteBuffer, int, int, int)} does and collects the results.
   *
   * @return all resulting bytes combined with {@code |}, for {@link #isAscii}
   */
  public static long xorAndCollect(ByteBuffer direct, int offset, int length, int key) {
    checkDirect(direct, offset, length);
    return DirectMasking.xorAndCollect(direct, offset, length, key);
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
    if (length == 0 || key == 0) {
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
      DirectMasking.xor(part, key);
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
