package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The buffer being read, seen through what is fastest: its array, or one NIO view for all frames in
 * it. Accessors of {@link ByteBuf} check at each call what is checked here once. Made for each
 * read, since most connections wait for one most of the time.
 *
 * <p>Indices are those of the buffer; they must lie below the writer index that it had.
 */
abstract class ReadView {
  private final ByteBuf buffer;
  private final byte[] array;
  private final int arrayOffset;
  private final ByteBuffer direct;

  /** Looks at a buffer. */
  ReadView(ByteBuf in) {
    buffer = in;
    boolean hasArray = in.hasArray();
    array = hasArray ? in.array() : null;
    arrayOffset = hasArray ? in.arrayOffset() : 0;
    direct = !hasArray && in.isDirect() && in.nioBufferCount() == 1 ? view(in) : null;
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

  final boolean isOf(ByteBuf other) {
    return buffer == other;
  }

  /** Returns the array, or null. */
  final byte[] array() {
    return array;
  }

  /** Returns where in the array index 0 of the buffer is. */
  final int arrayOffset() {
    return arrayOffset;
  }

  /** Returns a view with the buffer's indices, or null. */
  final ByteBuffer direct() {
    return direct;
  }

  final int unsignedShort(int index) {
    return direct == null
        ? buffer.getUnsignedShort(index)
        : Short.toUnsignedInt(Short.reverseBytes(direct.getShort(index)));
  }

  final int getInt(int index) {
    return direct == null ? buffer.getInt(index) : Integer.reverseBytes(direct.getInt(index));
  }

  final long getLong(int index) {
    return direct == null ? buffer.getLong(index) : Long.reverseBytes(direct.getLong(index));
  }
}
