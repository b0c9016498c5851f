package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The buffer being read, seen through what is fastest: its array, or one NIO view for all frames in
 * it. Accessors of {@link ByteBuf} check at each call what is checked here once.
 *
 * <p>Indices are those of the buffer; they must lie below the writer index that it had.
 */
final class ReadView {
  private ByteBuf buffer;
  private byte[] array;
  private int arrayOffset;
  private ByteBuffer direct;

  /** Looks at a buffer, until {@link #end}. */
  void begin(ByteBuf in) {
    buffer = in;
    if (in.hasArray()) {
      array = in.array();
      arrayOffset = in.arrayOffset();
    } else if (in.isDirect() && in.nioBufferCount() == 1) {
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
  void end() {
    buffer = null;
    array = null;
    direct = null;
  }

  boolean isOf(ByteBuf other) {
    return buffer == other;
  }

  /** Returns the array, or null. */
  byte[] array() {
    return array;
  }

  /** Returns where in the array index 0 of the buffer is. */
  int arrayOffset() {
    return arrayOffset;
  }

  /** Returns a view with the buffer's indices, or null. */
  ByteBuffer direct() {
    return direct;
  }

  int unsignedShort(int index) {
    return direct != null
        ? Short.toUnsignedInt(direct.getShort(index))
        : buffer.getUnsignedShort(index);
  }

  int getInt(int index) {
    return direct != null ? direct.getInt(index) : buffer.getInt(index);
  }

  long getLong(int index) {
    return direct != null ? direct.getLong(index) : buffer.getLong(index);
  }
}
