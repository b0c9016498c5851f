package io.github.websocketnetty;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text that arrives in parts, each cut back to its last whole character.
 *
 * <p>The cut is found at once, from a few bytes, and moves what is behind it to the next part; the
 * string is made later.
 */
final class SplitText {
  private static final byte[] NONE = {};
  private static final int LONGEST = 4;

  /** The beginning of a character, at most three bytes. */
  private byte[] held = NONE;

  /** A part with all that it takes to make its text. */
  record Part(byte[] before, byte[] payload, int end) {
    String text() {
      if (before.length == 0) {
        return new String(payload, 0, end, StandardCharsets.UTF_8);
      }
      byte[] joined = Arrays.copyOf(before, before.length + end);
      System.arraycopy(payload, 0, joined, before.length, end);
      return new String(joined, StandardCharsets.UTF_8);
    }
  }

  /** Takes the next part; of the last one nothing is held back. */
  Part next(byte[] payload, boolean last) {
    byte[] before = held;
    if (last) {
      held = NONE;
      return new Part(before, payload, payload.length);
    }
    // Only a few bytes can matter, and a short payload may continue what is held.
    int tail = Math.min(payload.length, LONGEST - 1);
    byte[] ending = Arrays.copyOf(before, before.length + tail);
    System.arraycopy(payload, payload.length - tail, ending, before.length, tail);
    int open = openBytes(ending);
    held = open == 0 ? NONE : Arrays.copyOfRange(ending, ending.length - open, ending.length);
    if (open > payload.length) {
      return new Part(NONE, NONE, 0); // not even the held one is whole
    }
    return new Part(before, payload, payload.length - open);
  }

  /** Returns how many bytes at the end begin a character that needs more. */
  private static int openBytes(byte[] bytes) {
    for (int count = 1; count < LONGEST && count <= bytes.length; count++) {
      int value = bytes[bytes.length - count] & 0xFF;
      if (value >= 0xC0) {
        return count < length(value) ? count : 0;
      }
      if (value < 0x80) {
        return 0;
      }
    }
    return 0;
  }

  private static int length(int lead) {
    if (lead >= 0xF0) {
      return LONGEST;
    }
    return lead >= 0xE0 ? 3 : 2;
  }
}
