package io.github.websocketnetty;

import java.util.HexFormat;

/** Payloads as they appear in logs: two thirds from the beginning, one third from the end. */
final class Abbreviated {
  private static final int MOST_CHARACTERS = 75;
  private static final int HEAD = 48;
  private static final int TAIL = 24;

  private Abbreviated() {}

  static String text(String text) {
    if (text.length() <= MOST_CHARACTERS) {
      return "'" + text + "'";
    }
    return "'" + text.substring(0, HEAD) + "..." + text.substring(text.length() - TAIL) + "'";
  }

  static String hex(byte[] bytes) {
    if (2 * bytes.length <= MOST_CHARACTERS) {
      return HexFormat.of().formatHex(bytes);
    }
    return HexFormat.of().formatHex(bytes, 0, HEAD / 2)
        + "..."
        + HexFormat.of().formatHex(bytes, bytes.length - TAIL / 2, bytes.length);
  }
}
