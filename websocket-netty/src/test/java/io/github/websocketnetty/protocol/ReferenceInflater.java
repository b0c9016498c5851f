package io.github.websocketnetty.protocol;

import io.github.websocketnetty.support.WireFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses messages byte by byte with nothing but the JDK's class. */
final class ReferenceInflater {
  private static final byte[] TAIL = {0, 0, -1, -1};

  /** A final block that is not compressed, of eight bytes that nothing else makes. */
  private static final byte[] MARK = WireFrame.hex("01 0800 F7FF 9D3C E105 7AB6 48F0");

  private static final int WINDOW = 1 << 15;

  private final boolean takeover;
  private final FrameLimits limits;
  private final boolean validatesText;
  private final Inflater inflater = new Inflater(true);
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  /** What came out so far, at least the last bytes of it; empty without takeover. */
  private final ByteArrayOutputStream past = new ByteArrayOutputStream();

  private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
  private byte[] pastMessage = {};
  private boolean compressed;
  private boolean text;
  private boolean isAstray;
  private int lastByte;

  /**
   * What is to come of a frame.
   *
   * @param codes the close codes of which one must be given, none if the frame is valid; several if
   *     several things are wrong, because which of them is seen first depends on buffers
   * @param output what comes out otherwise
   */
  record Outcome(List<Integer> codes, byte[] output) {}

  ReferenceInflater(boolean takeover, FrameLimits limits, boolean validatesText) {
    this.takeover = takeover;
    this.limits = limits;
    this.validatesText = validatesText;
  }

  /** Reads a frame that stands where it may. */
  Outcome frame(boolean last, int rsv, int opcode, byte[] bytes) {
    if (opcode != 0) {
      compressed = rsv == 4;
      text = compressed && validatesText && opcode == 1;
      lastByte = 0xFF;
      wire.reset();
      pastMessage = past.toByteArray();
    }
    long limit = Math.min(limits.maxMessageSize() - message.size(), limits.maxFragmentSize());
    List<Integer> codes = new ArrayList<>();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    if (!compressed) {
      output.writeBytes(bytes);
    } else {
      try {
        inflate(bytes, last, limit, output);
      } catch (DataFormatException e) {
        codes.add(1002);
      }
    }
    if (output.size() > limit) {
      codes.add(1009);
    }
    message.writeBytes(output.toByteArray());
    if (text && isNoText(message.toByteArray(), last)) {
      codes.add(1007);
    }
    if (last) {
      isAstray = codes.isEmpty() && takeover && compressed && !endsBetweenBlocks();
      message.reset();
      if (!takeover && compressed) {
        inflater.reset();
      }
    }
    return new Outcome(codes, output.toByteArray());
  }

  private static boolean isNoText(byte[] bytes, boolean complete) {
    Verdict verdict = Verdict.of(bytes);
    return verdict.reason() != null && (complete || verdict.failsAt() < bytes.length);
  }

  private void inflate(byte[] bytes, boolean last, long limit, ByteArrayOutputStream output)
      throws DataFormatException {
    if (bytes.length > 0) {
      lastByte = bytes[bytes.length - 1] & 0xFF;
    }
    // RFC 7692 §7.2.1; some keep the tail, and where it was cut off the last byte ends in zeros.
    int tail = last && lastByte != 0xFF ? TAIL.length : 0;
    byte[] input = tail == 0 ? bytes : WireFrame.join(bytes, TAIL);
    wire.writeBytes(input);
    inflater.setInput(input);
    byte[] one = new byte[1];
    while (output.size() <= limit) {
      int length = inflater.inflate(one);
      output.write(one, 0, length);
      remember(one, length);
      if (inflater.finished()) {
        int left = inflater.getRemaining();
        inflater.reset();
        inflater.setDictionary(past.toByteArray());
        if (left <= tail) {
          return;
        }
        inflater.setInput(input, input.length - left, left);
      } else if (length == 0) {
        return;
      }
    }
  }

  /**
   * Returns whether the last message ended within a block, which no sender may do. What the next
   * one means then depends on whether the decompressor was kept: zlib does not tell.
   */
  boolean isAstray() {
    return isAstray;
  }

  /** A block can be read behind the last message, unless something is open there. */
  private boolean endsBetweenBlocks() {
    byte[] input = WireFrame.join(wire.toByteArray(), MARK);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    output.writeBytes(pastMessage);
    Inflater again = new Inflater(true);
    try {
      again.setDictionary(pastMessage);
      again.setInput(input);
      byte[] some = new byte[4096];
      while (true) {
        int length = again.inflate(some);
        output.write(some, 0, length);
        if (again.finished()) {
          int left = again.getRemaining();
          if (left == 0) {
            return endsWithMark(output.toByteArray());
          }
          again.reset();
          again.setDictionary(output.toByteArray());
          again.setInput(input, input.length - left, left);
        } else if (length == 0) {
          return false;
        }
      }
    } catch (DataFormatException e) {
      return false;
    } finally {
      again.end();
    }
  }

  private static boolean endsWithMark(byte[] bytes) {
    int length = Long.BYTES;
    return bytes.length >= length
        && Arrays.equals(
            bytes, bytes.length - length, bytes.length, MARK, MARK.length - length, MARK.length);
  }

  private void remember(byte[] one, int length) {
    if (!takeover) {
      return;
    }
    past.write(one, 0, length);
    if (past.size() >= 2 * WINDOW) {
      byte[] last = Arrays.copyOfRange(past.toByteArray(), past.size() - WINDOW, past.size());
      past.reset();
      past.writeBytes(last);
    }
  }

  void end() {
    inflater.end();
  }
}
