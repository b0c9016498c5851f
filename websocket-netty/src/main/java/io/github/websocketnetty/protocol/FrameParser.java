package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.util.Objects;

/**
 * Turns bytes, cut anywhere, into whole, unmasked and validated frames.
 *
 * <p>A frame that lies in one buffer is unmasked in place and handed on as a slice of it; only a
 * frame that spans buffers is copied, each byte once, as it arrives. Text is checked while it is
 * unmasked, so a bad byte is found when it arrives, even in a frame whose rest has not come. A
 * declared length is checked against the limits as soon as it is read, and never trusted with an
 * allocation.
 *
 * <p>The first violation is thrown, after all frames before it were handed on; from then on, as
 * after a close frame, all input is discarded.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
public final class FrameParser {
  /** The payload bytes of a control frame at most. */
  public static final int MAX_CONTROL_PAYLOAD = 125;

  /** Frames with no more payload bytes are always handed on whole. */
  public static final int LARGE_FRAME = 1 << 16;

  private boolean mayBeMasked;
  private final boolean validatesText;
  private final MessageSequence sequence;
  private final FrameHeader header;

  /** Null before the first text. */
  private Utf8Validator utf8;

  /** Null outside {@link #parse}. */
  private PayloadUnmasker read;

  /** Bytes of a header that was cut; null while none is. */
  private ByteBuf cutHeader;

  /** The payload of a frame that was cut; null while none is. */
  private PayloadCollector cutPayload;

  /**
   * Whether the open message is text to be checked, and whether the frame being read is part of it.
   */
  private boolean textMessage;

  private boolean textFrame;

  /** Bytes still to come of a frame that is handed on in parts; 0 while none is. */
  private int partsRemaining;

  private boolean partsWanted;
  private boolean firstPart;
  private boolean suspended;
  private boolean ended;

  /**
   * Creates a parser at the start of a connection.
   *
   * @param side the side that receives
   * @param limits what the peer may send
   * @param validatesText whether the payload of text messages must be UTF-8; messages with RSV1 set
   *     are not checked, since an extension transformed them
   * @param rsvInUse the reserved bits to which an extension gave a meaning on the first frame of a
   *     message, RSV1 being 4
   * @throws IllegalArgumentException if the bits are not 0 to 7
   */
  public FrameParser(Side side, FrameLimits limits, boolean validatesText, int rsvInUse) {
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(limits, "limits");
    boolean masked = side.peer().masks();
    this.mayBeMasked = masked;
    this.validatesText = validatesText;
    this.sequence = new MessageSequence(limits);
    this.header = new FrameHeader(masked, rsvInUse, sequence);
  }

  /**
   * Returns whether nobody but the caller can see the bytes of {@code in}, so that they may be
   * changed in place. To be asked before any slice of it was handed on.
   */
  public static boolean isExclusive(ByteBuf in) {
    if (in.refCnt() != 1 || in.isReadOnly()) {
      return false;
    }
    for (ByteBuf buffer = in; buffer != null; buffer = buffer.unwrap()) {
      if (buffer instanceof CompositeByteBuf) {
        return false; // its parts have counts of their own
      }
    }
    return true;
  }

  /**
   * Parses until {@code in} is used up, or until {@link #suspend} was called from the sink.
   *
   * @param in the bytes; their reader index moves on, the caller keeps its reference
   * @param exclusive whether {@code in} may be changed in place, see {@link #isExclusive}
   * @param allocator makes the buffers of frames that need a copy
   * @param sink takes the frames
   * @return whether bytes are left because of {@link #suspend}; if not, {@code in} may have been
   *     handed on and its indices mean nothing any more
   * @throws ProtocolException if the peer violated the protocol or a limit
   */
  public boolean parse(ByteBuf in, boolean exclusive, ByteBufAllocator allocator, FrameSink sink) {
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(allocator, "allocator");
    Objects.requireNonNull(sink, "sink");
    suspended = false;
    boolean inPlace = exclusive || !mayBeMasked;
    read = new PayloadUnmasker(in);
    try {
      while (in.isReadable()) {
        if (suspended) {
          return true;
        }
        if (!step(in, inPlace, allocator, sink)) {
          return false;
        }
      }
      return false;
    } catch (ProtocolException e) {
      end();
      throw e;
    } finally {
      read = null;
    }
  }

  /** Makes {@link #parse} return after the frame that is being handed on. */
  public void suspend() {
    suspended = true;
  }

  /**
   * Chooses how data frames of more than {@link #LARGE_FRAME} bytes are handed on that arrive in
   * several buffers: whole, which is how it begins, or in parts as they arrive, as if the peer had
   * sent each part as a fragment. Also concerns a frame that is arriving; one that was begun in
   * parts goes on so.
   */
  public void deliverParts(boolean wanted) {
    partsWanted = wanted;
  }

  /**
   * Accepts frames that are masked and frames that are not, from either side, against RFC 6455
   * section 5.1. Not to be undone; to be called before the first frame.
   */
  public void allowMaskMismatch() {
    mayBeMasked = true;
    header.allowMaskMismatch();
  }

  /**
   * Lets control frames with an opcode wait until they are asked for, as data does: where they are
   * for the application. Not to be undone.
   */
  public void deferControl(int opcode) {
    header.deferControl(opcode);
  }

  /**
   * Accepts reserved bits to which an extension gave a meaning on all frames: on those that
   * continue a message, and on control frames. The status of a close frame that has one is not
   * checked. Not to be undone; to be called before the first frame.
   *
   * @param rsv the bits, RSV1 being 4
   * @throws IllegalArgumentException if they are not 0 to 7
   */
  public void allowRsv(int rsv) {
    header.allowRsv(rsv);
  }

  /** Returns whether all further input is discarded. */
  public boolean isEnded() {
    return ended;
  }

  /**
   * Returns whether the next frame is to be handed on although nobody asked for it: whether it is a
   * control frame, and not one that {@link #deferControl} concerns.
   *
   * @param in what would be parsed next, not changed
   */
  public boolean isUrgentNext(ByteBuf in) {
    if (partsRemaining > 0) {
      return false;
    }
    if (cutPayload != null) {
      return header.isUrgent(header.opcode());
    }
    ByteBuf start = cutHeader == null ? in : cutHeader;
    return start.isReadable() && header.isUrgent(start.getByte(start.readerIndex()) & 0xF);
  }

  /** Returns what is missing of the frame that was begun, or null between two frames. */
  public String describeUnfinished() {
    if (cutPayload != null) {
      int expected = header.payloadLength();
      return "stream ends after " + cutPayload.size() + " bytes, expected " + expected + " bytes";
    }
    if (partsRemaining > 0) {
      int expected = header.payloadLength();
      int got = expected - partsRemaining;
      return "stream ends after " + got + " bytes, expected " + expected + " bytes";
    }
    return cutHeader == null ? null : "stream ends inside a frame header";
  }

  /** Releases what was kept of an incomplete frame and discards all further input. */
  public void end() {
    ended = true;
    partsRemaining = 0;
    if (cutHeader != null) {
      cutHeader.release();
      cutHeader = null;
    }
    if (cutPayload != null) {
      cutPayload.release();
      cutPayload = null;
    }
  }

  /** Makes progress. Returns false if {@code in} was handed on and must not be touched again. */
  private boolean step(ByteBuf in, boolean inPlace, ByteBufAllocator allocator, FrameSink sink) {
    if (ended) {
      in.skipBytes(in.readableBytes());
      return true;
    }
    if (partsRemaining > 0) {
      return continueParts(in, inPlace, allocator, sink);
    }
    if (cutPayload != null) {
      continuePayload(in, sink);
      return true;
    }
    if (cutHeader != null) {
      return continueHeader(in, inPlace, allocator, sink);
    }
    return inPlace ? parseWhole(in, allocator, sink) : parseFrame(in, false, allocator, sink);
  }

  /**
   * Hands on the frames that lie in {@code in} as a whole, and begins the one that does not. This
   * loop is where small frames spend their time.
   */
  private boolean parseWhole(ByteBuf in, ByteBufAllocator allocator, FrameSink sink) {
    int index = in.readerIndex();
    int end = in.writerIndex();
    while (index < end && !suspended && !ended) {
      int payload = header.readWhole(read, index, end);
      if (payload < 0) {
        in.readerIndex(index);
        return parseFrame(in, true, allocator, sink);
      }
      index = payload + header.payloadLength();
      beginText();
      handOn(in, payload, header.payloadLength(), header.key(), sink);
    }
    if (index < end) {
      in.readerIndex(index);
    }
    return index < end;
  }

  private boolean parseFrame(
      ByteBuf in, boolean inPlace, ByteBufAllocator allocator, FrameSink sink) {
    int readable = in.readableBytes();
    if (readable < 2) {
      return cutHeader(in, allocator);
    }
    int index = in.readerIndex();
    int head = in.getUnsignedShort(index);
    int headerLength = header.checkHead(head);
    if (readable < headerLength) {
      return cutHeader(in, allocator);
    }
    header.read(in, index, head, headerLength);
    in.readerIndex(index + headerLength);
    return payloadFollows(in, inPlace, allocator, sink);
  }

  private boolean cutHeader(ByteBuf in, ByteBufAllocator allocator) {
    cutHeader = allocator.buffer(FrameHeader.MAX_LENGTH, FrameHeader.MAX_LENGTH);
    cutHeader.writeBytes(in);
    header.checkCut(cutHeader);
    return true;
  }

  /** Takes the bytes that a cut header lacks. */
  private boolean continueHeader(
      ByteBuf in, boolean inPlace, ByteBufAllocator allocator, FrameSink sink) {
    ByteBuf cut = cutHeader;
    if (cut.writerIndex() < 2) {
      cut.writeByte(in.readByte());
    }
    int head = cut.getUnsignedShort(0);
    int headerLength = header.checkHead(head);
    int missing = headerLength - cut.writerIndex();
    cut.writeBytes(in, Math.min(missing, in.readableBytes()));
    if (cut.writerIndex() < headerLength) {
      header.checkCut(cut);
      return true;
    }
    header.read(cut, 0, head, headerLength);
    cut.release();
    cutHeader = null;
    return payloadFollows(in, inPlace, allocator, sink);
  }

  /** Goes on behind the header: with the whole payload, or with what there is of it. */
  private boolean payloadFollows(
      ByteBuf in, boolean inPlace, ByteBufAllocator allocator, FrameSink sink) {
    beginText();
    int length = header.payloadLength();
    int readable = in.readableBytes();
    if (readable < length) {
      beginCut(length, allocator);
      return true;
    }
    int index = in.readerIndex();
    if (inPlace) {
      in.skipBytes(length);
      handOn(in, index, length, header.key(), sink);
      return readable > length;
    }
    ByteBuf copy = copy(in, length, header.key(), allocator);
    try {
      deliver(copy, 0, length, sink);
    } finally {
      copy.release();
    }
    return true;
  }

  private void beginText() {
    int opcode = header.opcode();
    if (Opcode.isControl(opcode)) {
      textFrame = false;
      return;
    }
    if (opcode != Opcode.CONTINUATION) {
      textMessage = validatesText && opcode == Opcode.TEXT && header.rsv() == 0;
      if (textMessage && utf8 == null) {
        utf8 = new Utf8Validator();
      }
    }
    textFrame = textMessage;
  }

  /** Copies the next bytes of a payload, because someone else sees those that arrived. */
  private ByteBuf copy(ByteBuf in, int length, int key, ByteBufAllocator allocator) {
    ByteBuf copy = allocator.buffer(length);
    try {
      in.readBytes(copy, length);
      unmask(copy, copy.readerIndex(), length, key);
      return copy;
    } catch (Throwable t) {
      copy.release();
      throw t;
    }
  }

  private void beginCut(int length, ByteBufAllocator allocator) {
    if (comesInParts()) {
      partsRemaining = length;
      firstPart = true;
    } else {
      cutPayload = new PayloadCollector(allocator);
    }
  }

  private boolean comesInParts() {
    return partsWanted
        && header.payloadLength() > LARGE_FRAME
        && header.rsv() == 0
        && !Opcode.isControl(header.opcode());
  }

  /** Hands on what there is of a large frame. */
  private boolean continueParts(
      ByteBuf in, boolean inPlace, ByteBufAllocator allocator, FrameSink sink) {
    int readable = in.readableBytes();
    int length = Math.min(readable, partsRemaining);
    int key = Masking.rotate(header.key(), header.payloadLength() - partsRemaining);
    if (inPlace) {
      int index = in.readerIndex();
      in.skipBytes(length);
      unmask(in, index, length, key);
      deliverPart(in, index, length, sink);
      return readable > length;
    }
    ByteBuf part = copy(in, length, key, allocator);
    deliverOwnedPart(part, sink);
    return true;
  }

  private void deliverOwnedPart(ByteBuf part, FrameSink sink) {
    try {
      deliverPart(part, part.readerIndex(), part.readableBytes(), sink);
    } finally {
      part.release();
    }
  }

  private void deliverPart(ByteBuf buffer, int index, int length, FrameSink sink) {
    int opcode = firstPart ? header.opcode() : Opcode.CONTINUATION;
    firstPart = false;
    partsRemaining -= length;
    boolean complete = partsRemaining == 0;
    if (complete) {
      accept(buffer, index, length);
    }
    sink.onFrame(complete && header.fin(), 0, opcode, buffer, index, length);
  }

  private void continuePayload(ByteBuf in, FrameSink sink) {
    PayloadCollector payload = cutPayload;
    if (comesInParts()) {
      continueInParts(payload, sink);
      return;
    }
    int whole = header.payloadLength();
    while (payload.size() < whole && in.isReadable()) {
      int before = payload.size();
      int remaining = whole - before;
      int length = payload.prepare(Math.min(in.readableBytes(), remaining), remaining);
      payload.append(in, length);
      ByteBuf chunk = payload.lastChunk();
      unmask(chunk, chunk.writerIndex() - length, length, Masking.rotate(header.key(), before));
    }
    if (payload.size() == whole) {
      cutPayload = null;
      ByteBuf taken = payload.take();
      try {
        deliver(taken, taken.readerIndex(), whole, sink);
      } finally {
        taken.release();
      }
    }
  }

  /** Hands on what was collected before parts were wanted. */
  private void continueInParts(PayloadCollector payload, FrameSink sink) {
    cutPayload = null;
    partsRemaining = header.payloadLength();
    firstPart = true;
    if (payload.size() > 0) {
      deliverOwnedPart(payload.take(), sink);
    }
  }

  private void unmask(ByteBuf buffer, int index, int length, int key) {
    if (textFrame) {
      read.text(utf8, buffer, index, length, key);
    } else {
      read.binary(buffer, index, length, key);
    }
  }

  private void handOn(ByteBuf in, int index, int length, int key, FrameSink sink) {
    unmask(in, index, length, key);
    deliver(in, index, length, sink);
  }

  private void deliver(ByteBuf buffer, int index, int length, FrameSink sink) {
    accept(buffer, index, length);
    sink.onFrame(header.fin(), header.rsv(), header.opcode(), buffer, index, length);
  }

  /** Makes the checks that need the whole frame. */
  private void accept(ByteBuf buffer, int index, int length) {
    int opcode = header.opcode();
    if (opcode == Opcode.CLOSE) {
      if (header.rsv() == 0) { // else an extension transformed it
        CloseStatus.decode(buffer.slice(index, length));
      }
      ended = true;
    } else if (!Opcode.isControl(opcode)) {
      if (header.fin() && textFrame) {
        utf8.end();
      }
      sequence.accept(header.fin(), header.rsv(), opcode, header.payloadLength());
    }
  }
}
