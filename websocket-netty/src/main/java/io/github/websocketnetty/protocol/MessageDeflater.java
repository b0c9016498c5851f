package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/**
 * Compresses the messages of one direction, frame by frame. Not thread-safe.
 *
 * <p>Each frame is flushed, so that the peer can decompress it at once. Compressing takes the time
 * of the calling thread: about 30 µs for each KiB.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1">RFC 7692, section 7.2.1</a>
 */
public final class MessageDeflater {
  /** The length, 0, and its complement of the empty block that a flush adds. */
  private static final int TAIL = 4;

  private final boolean contextTakeover;
  private final int level;

  /** Null between messages without context takeover, and before the first message. */
  private Deflater deflater;

  /**
   * Creates a deflater at the start of a connection.
   *
   * @param contextTakeover whether messages refer to earlier ones
   * @param level the level of compression, {@link Deflater#DEFAULT_COMPRESSION} for zlib's own
   */
  public MessageDeflater(boolean contextTakeover, int level) {
    this.contextTakeover = contextTakeover;
    this.level = level;
  }

  /** Returns whether messages refer to earlier ones, so that none may be left out. */
  public boolean isContextTakeover() {
    return contextTakeover;
  }

  /**
   * Compresses the payload of a frame.
   *
   * @param payload the payload; its indices do not move, the caller keeps its reference
   * @param fin whether it is the last frame of its message
   * @return the compressed payload, which the caller owns
   */
  public ByteBuf deflate(ByteBufAllocator allocator, ByteBuf payload, boolean fin) {
    if (!payload.isReadable()) {
      endFrame(fin);
      // zlib adds nothing to what it has flushed; the header of the flush's empty block is left.
      return fin ? allocator.buffer(1, 1).writeByte(0) : Unpooled.EMPTY_BUFFER;
    }
    ZlibPool pool = ZlibPool.ofThread();
    if (deflater == null) {
      deflater = pool.deflater(level);
    }
    ByteBuf deflated = deflate(pool, allocator, payload, fin ? TAIL : 0);
    endFrame(fin);
    return deflated;
  }

  private ByteBuf deflate(ZlibPool pool, ByteBufAllocator allocator, ByteBuf payload, int cutOff) {
    ByteBuf out = null;
    byte[] block = pool.output();
    int length = 0;
    try {
      int end = payload.writerIndex();
      for (int index = payload.readerIndex(); index < end; ) {
        ByteBuffer in = pool.input();
        in.limit(Math.min(end - index, in.limit()));
        payload.getBytes(index, in);
        index += in.position();
        deflater.setInput(in.flip());
        int flush = index == end ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
        length += deflater.deflate(block, length, block.length - length, flush);
        while (length == block.length) {
          out = append(allocator, out, block, length);
          length = deflater.deflate(block, 0, block.length, flush);
        }
      }
      if (out == null) {
        length -= cutOff;
        return allocator.buffer(length, length).writeBytes(block, 0, length);
      }
      out = append(allocator, out, block, length);
      return out.writerIndex(out.writerIndex() - cutOff);
    } catch (Throwable t) {
      if (out != null) {
        out.release();
      }
      throw t;
    }
  }

  private static ByteBuf append(ByteBufAllocator allocator, ByteBuf out, byte[] block, int length) {
    ByteBuf longer = out == null ? allocator.buffer(2 * block.length) : out;
    return longer.writeBytes(block, 0, length);
  }

  private void endFrame(boolean fin) {
    if (fin && !contextTakeover) {
      end();
    }
  }

  /** Frees everything; a message that follows would begin anew. */
  public void end() {
    if (deflater != null) {
      ZlibPool.ofThread().release(deflater, level);
      deflater = null;
    }
  }
}
