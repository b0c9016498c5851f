package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Unmasks payload in place and checks text meanwhile: one pass for ASCII, two for the rest.
 *
 * <p>It works on arrays and NIO views, since a loop over {@link ByteBuf} accessors is ten times
 * slower and more.
 */
final class PayloadUnmasker {
  private final Utf8Validator utf8 = new Utf8Validator();

  private final ReadView view;

  /** Creates an unmasker; buffers that {@code view} looks at are unmasked through it. */
  PayloadUnmasker(ReadView view) {
    this.view = view;
  }

  /** Unmasks bytes that are not text, or not to be checked. */
  void binary(ByteBuf buffer, int index, int length, int key) {
    if (key == 0) {
      return;
    }
    if (!view.isOf(buffer)) {
      Masking.xor(buffer, index, length, key);
    } else if (view.direct() != null) {
      Masking.xor(view.direct(), index, length, key);
    } else if (view.array() != null) {
      Masking.xor(view.array(), view.arrayOffset() + index, length, key);
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
    if (!view.isOf(buffer)) {
      otherText(buffer, index, length, key);
    } else if (view.direct() != null) {
      directText(view.direct(), index, length, key);
    } else if (view.array() != null) {
      arrayText(view.array(), view.arrayOffset() + index, length, key);
    } else {
      otherText(buffer, index, length, key);
    }
  }

  private void otherText(ByteBuf buffer, int index, int length, int key) {
    if (buffer.hasArray()) {
      arrayText(buffer.array(), buffer.arrayOffset() + index, length, key);
    } else if (isOneDirectPart(buffer)) {
      ByteBuffer part = buffer.internalNioBuffer(index, length).slice();
      directText(part.order(ByteOrder.LITTLE_ENDIAN), 0, length, key);
    } else {
      if (key != 0) { // nothing is written then: it may be read-only
        Masking.xor(buffer, index, length, key);
      }
      utf8.update(buffer, index, length);
    }
  }

  private void arrayText(byte[] bytes, int offset, int length, int key) {
    if (key == 0 || !isPlain(Masking.xorAndCollect(bytes, offset, length, key), length)) {
      utf8.update(bytes, offset, length);
    }
  }

  private void directText(ByteBuffer bytes, int offset, int length, int key) {
    if (key == 0 || !isPlain(Masking.xorAndCollect(bytes, offset, length, key), length)) {
      utf8.update(bytes, offset, length);
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
