package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Unmasks the payload in a read in place and checks text meanwhile: one pass for ASCII, two for the
 * rest.
 *
 * <p>It works on arrays and NIO views, since a loop over {@link ByteBuf} accessors is ten times
 * slower and more.
 */
final class PayloadUnmasker extends ReadView {
  /** Creates an unmasker for a read; other buffers are unmasked as well, but not as fast. */
  PayloadUnmasker(ByteBuf in) {
    super(in);
  }

  /** Unmasks bytes that are not text, or not to be checked. */
  void binary(ByteBuf buffer, int index, int length, int key) {
    if (key == 0) {
      return;
    }
    if (!isOf(buffer)) {
      Masking.xor(buffer, index, length, key);
    } else if (direct() != null) {
      Masking.xor(direct(), index, length, key);
    } else if (array() != null) {
      Masking.xor(array(), arrayOffset() + index, length, key);
    } else {
      Masking.xor(buffer, index, length, key);
    }
  }

  /**
   * Unmasks the next bytes of a text.
   *
   * @param utf8 checks them; knows what came before
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  void text(Utf8Validator utf8, ByteBuf buffer, int index, int length, int key) {
    if (!isOf(buffer)) {
      otherText(utf8, buffer, index, length, key);
    } else if (direct() != null) {
      directText(utf8, direct(), index, length, key);
    } else if (array() != null) {
      arrayText(utf8, array(), arrayOffset() + index, length, key);
    } else {
      otherText(utf8, buffer, index, length, key);
    }
  }

  private static void otherText(
      Utf8Validator utf8, ByteBuf buffer, int index, int length, int key) {
    if (buffer.hasArray()) {
      arrayText(utf8, buffer.array(), buffer.arrayOffset() + index, length, key);
    } else if (isOneDirectPart(buffer)) {
      ByteBuffer part = buffer.internalNioBuffer(index, length).slice();
      directText(utf8, part.order(ByteOrder.LITTLE_ENDIAN), 0, length, key);
    } else {
      if (key != 0) { // nothing is written then: it may be read-only
        Masking.xor(buffer, index, length, key);
      }
      utf8.update(buffer, index, length);
    }
  }

  private static void arrayText(Utf8Validator utf8, byte[] bytes, int offset, int length, int key) {
    if (key == 0 || !isPlain(utf8, Masking.xorAndCollect(bytes, offset, length, key), length)) {
      utf8.update(bytes, offset, length);
    }
  }

  private static void directText(
      Utf8Validator utf8, ByteBuffer bytes, int offset, int length, int key) {
    if (key == 0 || !isPlain(utf8, Masking.xorAndCollect(bytes, offset, length, key), length)) {
      utf8.update(bytes, offset, length);
    }
  }

  /** Counts the bytes as checked if they are ASCII and no character is pending before them. */
  private static boolean isPlain(Utf8Validator utf8, long collected, int length) {
    boolean plain = Masking.isAscii(collected) && !utf8.isPending();
    if (plain) {
      utf8.skipAscii(length);
    }
    return plain;
  }

  private static boolean isOneDirectPart(ByteBuf buffer) {
    return buffer.isDirect() && buffer.nioBufferCount() == 1;
  }
}
