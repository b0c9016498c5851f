package io.github.websocketnetty.protocol;

import java.util.HexFormat;
import java.util.Objects;

/**
 * Text and bytes as they appear in logs: at most 75 characters, of what is longer two thirds from
 * the beginning and one third from the end.
 */
public final class Abbreviated {
  private static final int MOST_CHARACTERS = 75;
  private static final int HEAD = 48;
  private static final int TAIL = 24;

  private Abbreviated() {}

  /** Returns a text in quotes. */
  public static String text(String text) {
    Objects.requireNonNull(text, "text");
    return "'" + plain(text) + "'";
  }

  /** Returns a text without quotes. */
  public static String plain(String text) {
    Objects.requireNonNull(text, "text");
    return text.length() <= MOST_CHARACTERS
        ? text
        : text.substring(0, HEAD) + "..." + text.substring(text.length() - TAIL);
  }

  /** Returns bytes in hexadecimal digits. */
  public static String hex(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    if (2 * bytes.length <= MOST_CHARACTERS) {
      return HexFormat.of().formatHex(bytes);
    }
    return HexFormat.of().formatHex(bytes, 0, HEAD / 2)
        + "..."
        + HexFormat.of().formatHex(bytes, bytes.length - TAIL / 2, bytes.length);
  }
}
