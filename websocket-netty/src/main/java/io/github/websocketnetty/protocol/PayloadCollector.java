package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;

/**
 * Joins bytes that arrive in parts into one buffer, copying each byte once.
 *
 * <p>What it allocates follows what has arrived, never what was promised: at most twice the bytes
 * so far, and {@value #SMALLEST_CHUNK} more. Payloads that fit into the first chunk come out as one
 * plain buffer, others as a composite of a few chunks that double in size.
 */
public final class PayloadCollector {
  private static final int SMALLEST_CHUNK = 1024;

  private final ByteBufAllocator allocator;
  private CompositeByteBuf chunks;
  private ByteBuf last;
  private int size;

  /** Creates an empty collector whose chunks come from {@code allocator}. */
  public PayloadCollector(ByteBufAllocator allocator) {
    this.allocator = Objects.requireNonNull(allocator, "allocator");
  }

  /** Returns how many bytes were added. */
  public int size() {
    return size;
  }

  /** Returns the buffer that {@link #append} wrote to last; it may be changed in place. */
  public ByteBuf lastChunk() {
    return last;
  }

  /**
   * Returns how many of {@code length} bytes the next {@link #append} takes, at least one. What it
   * takes lies in {@link #lastChunk} without a gap.
   *
   * @param length the bytes at hand
   * @param remaining the bytes until the payload is complete, an upper bound for chunks
   */
  public int prepare(int length, int remaining) {
    if (last == null || !last.isWritable()) {
      long wanted = Math.max(Math.max(2L * length, size), SMALLEST_CHUNK);
      addChunk((int) Math.min(wanted, remaining));
    }
    return Math.min(length, last.maxWritableBytes());
  }

  /** Moves {@code length} bytes, no more than {@link #prepare} allowed, from {@code in}. */
  public void append(ByteBuf in, int length) {
    last.writeBytes(in, length);
    size += length;
  }

  /** Returns everything as one buffer that the caller owns, and starts anew. */
  public ByteBuf take() {
    ByteBuf whole = last == null ? Unpooled.EMPTY_BUFFER : last;
    if (chunks != null) {
      whole = chunks.addComponent(true, last);
    }
    forget();
    return whole;
  }

  /** Releases everything and starts anew. */
  public void release() {
    take().release();
  }

  private void addChunk(int capacity) {
    // A fixed capacity keeps the allocator from growing, and so copying, a chunk.
    ByteBuf chunk = allocator.buffer(capacity, capacity);
    if (last != null) {
      if (chunks == null) {
        chunks = allocator.compositeBuffer(Integer.MAX_VALUE);
      }
      chunks.addComponent(true, last);
    }
    last = chunk;
  }

  private void forget() {
    chunks = null;
    last = null;
    size = 0;
  }
}
