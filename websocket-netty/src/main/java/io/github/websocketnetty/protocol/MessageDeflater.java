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
 * <p>The JDK's compressor has one window, of 32 KiB. A smaller one is kept to by what it can see:
 * never more than the window. When that is used up it begins anew with the last half of it as a
 * dictionary, at the start of a frame if possible, since the flush at the end of the one before is
 * needed anyway.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.1">RFC 7692, section 7.2.1</a>
 */
public final class MessageDeflater {
  /** The length, 0, and its complement of the empty block that a flush adds. */
  private static final int TAIL = 4;

  private static final int LARGEST_WINDOW = 1 << DeflateParameters.LARGEST_WINDOW_BITS;

  private final DeflateAgreement agreement;

  /** What went into the compressor; null without context takeover. */
  private final DeflateHistory history;

  /** Null unless a message has begun and not ended. */
  private Deflater deflater;

  /** Where the compressor is between messages if it was kept; null before there was one. */
  private ZlibShelf.Live<Deflater> kept;

  /** How many bytes the compressor can see; counted only if its own window is too large. */
  private int seen;

  /** Creates a deflater at the start of a connection. */
  public MessageDeflater(DeflateAgreement agreement) {
    this.agreement = Objects.requireNonNull(agreement, "agreement");
    history = agreement.deflatesWithContext() ? new DeflateHistory(historyBytes(agreement)) : null;
  }

  private static int historyBytes(DeflateAgreement agreement) {
    int window = 1 << agreement.windowBits();
    // A smaller window begins with the history, whether the context was parked or not.
    return window == LARGEST_WINDOW ? agreement.parkedHistory() : window / 2;
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
    ZlibShelf<Deflater> shelf = pool.deflaters(agreement.level());
    deflater = shelf.take(kept);
    if (deflater == null) {
      deflater = shelf.take();
      showHistory(pool);
    }
  }

  /** Lets a compressor at its start know what came before. */
  private void showHistory(ZlibPool pool) {
    seen = history == null ? 0 : history.length();
    if (seen > 0) {
      deflater.setDictionary(pool.dictionary(history), 0, seen);
    }
  }

  private int window() {
    return 1 << agreement.windowBits();
  }

  private boolean hasLargestWindow() {
    return agreement.windowBits() == DeflateParameters.LARGEST_WINDOW_BITS;
  }

  private void remember(ByteBuf payload) {
    if (history != null) {
      int length = payload.readableBytes();
      if (hasLargestWindow()) {
        history.rememberAtLeast(length); // the next one may be just the same
      }
      history.add(payload, payload.readerIndex(), length);
    }
  }

  private ByteBuf deflate(ZlibPool pool, ByteBufAllocator allocator, ByteBuf payload, int cutOff) {
    ByteBuf out = null;
    byte[] block = pool.output();
    int length = 0;
    try {
      int end = payload.writerIndex();
      int index = payload.readerIndex();
      for (int stepEnd = index; index < end; ) {
        if (index == stepEnd) {
          stepEnd += beginStep(pool, payload, index);
        }
        ByteBuffer in = pool.input();
        in.limit(Math.min(stepEnd - index, in.limit()));
        payload.getBytes(index, in);
        index += in.position();
        deflater.setInput(in.flip());
        int flush = index == stepEnd ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH;
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

  /**
   * Prepares the compressor, which must have been flushed, so that the next bytes can be compressed
   * without a reference that is too far.
   *
   * @return how many bytes from the index on, at least one
   */
  private int beginStep(ZlibPool pool, ByteBuf payload, int index) {
    int left = payload.writerIndex() - index;
    if (hasLargestWindow()) {
      return left;
    }
    if (seen > window() - Math.min(left, window() / 2)) {
      deflater.reset();
      if (index == payload.readerIndex()) {
        showHistory(pool);
      } else {
        showPayload(pool, payload, index);
      }
    }
    int step = Math.min(left, window() - seen);
    seen += step;
    return step;
  }

  /**
   * Lets a compressor at its start know the last half of a window before the index; the step before
   * was at least that long. With more it would start anew so much more often, which takes longer
   * than it is worth.
   */
  private void showPayload(ZlibPool pool, ByteBuf payload, int index) {
    seen = window() / 2;
    byte[] dictionary = pool.dictionary();
    payload.getBytes(index - seen, dictionary, 0, seen);
    deflater.setDictionary(dictionary, 0, seen);
  }

  private static ByteBuf append(ByteBufAllocator allocator, ByteBuf out, byte[] block, int length) {
    ByteBuf longer = out == null ? allocator.buffer(2 * block.length) : out;
    return longer.writeBytes(block, 0, length);
  }

  private void endFrame(ZlibPool pool, boolean fin) {
    if (!fin || deflater == null) {
      return;
    }
    ZlibShelf<Deflater> shelf = pool.deflaters(agreement.level());
    if (history == null) {
      shelf.release(deflater);
    } else {
      kept = shelf.keep(deflater, kept, agreement.liveContexts());
    }
    deflater = null;
  }

  /** Frees everything; a message that follows would begin anew. */
  public void end() {
    ZlibShelf<Deflater> shelf = ZlibPool.ofThread().deflaters(agreement.level());
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
