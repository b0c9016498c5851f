package io.github.websocketnetty.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Where a payload lies. */
public enum Memory {
  /** In an array. */
  HEAP,
  /** Outside the heap, as transports read it. */
  DIRECT;

  /** What a masked frame of 126 bytes or more has before its payload. */
  private static final int HEADER_BYTES = 8;

  /** A short masked frame's header, which leaves the payload unaligned. */
  private static final int SHORT_HEADER_BYTES = 6;

  /** Returns an empty buffer. */
  ByteBuf buffer(ByteBufAllocator allocator, int capacity) {
    return this == HEAP ? allocator.heapBuffer(capacity) : allocator.directBuffer(capacity);
  }

  /** Returns a buffer with these bytes behind a frame header, which the reader index has passed. */
  ByteBuf frame(byte[] payload) {
    int header = payload.length < 126 ? SHORT_HEADER_BYTES : HEADER_BYTES;
    int capacity = header + payload.length;
    ByteBuf frame = buffer(ByteBufAllocator.DEFAULT, capacity);
    return frame.writeZero(header).writeBytes(payload).skipBytes(header);
  }
}
