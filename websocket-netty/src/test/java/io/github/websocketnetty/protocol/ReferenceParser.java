package io.github.websocketnetty.protocol;

import io.github.websocketnetty.support.RecordedFrames.Frame;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what arrived from the first byte to the last, slowly and as RFC 6455 tells it. Shares no
 * code with what is tested, except the limits it is given.
 */
public final class ReferenceParser {
  private static final BigInteger TWO_TO_63 = BigInteger.ONE.shiftLeft(63);

  private final byte[] bytes;
  private final boolean masked;
  private final FrameLimits limits;
  private final boolean validatesText;
  private final int rsvInUse;

  private final List<Frame> frames = new ArrayList<>();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private int messageOpcode; // 0 between messages
  private int messageRsv;
  private int messageFrames;
  private int position;
  private String unfinished;
  private boolean closed;

  /**
   * What is to come out.
   *
   * @param frames the frames before the violation, the end of the bytes, or behind the close frame
   * @param violation the close code for a violation, or 0
   * @param reason why text is refused; null for other violations
   * @param unfinished how the frame is described that was cut off by the end; null if none was
   * @param closed whether the last frame is a close frame
   */
  public record Reading(
      List<Frame> frames, int violation, String reason, String unfinished, boolean closed) {}

  private static final class Violation extends Exception {
    private static final long serialVersionUID = 1L;
    final int closeCode;

    Violation(int closeCode, String reason) {
      super(reason);
      this.closeCode = closeCode;
    }
  }

  private ReferenceParser(
      byte[] bytes, Side side, FrameLimits limits, boolean validatesText, int rsvInUse) {
    this.bytes = bytes;
    this.masked = side == Side.SERVER;
    this.limits = limits;
    this.validatesText = validatesText;
    this.rsvInUse = rsvInUse;
  }

  /** Reads what {@code side} received. */
  public static Reading read(
      byte[] bytes, Side side, FrameLimits limits, boolean validatesText, int rsvInUse) {
    ReferenceParser parser = new ReferenceParser(bytes, side, limits, validatesText, rsvInUse);
    int violation = 0;
    String reason = null;
    try {
      while (parser.position < bytes.length && parser.unfinished == null && !parser.closed) {
        parser.readFrame();
      }
    } catch (Violation e) {
      violation = e.closeCode;
      reason = e.getMessage();
    }
    return new Reading(parser.frames, violation, reason, parser.unfinished, parser.closed);
  }

  private int unsigned(int at) {
    return bytes[at] & 0xFF;
  }

  private void readFrame() throws Violation {
    int arrived = bytes.length - position;
    if (arrived < 2) {
      unfinished = "stream ends inside a frame header";
      return;
    }
    boolean fin = (unsigned(position) & 0b1000_0000) != 0;
    int rsv = (unsigned(position) & 0b0111_0000) / 16;
    int opcode = unsigned(position) & 0b0000_1111;
    boolean hasKey = (unsigned(position + 1) & 0b1000_0000) != 0;
    int shortLength = unsigned(position + 1) & 0b0111_1111;
    checkFirstBytes(fin, rsv, opcode, hasKey, shortLength);
    int lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
    if (arrived < 2 + lengthBytes) {
      unfinished = "stream ends inside a frame header";
      return;
    }
    BigInteger length = BigInteger.valueOf(shortLength);
    if (lengthBytes > 0) {
      length =
          new BigInteger(1, Arrays.copyOfRange(bytes, position + 2, position + 2 + lengthBytes));
    }
    checkLength(opcode, length, lengthBytes);
    int keyBytes = hasKey ? 4 : 0;
    if (arrived < 2 + lengthBytes + keyBytes) {
      unfinished = "stream ends inside a frame header";
      return;
    }
    int keyAt = position + 2 + lengthBytes;
    int start = keyAt + keyBytes;
    boolean whole = length.compareTo(BigInteger.valueOf(bytes.length - start)) <= 0;
    int end = whole ? start + length.intValue() : bytes.length;
    byte[] payload = Arrays.copyOfRange(bytes, start, end);
    for (int i = 0; i < payload.length && hasKey; i++) {
      payload[i] ^= bytes[keyAt + i % 4];
    }
    if (!whole) {
      unfinished = "stream ends after " + payload.length + " bytes, expected " + length + " bytes";
    }
    position = end;
    takePayload(fin, rsv, opcode, payload, whole);
  }

  private void checkFirstBytes(boolean fin, int rsv, int opcode, boolean hasKey, int length)
      throws Violation {
    boolean control = List.of(8, 9, 10).contains(opcode);
    boolean data = List.of(0, 1, 2).contains(opcode);
    boolean badControl = control && (!fin || length > 125 || rsv != 0);
    boolean badRsv = (rsv & ~rsvInUse) != 0;
    boolean badOrder = data && (opcode == 0) != (messageOpcode != 0);
    if (!control && !data || hasKey != masked || badControl || badRsv || badOrder) {
      throw new Violation(1002, null);
    }
    // Where a frame is one too many and also wrong, either code would do; this is ours.
    if (opcode == 0 && messageFrames == mostFrames()) {
      throw new Violation(1009, null);
    }
    if (opcode == 0 && rsv != 0) {
      throw new Violation(1002, null);
    }
  }

  /** One more for each 64 bytes; inputs are too short for those that are compressed to matter. */
  private long mostFrames() {
    return limits.maxFragments() == -1 ? 16_384 + message.size() / 64 : limits.maxFragments();
  }

  private void checkLength(int opcode, BigInteger length, int lengthBytes) throws Violation {
    int smallest = lengthBytes == 8 ? 65_536 : lengthBytes == 2 ? 126 : 0;
    boolean wraps = length.compareTo(TWO_TO_63) >= 0;
    if (wraps || length.compareTo(BigInteger.valueOf(smallest)) < 0) {
      throw new Violation(1002, null);
    }
    boolean largeFrame =
        length.compareTo(BigInteger.valueOf(limits.maxFragmentSize())) > 0
            || length.compareTo(BigInteger.valueOf(Integer.MAX_VALUE - 64)) > 0;
    BigInteger wholeMessage = length.add(BigInteger.valueOf(message.size()));
    boolean largeMessage = wholeMessage.compareTo(BigInteger.valueOf(limits.maxMessageSize())) > 0;
    if (opcode < 8 && (largeFrame || largeMessage)) {
      throw new Violation(1009, null);
    }
  }

  private void takePayload(boolean fin, int rsv, int opcode, byte[] payload, boolean whole)
      throws Violation {
    if (opcode >= 8) {
      if (whole) {
        takeControl(opcode, payload);
      }
      return;
    }
    if (opcode != 0) {
      messageOpcode = opcode;
      messageRsv = rsv;
    }
    message.writeBytes(payload);
    if (validatesText && messageOpcode == 1 && messageRsv == 0) {
      checkText(message.toByteArray(), whole && fin);
    }
    if (whole) {
      messageFrames++;
      frames.add(new Frame(fin, rsv, opcode, payload));
      if (fin) {
        message.reset();
        messageOpcode = 0;
        messageFrames = 0;
      }
    }
  }

  private static void checkText(byte[] text, boolean complete) throws Violation {
    Verdict verdict = Verdict.of(text);
    if (verdict.reason() != null && (complete || verdict.failsAt() < text.length)) {
      throw new Violation(1007, verdict.reason());
    }
  }

  private void takeControl(int opcode, byte[] payload) throws Violation {
    if (opcode == 8 && payload.length > 0) {
      checkClose(payload);
    }
    closed = opcode == 8;
    frames.add(new Frame(true, 0, opcode, payload));
  }

  /** RFC 6455 §7.4, and the codes registered since. */
  static void checkClose(byte[] payload) throws Violation {
    int code = payload.length < 2 ? 0 : (payload[0] & 0xFF) * 256 + (payload[1] & 0xFF);
    boolean registered =
        List.of(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)
            .contains(code);
    if (!registered && (code < 3000 || code > 4999)) {
      throw new Violation(1002, null);
    }
    checkText(Arrays.copyOfRange(payload, 2, payload.length), true);
  }

  /** Returns the code with which a close frame must be refused, 0 if it must not. */
  public static int refusalOfClose(byte[] payload) {
    try {
      if (payload.length > 0) {
        checkClose(payload);
      }
      return 0;
    } catch (Violation e) {
      return e.closeCode;
    }
  }
}
