package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The header of the frame being read, checked field by field: each as soon as it has arrived.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
final class FrameHeader {
  /** The longest header: two bytes, 64-bit length, key. */
  static final int MAX_LENGTH = 14;

  private static final int FIN_BIT = 0x80;
  private static final int RSV_BITS = 0x70;
  private static final int RSV_SHIFT = 4;
  private static final int OPCODE_BITS = 0x0F;
  private static final int MASK_BIT = 0x80;
  private static final int LENGTH_BITS = 0x7F;
  private static final int LENGTH_IS_16_BIT = 126;
  private static final int LENGTH_IS_64_BIT = 127;

  /** Whether the peer must mask; with {@link #allowsMismatch}, whether its latest frame does. */
  private boolean masked;

  private boolean allowsMismatch;

  /** The control opcodes whose frames are urgent: the lowest bit is that of opcode 8. */
  private byte urgentControls = -1;

  /**
   * The reserved bits that are refused, where they stand in a header, and in the lowest bits those
   * that all frames may have. In one byte, in an object that every connection has.
   */
  private byte rsvBits;

  private final MessageSequence sequence;

  private int firstByte;
  private int key;
  private int payloadLength;

  /**
   * Creates a header to be reused for each frame.
   *
   * @param masked whether the peer must mask
   * @param rsvInUse the reserved bits to which an extension gave a meaning, RSV1 being 4
   * @param sequence says which data frames may come and how large
   */
  FrameHeader(boolean masked, int rsvInUse, MessageSequence sequence) {
    checkBits(rsvInUse);
    this.masked = masked;
    this.rsvBits = (byte) (RSV_BITS & ~(rsvInUse << RSV_SHIFT));
    this.sequence = sequence;
  }

  /** Accepts frames that are masked and frames that are not, each as it comes. */
  void allowMaskMismatch() {
    allowsMismatch = true;
  }

  /** Lets frames with a control opcode wait as data does. */
  void deferControl(int opcode) {
    urgentControls = (byte) (urgentControls & ~urgencyBit(opcode));
  }

  /** Returns whether frames with this opcode are to be handed on though nobody asked for them. */
  boolean isUrgent(int opcode) {
    return Opcode.isControl(opcode) && (urgentControls & urgencyBit(opcode)) != 0;
  }

  private static int urgencyBit(int opcode) {
    return 1 << (opcode & 7);
  }

  /** Lets an extension use these reserved bits on all frames, RSV1 being 4. */
  void allowRsv(int rsv) {
    checkBits(rsv);
    rsvBits = (byte) (rsvBits & ~(rsv << RSV_SHIFT) | rsv);
  }

  private static void checkBits(int rsv) {
    if ((rsv & ~(RSV_BITS >> RSV_SHIFT)) != 0) {
      throw new IllegalArgumentException("reserved bits are " + rsv + ", must be 0 to 7");
    }
  }

  boolean fin() {
    return (firstByte & FIN_BIT) != 0;
  }

  int rsv() {
    return (firstByte & RSV_BITS) >>> RSV_SHIFT;
  }

  int opcode() {
    return firstByte & OPCODE_BITS;
  }

  int payloadLength() {
    return payloadLength;
  }

  /** Returns the masking key, or 0 if the frame is not masked. */
  int key() {
    return key;
  }

  /**
   * Takes the header of a frame that lies between the indices as a whole.
   *
   * @return where its payload begins; negative if a part is missing, after which the header is not
   *     to be used
   */
  int readWhole(ReadView in, int index, int end) {
    int readable = end - index;
    if (readable < 2) {
      return -1;
    }
    int head = in.unsignedShort(index);
    int headerLength = checkHead(head);
    if (readable < headerLength) {
      return -1;
    }
    firstByte = head >>> 8;
    int length = head & LENGTH_BITS;
    long length64 =
        switch (length) {
          case LENGTH_IS_16_BIT -> in.unsignedShort(index + 2);
          case LENGTH_IS_64_BIT -> in.getLong(index + 2);
          default -> length;
        };
    payloadLength = (int) checked(length64, head);
    key = masked ? in.getInt(index + headerLength - Integer.BYTES) : 0;
    return readable - headerLength < payloadLength ? -1 : index + headerLength;
  }

  /** Checks the first two bytes. Returns the length of the whole header. */
  int checkHead(int head) {
    int first = head >>> 8;
    int opcode = first & OPCODE_BITS;
    if (!Opcode.isKnown(opcode)) {
      throw ProtocolException.violation("invalid opcode: " + opcode);
    }
    if ((head & MASK_BIT) != 0 != masked) {
      acceptMismatch();
    }
    if ((first & rsvBits & RSV_BITS) != 0) {
      throw ProtocolException.violation("reserved bits must be 0");
    }
    int length = head & LENGTH_BITS;
    if (Opcode.isControl(opcode)) {
      checkControl(first, length);
    } else {
      checkData(first, opcode);
    }
    int headerLength = masked ? 2 + Integer.BYTES : 2;
    if (length < LENGTH_IS_16_BIT) {
      return headerLength;
    }
    return headerLength + (length == LENGTH_IS_16_BIT ? Short.BYTES : Long.BYTES);
  }

  private void acceptMismatch() {
    if (!allowsMismatch) {
      throw ProtocolException.violation("incorrect masking");
    }
    masked = !masked;
  }

  /** Takes the header whose first two bytes passed {@link #checkHead}. */
  void read(ByteBuf in, int index, int head, int headerLength) {
    firstByte = head >>> 8;
    payloadLength = (int) checkLength(in, index, head);
    key = masked ? in.getInt(index + headerLength - Integer.BYTES) : 0;
  }

  /** Checks a header that was cut: its length, if that has arrived and only the key is missing. */
  void checkCut(ByteBuf cut) {
    if (cut.writerIndex() < 2) {
      return;
    }
    int head = cut.getUnsignedShort(0);
    int lengthEnd = checkHead(head) - (masked ? Integer.BYTES : 0);
    if (cut.writerIndex() >= lengthEnd) {
      checkLength(cut, 0, head);
    }
  }

  private void checkControl(int first, int length) {
    if (length > FrameParser.MAX_CONTROL_PAYLOAD) {
      throw ProtocolException.violation("control frame too long");
    }
    if ((first & FIN_BIT) == 0) {
      throw ProtocolException.violation("fragmented control frame");
    }
    if ((first & RSV_BITS & ~(rsvBits << RSV_SHIFT)) != 0) {
      // Extensions that transform messages leave control frames alone.
      throw ProtocolException.violation("reserved bits must be 0");
    }
  }

  private void checkData(int first, int opcode) {
    sequence.checkOrder(opcode);
    if (opcode == Opcode.CONTINUATION && (first & RSV_BITS & ~(rsvBits << RSV_SHIFT)) != 0) {
      throw ProtocolException.violation("RSV1 bit set in continuation frame");
    }
  }

  private long checkLength(ByteBuf in, int index, int head) {
    long length =
        switch (head & LENGTH_BITS) {
          case LENGTH_IS_16_BIT -> in.getUnsignedShort(index + 2);
          case LENGTH_IS_64_BIT -> in.getLong(index + 2);
          default -> head & LENGTH_BITS;
        };
    return checked(length, head);
  }

  /** Returns a length that passed the checks, as it stands in a header with these first bytes. */
  private long checked(long length, int head) {
    switch (head & LENGTH_BITS) {
      case LENGTH_IS_16_BIT -> checkMinimal(length, LENGTH_IS_16_BIT);
      case LENGTH_IS_64_BIT -> {
        if (length < 0) {
          throw ProtocolException.violation(
              "length " + Long.toUnsignedString(length) + " has its most significant bit set");
        }
        checkMinimal(length, 1 << Short.SIZE);
      }
      default -> {
        // fits into the first two bytes
      }
    }
    if (!Opcode.isControl(head >>> 8 & OPCODE_BITS)) {
      sequence.checkLength(length);
    }
    return length;
  }

  private static void checkMinimal(long length, int smallest) {
    if (length < smallest) {
      throw ProtocolException.violation("length " + length + " is not encoded minimally");
    }
  }
}
