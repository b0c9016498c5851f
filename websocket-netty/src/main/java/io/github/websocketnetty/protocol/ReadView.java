package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

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

  /** Little-endian, as the UTF-8 automaton wants it and most machines are. */
  private static ByteBuffer view(ByteBuf in) {
    ByteBuffer view =
        in.isReadOnly()
            ? in.nioBuffer(0, in.writerIndex())
            // Not the internal view itself: whoever takes a payload may move its limit.
            : in.internalNioBuffer(0, in.writerIndex()).slice();
    return view.order(ByteOrder.LITTLE_ENDIAN);
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
    return direct == null
        ? buffer.getUnsignedShort(index)
        : Short.toUnsignedInt(Short.reverseBytes(direct.getShort(index)));
  }

  int getInt(int index) {
    return direct == null ? buffer.getInt(index) : Integer.reverseBytes(direct.getInt(index));
  }

  long getLong(int index) {
    return direct == null ? buffer.getLong(index) : Long.reverseBytes(direct.getLong(index));
  }
}
