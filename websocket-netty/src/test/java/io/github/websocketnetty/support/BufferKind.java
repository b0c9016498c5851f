package io.github.websocketnetty.support;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;

/** The kinds of buffer in which bytes may come. */
public enum BufferKind {
  /** Unpooled, with an array. */
  HEAP(false, bytes -> Unpooled.buffer(bytes.length).writeBytes(bytes)),
  /** Unpooled, outside the heap. */
  DIRECT(false, bytes -> Unpooled.directBuffer(bytes.length).writeBytes(bytes)),
  /** From the pooled allocator. */
  POOLED_HEAP(false, bytes -> pooled().heapBuffer().writeBytes(bytes)),
  /** From the pooled allocator. */
  POOLED_DIRECT(false, bytes -> pooled().directBuffer().writeBytes(bytes)),
  /** From the adaptive allocator. */
  ADAPTIVE_HEAP(false, bytes -> adaptive().heapBuffer().writeBytes(bytes)),
  /** From the adaptive allocator, as a transport reads it. */
  ADAPTIVE_DIRECT(false, bytes -> adaptive().directBuffer().writeBytes(bytes)),
  /** A slice that starts at an odd offset. */
  ODD_HEAP_SLICE(false, bytes -> oddSlice(BufferKind.HEAP, bytes)),
  /** A slice that starts at an odd offset. */
  ODD_DIRECT_SLICE(false, bytes -> oddSlice(BufferKind.DIRECT, bytes)),
  /** A slice that starts at an odd offset. */
  ODD_POOLED_DIRECT_SLICE(false, bytes -> oddSlice(BufferKind.POOLED_DIRECT, bytes)),
  /** Around somebody's array, with an offset. */
  NIO_HEAP(
      false,
      bytes ->
          Unpooled.wrappedBuffer(
              ByteBuffer.wrap(padded(bytes), BufferKind.PAD, bytes.length).slice())),
  /** Three parts with arrays. */
  COMPOSITE_OF_HEAP(
      false, bytes -> composite(bytes, BufferKind.HEAP, BufferKind.HEAP, BufferKind.HEAP)),
  /** Three parts without. */
  COMPOSITE_OF_DIRECT(
      false, bytes -> composite(bytes, BufferKind.DIRECT, BufferKind.DIRECT, BufferKind.DIRECT)),
  /** A single part. */
  COMPOSITE_OF_ONE(false, bytes -> composite(bytes, BufferKind.ODD_DIRECT_SLICE)),
  /** Parts of different kinds, one a composite itself. */
  COMPOSITE_OF_ALL_SORTS(
      false,
      bytes ->
          composite(
              bytes,
              BufferKind.POOLED_DIRECT,
              BufferKind.HEAP,
              BufferKind.COMPOSITE_OF_DIRECT,
              BufferKind.ODD_HEAP_SLICE)),
  /** A slice of a composite. */
  COMPOSITE_SLICE(false, bytes -> oddSlice(BufferKind.COMPOSITE_OF_ALL_SORTS, bytes)),
  /** Somebody else's buffer that has neither an array nor NIO views to offer. */
  ACCESSORS_ONLY(false, bytes -> new AccessorsOnly(bytes.length).writeBytes(bytes)),
  /** Read-only. */
  READ_ONLY_HEAP(true, bytes -> BufferKind.HEAP.of(bytes).asReadOnly()),
  /** Read-only. */
  READ_ONLY_DIRECT(true, bytes -> BufferKind.DIRECT.of(bytes).asReadOnly()),
  /** Read-only. */
  READ_ONLY_POOLED_DIRECT(true, bytes -> BufferKind.POOLED_DIRECT.of(bytes).asReadOnly()),
  /** Around a read-only NIO buffer. */
  READ_ONLY_NIO_HEAP(
      true, bytes -> Unpooled.wrappedBuffer(ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer())),
  /** Around a read-only NIO buffer. */
  READ_ONLY_NIO_DIRECT(
      true,
      bytes ->
          Unpooled.wrappedBuffer(
              ByteBuffer.allocateDirect(bytes.length).put(0, bytes).asReadOnlyBuffer())),
  /** A read-only composite. */
  READ_ONLY_COMPOSITE(true, bytes -> BufferKind.COMPOSITE_OF_ALL_SORTS.of(bytes).asReadOnly()),
  /** A composite that may be written at its beginning only. */
  COMPOSITE_WITH_READ_ONLY_END(
      true, bytes -> composite(bytes, BufferKind.DIRECT, BufferKind.READ_ONLY_HEAP));

  private static final int PAD = 3;
  private static final ByteBufAllocator ADAPTIVE = new AdaptiveByteBufAllocator();

  private final boolean readOnly;
  private final Function<byte[], ByteBuf> factory;

  BufferKind(boolean readOnly, Function<byte[], ByteBuf> factory) {
    this.readOnly = readOnly;
    this.factory = factory;
  }

  /** Returns a buffer whose readable bytes are these; the caller releases it. */
  public ByteBuf of(byte[] bytes) {
    return factory.apply(bytes);
  }

  /** Returns whether some part of the buffer may not be written. */
  public boolean isReadOnly() {
    return readOnly;
  }

  private static ByteBufAllocator pooled() {
    return PooledByteBufAllocator.DEFAULT;
  }

  private static ByteBufAllocator adaptive() {
    return ADAPTIVE;
  }

  private static byte[] padded(byte[] bytes) {
    byte[] padded = new byte[bytes.length + 2 * PAD];
    System.arraycopy(bytes, 0, padded, PAD, bytes.length);
    return padded;
  }

  private static ByteBuf oddSlice(BufferKind kind, byte[] bytes) {
    return kind.of(padded(bytes)).slice(PAD, bytes.length);
  }

  /** Cuts the bytes into as many parts, of about the same length. */
  private static ByteBuf composite(byte[] bytes, BufferKind... kinds) {
    CompositeByteBuf composite = Unpooled.compositeBuffer();
    for (int i = 0; i < kinds.length; i++) {
      int from = bytes.length * i / kinds.length;
      int to = bytes.length * (i + 1) / kinds.length;
      composite.addComponent(true, kinds[i].of(Arrays.copyOfRange(bytes, from, to)));
    }
    return composite;
  }

  private static final class AccessorsOnly extends UnpooledHeapByteBuf {
    AccessorsOnly(int capacity) {
      super(UnpooledByteBufAllocator.DEFAULT, capacity, Integer.MAX_VALUE);
    }

    @Override
    public boolean hasArray() {
      return false;
    }

    @Override
    public int nioBufferCount() {
      return -1;
    }
  }
}
