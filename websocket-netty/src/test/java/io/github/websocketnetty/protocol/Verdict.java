package io.github.websocketnetty.protocol;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What must be said of a text, derived from nothing but the JDK's strict decoder.
 *
 * @param reason why it is refused, or null if it is valid
 * @param failsAt the index of the byte that must be refused, or the length of the text
 */
record Verdict(String reason, int failsAt) {
  /** Any beginning of a character can be completed with one of these. */
  private static final byte[][] COMPLETIONS = {
    {},
    {(byte) 0x80},
    {(byte) 0xBF},
    {(byte) 0x80, (byte) 0x80},
    {(byte) 0xBF, (byte) 0x80},
    {(byte) 0x80, (byte) 0x80, (byte) 0x80},
    {(byte) 0xBF, (byte) 0x80, (byte) 0x80},
  };

  static Verdict of(byte[] text) {
    int start = validLength(text);
    if (start == text.length) {
      return new Verdict(null, text.length);
    }
    for (int end = start + 1; end <= text.length; end++) {
      if (!isBeginning(Arrays.copyOfRange(text, start, end))) {
        String byteName = end == start + 1 ? "start" : "continuation";
        return new Verdict("invalid " + byteName + " byte at position " + start, end - 1);
      }
    }
    return new Verdict("unexpected end of data at position " + start, text.length);
  }

  private static boolean isBeginning(byte[] bytes) {
    for (byte[] completion : COMPLETIONS) {
      byte[] complete = Arrays.copyOf(bytes, bytes.length + completion.length);
      System.arraycopy(completion, 0, complete, bytes.length, completion.length);
      if (validLength(complete) == complete.length) {
        return true;
      }
    }
    return false;
  }

  /** Returns how many bytes there are before the first character that is not valid. */
  private static int validLength(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = decoder.decode(in, CharBuffer.allocate(bytes.length), true);
    return result.isError() ? in.position() : bytes.length;
  }
}
