package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Writes frames: the shortest header, and on a client's side the payload masked with a fresh key.
 *
 * <p>Payloads are never changed in place, because the caller may still share them: a masked payload
 * is a copy. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
public final class FrameWriter {
  /** The header of an unmasked frame at most. */
  public static final int MAX_HEADER = 10;

  /**
   * Up to this payload, one copied buffer costs less than two buffers: a second entry of a
   * gathering write costs about as much as copying 4 KiB.
   */
  private static final int LARGEST_COPY = 4096;

  private static final int FIN_BIT = 0x80;
  private static final int MASK_BIT = 0x80;
  private static final int LENGTH_IS_16_BIT = 126;
  private static final int LENGTH_IS_64_BIT = 127;

  private final boolean masks;

  /** Creates a writer for frames sent by {@code side}. */
  public FrameWriter(Side side) {
    this.masks = side.masks();
  }

  /** Returns whether {@link #join} is the way for this payload, else {@link #header}. */
  public boolean joins(int payloadLength) {
    return masks || payloadLength <= LARGEST_COPY;
  }

  /** Returns the header alone; the payload, unmasked, is to follow as it is. For servers only. */
  public ByteBuf header(
      ByteBufAllocator allocator, boolean fin, int rsv, int opcode, int payloadLength) {
    ByteBuf out = allocator.ioBuffer(MAX_HEADER, MAX_HEADER);
    writeHeader(out, fin, rsv, opcode, payloadLength);
    return out;
  }

  /** Returns header and payload in one buffer; the payload keeps its indices and references. */
  public ByteBuf join(
      ByteBufAllocator allocator, boolean fin, int rsv, int opcode, ByteBuf payload) {
    int length = payload.readableBytes();
    int headerLength = headerLength(length) + (masks ? Integer.BYTES : 0);
    ByteBuf out = allocator.ioBuffer(headerLength + length);
    writeHeader(out, fin, rsv, opcode, length);
    int key = masks ? writeKey(out) : 0;
    int start = out.writerIndex();
    out.writeBytes(payload, payload.readerIndex(), length);
    if (key != 0) {
      Masking.xor(out, start, length, key);
    }
    return out;
  }

  private static int writeKey(ByteBuf out) {
    int key = MaskKeys.ofThread().next();
    out.writeInt(key);
    return key;
  }

  private void writeHeader(ByteBuf out, boolean fin, int rsv, int opcode, int length) {
    int first = (fin ? FIN_BIT : 0) | rsv << 4 | opcode;
    int mask = masks ? MASK_BIT : 0;
    if (length < LENGTH_IS_16_BIT) {
      out.writeShort(first << 8 | mask | length);
    } else if (length <= 0xFFFF) {
      out.writeInt(first << 24 | (mask | LENGTH_IS_16_BIT) << 16 | length);
    } else {
      out.writeShort(first << 8 | mask | LENGTH_IS_64_BIT);
      out.writeLong(length);
    }
  }

  private static int headerLength(int length) {
    if (length < LENGTH_IS_16_BIT) {
      return 2;
    }
    return length <= 0xFFFF ? 4 : MAX_HEADER;
  }
}
