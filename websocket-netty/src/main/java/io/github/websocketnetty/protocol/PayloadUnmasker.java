package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Unmasks payload in place and checks text meanwhile: one pass for ASCII, two for the rest.
 *
 * <p>It works on arrays and NIO views, since a loop over {@link ByteBuf} accessors is ten times
 * slower and more.
 */
final class PayloadUnmasker {
  private final Utf8Validator utf8 = new Utf8Validator();

  /** Unmasks bytes that are not text, or not to be checked. */
  void binary(ByteBuf buffer, int index, int length, int key) {
    if (key == 0) {
      return;
    }
    if (buffer.hasArray()) {
      Masking.xor(buffer.array(), buffer.arrayOffset() + index, length, key);
    } else if (isOneDirectPart(buffer)) {
      ByteBuffer view = buffer.internalNioBuffer(index, length);
      Masking.xor(view, view.position(), length, key);
    } else {
      Masking.xor(buffer, index, length, key);
    }
  }

  /**
   * Unmasks the next bytes of a text.
   *
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  void text(ByteBuf buffer, int index, int length, int key) {
    if (key == 0) {
      utf8.update(buffer, index, length);
    } else if (buffer.hasArray()) {
      byte[] array = buffer.array();
      int offset = buffer.arrayOffset() + index;
      if (!isPlain(Masking.xorAndCollect(array, offset, length, key), length)) {
        utf8.update(array, offset, length);
      }
    } else if (isOneDirectPart(buffer)) {
      ByteBuffer view = buffer.internalNioBuffer(index, length);
      int offset = view.position();
      if (!isPlain(Masking.xorAndCollect(view, offset, length, key), length)) {
        utf8.update(view, offset, length);
      }
    } else {
      Masking.xor(buffer, index, length, key);
      utf8.update(buffer, index, length);
    }
  }

  /**
   * Ends a text.
   *
   * @throws ProtocolException with 1007 if its last character is incomplete
   */
  void endText() {
    utf8.end();
  }

  /** Counts the bytes as checked if they are ASCII and no character is pending before them. */
  private boolean isPlain(long collected, int length) {
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
