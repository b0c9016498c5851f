package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Utf8Validator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Strict conversions between text and UTF-8, on whatever thread calls. */
final class Utf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long LOWEST_BITS = 0x0101010101010101L;
  private static final long HIGHEST_BITS = 0x8080808080808080L;
  private static final long QUESTION_MARKS = '?' * LOWEST_BITS;

  private Utf8() {}

  /**
   * Encodes.
   *
   * @throws IllegalArgumentException at an unpaired surrogate, which the JDK would replace by '?'
   */
  static byte[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == text.length()) {
      checkReplaced(text, bytes); // a byte for each character: ASCII, or what was replaced
    } else {
      checkSurrogates(text);
    }
    return bytes;
  }

  /**
   * Decodes.
   *
   * @throws IllegalStateException with the reason and the offset, if the bytes are not UTF-8
   */
  static String decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      // Seldom: the sender really sent this character, or the JDK put it in.
      ProtocolException invalid = check(bytes);
      if (invalid != null) {
        throw new IllegalStateException("not UTF-8: " + invalid.getMessage(), invalid);
      }
    }
    return text;
  }

  /** Returns why the bytes are not UTF-8, or null. */
  static ProtocolException check(byte[] bytes) {
    Utf8Validator validator = new Utf8Validator();
    try {
      validator.update(bytes, 0, bytes.length);
      validator.end();
      return null;
    } catch (ProtocolException invalid) {
      return invalid;
    }
  }

  private static void checkReplaced(String text, byte[] bytes) {
    int whole = bytes.length & -Long.BYTES;
    if (hasQuestionMark(bytes, whole)) {
      for (int i = 0; i < whole; i += Long.BYTES) {
        if ((questionMarks((long) LONGS.get(bytes, i)) & HIGHEST_BITS) != 0) {
          checkReplaced(text, bytes, i, i + Long.BYTES);
        }
      }
    }
    checkReplaced(text, bytes, whole, bytes.length);
  }

  /** Has no branch in its loop, which C2 then vectorises. */
  private static boolean hasQuestionMark(byte[] bytes, int whole) {
    long found = 0;
    for (int i = 0; i < whole; i += Long.BYTES) {
      found |= questionMarks((long) LONGS.get(bytes, i));
    }
    return (found & HIGHEST_BITS) != 0;
  }

  /** The highest bit of a byte is set if it is a question mark, and of none if none is. */
  private static long questionMarks(long bytes) {
    long others = bytes ^ QUESTION_MARKS;
    return others - LOWEST_BITS & ~others;
  }

  private static void checkReplaced(String text, byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '?' && text.charAt(i) != '?') {
        throw unpaired(text, i);
      }
    }
  }

  private static void checkSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!paired) {
        throw unpaired(text, i);
      }
      i++;
    }
  }

  private static IllegalArgumentException unpaired(String text, int index) {
    String hex = Integer.toHexString(text.charAt(index));
    return new IllegalArgumentException("unpaired surrogate " + hex + " at index " + index);
  }
}
