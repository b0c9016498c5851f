package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * Writes frames: the shortest header, and on a client's side the payload masked with a fresh key.
 *
 * <p>A payload is changed in place only by {@link #prepend}; otherwise the caller may still share
 * it, and what is masked is a copy. Not thread-safe.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
public final class FrameWriter {
  /** The header of an unmasked frame at most. */
  public static final int MAX_HEADER = 10;

  /** The header of any frame at most. */
  public static final int MAX_MASKED_HEADER = MAX_HEADER + Integer.BYTES;

  /**
   * Up to this payload, one copied buffer costs less than two buffers: a second entry of a
   * gathering write costs about as much as copying 4 KiB.
   */
  private static final int LARGEST_COPY = 4096;

  /** Memory on the heap the transport would copy anyway; TLS would not, so there is a limit. */
  private static final int LARGEST_HEAP_COPY = 1 << 16;

  private static final int FIN_BIT = 0x80;
  private static final int MASK_BIT = 0x80;
  private static final int LENGTH_IS_16_BIT = 126;
  private static final int LENGTH_IS_64_BIT = 127;

  private final boolean masks;

  /** Creates a writer for frames sent by {@code side}. */
  public FrameWriter(Side side) {
    Objects.requireNonNull(side, "side");
    this.masks = side.masks();
  }

  /** Returns whether {@link #append} is the way for this payload, else {@link #header}. */
  public boolean joins(ByteBuf payload) {
    Objects.requireNonNull(payload, "payload");
    return masks
        || payload.readableBytes() <= (payload.isDirect() ? LARGEST_COPY : LARGEST_HEAP_COPY);
  }

  /** Returns how many bytes a header is long. */
  public int headerLength(int payloadLength) {
    int unmasked = payloadLength < LENGTH_IS_16_BIT ? 2 : payloadLength <= 0xFFFF ? 4 : MAX_HEADER;
    return masks ? unmasked + Integer.BYTES : unmasked;
  }

  /** Appends header and payload to {@code out}; the payload keeps its indices and references. */
  public void append(ByteBuf out, boolean fin, int rsv, int opcode, ByteBuf payload) {
    int length = payload.readableBytes();
    header(out, fin, rsv, opcode, length);
    int key = masks ? writeKey(out) : 0;
    int start = out.writerIndex();
    out.writeBytes(payload, payload.readerIndex(), length);
    if (key != 0) {
      Masking.xor(out, start, length, key);
    }
  }

  /**
   * Writes the header into the bytes before the payload, and masks the payload where it is. Nobody
   * else may see either.
   *
   * @param payload has at least {@link #headerLength} bytes before its reader index, which moves to
   *     the beginning of the header
   */
  public void prepend(boolean fin, int rsv, int opcode, ByteBuf payload) {
    int length = payload.readableBytes();
    int start = payload.readerIndex();
    int end = payload.writerIndex();
    int header = start - headerLength(length);
    payload.setIndex(header, header);
    header(payload, fin, rsv, opcode, length);
    int key = masks ? writeKey(payload) : 0;
    payload.writerIndex(end);
    if (key != 0) {
      Masking.xor(payload, start, length, key);
    }
  }

  private static int writeKey(ByteBuf out) {
    int key = MaskKeys.ofThread().next();
    out.writeInt(key);
    return key;
  }

  /**
   * Appends a header, with a key to follow if it says so; what a server sends may then follow as it
   * is.
   */
  public void header(ByteBuf out, boolean fin, int rsv, int opcode, int length) {
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
}
