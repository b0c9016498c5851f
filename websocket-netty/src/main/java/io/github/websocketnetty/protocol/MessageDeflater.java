package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.Deflater;

/**
 * Compresses the messages of one direction, frame by frame. Not thread-safe.
 *
 * <p>Each frame is flushed, so that the peer can decompress it at once. Compressing takes the time
 * of the calling thread: about 30 µs for each KiB.
 *
 * <p>With context takeover, the compressor is kept for the next message only while not too many of
 * this thread are. Otherwise the last bytes that went into it are what the next one, which may be
 * another, begins with.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1">RFC 7692, section 7.2.1</a>
 */
public final class MessageDeflater {
  /** The length, 0, and its complement of the empty block that a flush adds. */
  private static final int TAIL = 4;

  private final int level;
  private final int liveContexts;

  /** What went into the compressor; null without context takeover. */
  private final DeflateHistory history;

  /** Null unless a message has begun and not ended. */
  private Deflater deflater;

  /** Where the compressor is between messages if it was kept; null before there was one. */
  private ZlibShelf.Live<Deflater> kept;

  /** Creates a deflater at the start of a connection. */
  public MessageDeflater(DeflateAgreement agreement) {
    Objects.requireNonNull(agreement, "agreement");
    level = agreement.level();
    liveContexts = agreement.liveContexts();
    history =
        agreement.deflatesWithContext() ? new DeflateHistory(agreement.parkedHistory()) : null;
  }

  /** Returns whether messages refer to earlier ones, so that none may be left out. */
  public boolean isContextTakeover() {
    return history != null;
  }

  /**
   * Compresses the payload of a frame.
   *
   * @param payload the payload; its indices do not move, the caller keeps its reference
   * @param fin whether it is the last frame of its message
   * @return the compressed payload, which the caller owns
   */
  public ByteBuf deflate(ByteBufAllocator allocator, ByteBuf payload, boolean fin) {
    ZlibPool pool = ZlibPool.ofThread();
    if (!payload.isReadable()) {
      endFrame(pool, fin);
      // zlib adds nothing to what it has flushed; the header of the flush's empty block is left.
      return fin ? allocator.buffer(1, 1).writeByte(0) : Unpooled.EMPTY_BUFFER;
    }
    try {
      begin(pool);
      ByteBuf deflated = deflate(pool, allocator, payload, fin ? TAIL : 0);
      remember(payload);
      endFrame(pool, fin);
      return deflated;
    } catch (Throwable t) {
      end(); // what the peer will not see may not be referred to
      throw t;
    }
  }

  private void begin(ZlibPool pool) {
    if (deflater != null) {
      return;
    }
    ZlibShelf<Deflater> shelf = pool.deflaters(level);
    deflater = shelf.take(kept);
    if (deflater != null) {
      return;
    }
    deflater = shelf.take();
    if (history != null && history.length() > 0) {
      deflater.setDictionary(pool.dictionary(history), 0, history.length());
    }
  }

  private void remember(ByteBuf payload) {
    if (history != null) {
      int length = payload.readableBytes();
      history.rememberAtLeast(length); // the next one may be just the same
      history.add(payload, payload.readerIndex(), length);
    }
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

  private void endFrame(ZlibPool pool, boolean fin) {
    if (!fin || deflater == null) {
      return;
    }
    ZlibShelf<Deflater> shelf = pool.deflaters(level);
    if (history == null) {
      shelf.release(deflater);
    } else {
      kept = shelf.keep(deflater, kept, liveContexts);
    }
    deflater = null;
  }

  /** Frees everything; a message that follows would begin anew. */
  public void end() {
    ZlibShelf<Deflater> shelf = ZlibPool.ofThread().deflaters(level);
    Deflater last = deflater == null ? shelf.take(kept) : deflater;
    if (last != null) {
      shelf.release(last);
    }
    deflater = null;
    kept = null;
    if (history != null) {
      history.clear();
    }
  }
}
