package io.github.websocketnetty.protocol;

import io.github.websocketnetty.support.WireFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses messages byte by byte with nothing but the JDK's class. */
final class ReferenceInflater {
  private static final byte[] TAIL = {0, 0, -1, -1};

  private final boolean takeover;
  private final FrameLimits limits;
  private final boolean validatesText;
  private final Inflater inflater = new Inflater(true);
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private boolean compressed;
  private boolean text;
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
    inflater.setInput(input);
    byte[] one = new byte[1];
    while (output.size() <= limit) {
      int length = inflater.inflate(one);
      output.write(one, 0, length);
      if (inflater.finished()) {
        int left = inflater.getRemaining();
        inflater.reset();
        if (left <= tail) {
          return;
        }
        inflater.setInput(input, input.length - left, left);
      } else if (length == 0) {
        return;
      }
    }
  }

  void end() {
    inflater.end();
  }
}
