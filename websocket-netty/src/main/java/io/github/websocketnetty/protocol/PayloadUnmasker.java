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

  /** The buffer being read, and what to see it by: an array, or a view of its own, or neither. */
  private ByteBuf read;

  private byte[] array;
  private int arrayOffset;
  private ByteBuffer direct;

  /** Prepares for the payloads in a buffer: one view of it serves for all of them. */
  void beginRead(ByteBuf in) {
    read = in;
    if (in.hasArray()) {
      array = in.array();
      arrayOffset = in.arrayOffset();
    } else if (isOneDirectPart(in)) {
      direct = view(in);
    }
  }

  private static ByteBuffer view(ByteBuf in) {
    if (in.isReadOnly()) {
      return in.nioBuffer(0, in.writerIndex());
    }
    // Not the internal view itself: whoever takes a payload may move its limit.
    return in.internalNioBuffer(0, in.writerIndex()).slice();
  }

  /** Forgets the buffer. */
  void endRead() {
    read = null;
    array = null;
    direct = null;
  }

  /** Unmasks bytes that are not text, or not to be checked. */
  void binary(ByteBuf buffer, int index, int length, int key) {
    if (key == 0) {
      return;
    }
    if (buffer != read) {
      Masking.xor(buffer, index, length, key);
    } else if (direct != null) {
      Masking.xor(direct, index, length, key);
    } else if (array != null) {
      Masking.xor(array, arrayOffset + index, length, key);
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
    if (buffer != read) {
      otherText(buffer, index, length, key);
    } else if (direct != null) {
      directText(direct, index, length, key);
    } else if (array != null) {
      arrayText(array, arrayOffset + index, length, key);
    } else {
      otherText(buffer, index, length, key);
    }
  }

  private void otherText(ByteBuf buffer, int index, int length, int key) {
    if (buffer.hasArray()) {
      arrayText(buffer.array(), buffer.arrayOffset() + index, length, key);
    } else if (isOneDirectPart(buffer)) {
      ByteBuffer view = buffer.internalNioBuffer(index, length);
      directText(view, view.position(), length, key);
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

  private void directText(ByteBuffer view, int offset, int length, int key) {
    if (key == 0 || !isPlain(Masking.xorAndCollect(view, offset, length, key), length)) {
      utf8.update(view, offset, length);
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
