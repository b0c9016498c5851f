package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses the messages of one direction, part by part, within their limits.
 *
 * <p>A frame is {@linkplain #accept accepted}, then its parts are taken until it is {@linkplain
 * #isInFrame over}. No more is decompressed than is taken, and never more than the message may have
 * and one byte, however small the frame was: that byte is the violation. Text is checked as it
 * comes out.
 *
 * <p>With context takeover, the decompressor is kept for the next message only while not too many
 * of this thread are. Otherwise the last bytes that came out of it are what the next one, which may
 * be another, begins with.
 *
 * <p>The first violation ends this object; see {@link #end}. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692#section-7.2.2">RFC 7692, section 7.2.2</a>
 */
public final class MessageInflater {
  /** The bytes of a part at most. */
  public static final int LARGEST_PART = FrameParser.LARGE_FRAME;

  /** The bit that marks the first frame of a compressed message. */
  public static final int RSV1 = 4;

  /** What the sender cut off the end of a message: length 0 and its complement. */
  private static final byte[] TAIL = {0, 0, -1, -1};

  private static final byte LAST_OF_TAIL = -1;

  private final int liveContexts;
  private final boolean validatesText;
  private final FrameLimits limits;
  private final MessageSequence sequence;
  private final Utf8Validator utf8 = new Utf8Validator();

  /** What came out of the decompressor; null without context takeover. */
  private final DeflateHistory history;

  /** Null unless a compressed message has begun and not ended. */
  private Inflater inflater;

  /** Where the decompressor is between messages if it was kept; null before there was one. */
  private ZlibShelf.Live<Inflater> kept;

  private boolean compressed;
  private boolean text;

  /** The payload of the frame that is being decompressed; null while none is. */
  private ByteBuf payload;

  private boolean fin;
  private int opcode;

  /**
   * The last byte of the message so far. Where the tail was cut off this has the zeros of a block's
   * header at its top; with all bits set, which some send, the tail is still there.
   */
  private byte lastByte;

  /** Bytes of the tail that are still to be added to the payload. */
  private int tailLeft;

  /** Bytes that came out of the frame so far. */
  private long size;

  /** Whether nothing more comes out of the frame. */
  private boolean exhausted;

  /**
   * Creates an inflater at the start of a connection.
   *
   * @param agreement what was negotiated
   * @param limits what the peer may send, counted in decompressed bytes; not the number of frames
   * @param validatesText whether compressed text must be UTF-8; other text is not looked at
   */
  public MessageInflater(DeflateAgreement agreement, FrameLimits limits, boolean validatesText) {
    Objects.requireNonNull(agreement, "agreement");
    liveContexts = agreement.liveContexts();
    history = agreement.inflatesWithContext() ? historyOf(agreement.peerWindowBits()) : null;
    this.limits = Objects.requireNonNull(limits, "limits");
    this.validatesText = validatesText;
    // The number of frames was checked on the wire; here a part of a large one looks like a frame.
    this.sequence = new MessageSequence(limits.withAnyFragments());
  }

  /** Some of zlib's versions take 9 bits where they were told 8. */
  private static DeflateHistory historyOf(int windowBits) {
    return new DeflateHistory(
        1 << Math.max(windowBits, DeflateParameters.SMALLEST_WINDOW_BITS + 1));
  }

  /**
   * Takes the next data frame.
   *
   * @param data the payload, taken over if true is returned, else untouched
   * @return whether the frame is compressed; if not, it counts and is to be handed on as it is
   * @throws ProtocolException if the frame violates the protocol or a limit
   */
  public boolean accept(boolean last, int rsv, int dataOpcode, ByteBuf data) {
    sequence.checkOrder(dataOpcode);
    checkReserved(rsv, dataOpcode);
    if (dataOpcode != Opcode.CONTINUATION) {
      compressed = (rsv & RSV1) != 0;
      text = compressed && validatesText && dataOpcode == Opcode.TEXT;
      lastByte = LAST_OF_TAIL;
    }
    if (!compressed) {
      int length = data.readableBytes();
      sequence.checkLength(length);
      sequence.accept(last, rsv, dataOpcode, length);
      return false;
    }
    payload = data;
    fin = last;
    opcode = dataOpcode;
    if (data.isReadable()) {
      lastByte = data.getByte(data.writerIndex() - 1);
    }
    tailLeft = last && lastByte != LAST_OF_TAIL ? TAIL.length : 0;
    size = 0;
    exhausted = false;
    return true;
  }

  private void checkReserved(int rsv, int dataOpcode) {
    if (dataOpcode == Opcode.CONTINUATION && (rsv & RSV1) != 0) {
      throw ProtocolException.violation(
          compressed ? "RSV1 bit set in continuation frame" : "reserved bits must be 0");
    }
  }

  /** Returns whether more parts of the accepted frame are to be taken. */
  public boolean isInFrame() {
    return payload != null;
  }

  /**
   * Decompresses the next part of the frame.
   *
   * @return up to {@link #LARGEST_PART} bytes, maybe none, which the caller owns
   * @throws ProtocolException with 1002 if the data are corrupt, 1007 if they are no text, 1009 if
   *     they are too many
   */
  public ByteBuf nextPart(ByteBufAllocator allocator) {
    ByteBuf part = null;
    try {
      ZlibPool pool = ZlibPool.ofThread();
      begin(pool);
      while (!exhausted && (part == null || part.isWritable())) {
        int length = inflate(pool, part == null ? LARGEST_PART : part.writableBytes());
        if (part == null) {
          part = newPart(allocator, length);
        }
        part.writeBytes(pool.output(), 0, length);
      }
      if (exhausted) {
        endFrame(pool);
      }
      return part;
    } catch (Throwable t) {
      if (part != null) {
        part.release();
      }
      end();
      throw t;
    }
  }

  /**
   * Decompresses all that is left of the frame.
   *
   * @return the bytes, which the caller owns; more than {@link #LARGEST_PART} as a composite buffer
   * @throws ProtocolException as {@link #nextPart}
   */
  public ByteBuf rest(ByteBufAllocator allocator) {
    ByteBuf first = nextPart(allocator);
    if (!isInFrame()) {
      return first;
    }
    CompositeByteBuf whole = allocator.compositeBuffer(Integer.MAX_VALUE);
    whole.addComponent(true, first);
    try {
      while (isInFrame()) {
        if (whole.readableBytes() > Integer.MAX_VALUE - 2 * LARGEST_PART) {
          throw tooBig(whole.readableBytes()); // no buffer holds more
        }
        whole.addComponent(true, nextPart(allocator));
      }
      return whole;
    } catch (Throwable t) {
      whole.release();
      end();
      throw t;
    }
  }

  /** Frees everything. Only {@link #isInFrame} may be called afterwards, or this again. */
  public void end() {
    if (payload != null) {
      payload.release();
      payload = null;
    }
    ZlibShelf<Inflater> shelf = ZlibPool.ofThread().inflaters();
    Inflater last = inflater == null ? shelf.take(kept) : inflater;
    if (last != null) {
      shelf.release(last);
    }
    inflater = null;
    kept = null;
    if (history != null) {
      history.clear();
    }
  }

  private void begin(ZlibPool pool) {
    if (inflater != null) {
      return;
    }
    inflater = pool.inflaters().take(kept);
    if (inflater == null) {
      inflater = pool.inflaters().take();
      recall(pool);
    }
  }

  /** Lets a decompressor at its start know what came before. */
  private void recall(ZlibPool pool) {
    if (history != null && history.length() > 0) {
      inflater.setDictionary(pool.dictionary(history), 0, history.length());
    }
  }

  private ByteBuf newPart(ByteBufAllocator allocator, int first) {
    if (!exhausted) {
      return allocator.buffer(LARGEST_PART, LARGEST_PART);
    }
    return first == 0 ? Unpooled.EMPTY_BUFFER : allocator.buffer(first, first);
  }

  /**
   * Makes the next bytes in the pool's room, checked, as many as fit or the last ones. Returns how
   * many.
   */
  private int inflate(ZlibPool pool, int room) {
    long limit = Math.min(limits.maxMessageSize() - sequence.size(), limits.maxFragmentSize());
    byte[] out = pool.output();
    int most = Math.min(room, out.length);
    if (limit - size < most) {
      most = (int) (limit - size) + 1; // the byte too many
    }
    int length = 0;
    while (length < most && !exhausted) {
      length += step(pool, out, length, most - length);
    }
    size += length;
    if (size > limit) {
      throw tooBig(limit);
    }
    if (text) {
      utf8.update(out, 0, length);
    }
    return length;
  }

  /** Makes progress; input that zlib does not take now is offered again. */
  private int step(ZlibPool pool, byte[] out, int offset, int length) {
    ByteBuffer in = pool.input();
    int given = fill(in);
    inflater.setInput(in);
    int produced;
    try {
      produced = inflater.inflate(out, offset, length);
    } catch (DataFormatException e) {
      throw corrupt();
    }
    int used = given - in.remaining();
    skip(used);
    if (history != null) {
      history.add(out, offset, produced);
    }
    if (inflater.finished()) {
      startOver(pool);
    } else if (isInputUsedUp()) {
      exhausted = produced < length;
    } else if (produced == 0 && used == 0) {
      throw corrupt();
    }
    return produced;
  }

  /**
   * Behind a final block another stream begins; RFC 7692, section 7.2.3.4. With context takeover it
   * may still refer to what was before.
   */
  private void startOver(ZlibPool pool) {
    inflater.reset();
    recall(pool);
    if (!payload.isReadable()) {
      tailLeft = 0; // nobody cut off a tail
    }
    exhausted = isInputUsedUp();
  }

  private boolean isInputUsedUp() {
    return !payload.isReadable() && tailLeft == 0;
  }

  private int fill(ByteBuffer in) {
    int length = Math.min(payload.readableBytes(), in.remaining());
    in.limit(length);
    payload.getBytes(payload.readerIndex(), in);
    in.limit(Math.min(in.capacity(), length + tailLeft));
    in.put(TAIL, TAIL.length - tailLeft, in.remaining());
    return in.flip().remaining();
  }

  private void skip(int used) {
    int ofPayload = Math.min(used, payload.readableBytes());
    payload.skipBytes(ofPayload);
    tailLeft -= used - ofPayload;
  }

  private void endFrame(ZlibPool pool) {
    if (fin && text) {
      utf8.end();
    }
    sequence.accept(fin, RSV1, opcode, size);
    payload.release();
    payload = null;
    if (!fin) {
      return;
    }
    if (history == null) {
      pool.inflaters().release(inflater);
    } else {
      kept = pool.inflaters().keep(inflater, kept, liveContexts);
    }
    inflater = null;
  }

  private ProtocolException tooBig(long limit) {
    long before = sequence.size();
    if (before == 0 || limit == limits.maxFragmentSize()) {
      return ProtocolException.tooBig("frame exceeds limit of " + limit + " bytes");
    }
    return ProtocolException.tooBig(
        "frame after reading "
            + before
            + " bytes exceeds limit of "
            + limits.maxMessageSize()
            + " bytes");
  }

  private static ProtocolException corrupt() {
    return ProtocolException.violation("decompression failed");
  }
}
