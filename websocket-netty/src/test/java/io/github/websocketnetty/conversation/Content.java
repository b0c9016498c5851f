package io.github.websocketnetty.conversation;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes contents of messages that can be told from each other where they are long enough. */
final class Content {
  /** Messages of so many bytes are like no other. */
  static final int UNIQUE = 8;

  private static final String[] LETTERS = {"a", "é", "€", "😀"};

  private final AtomicInteger messages = new AtomicInteger();

  /**
   * Returns text.
   *
   * @param letters how many, beside a mark; if there is no room for the mark it is cut off
   * @param kind 0 is easy to compress, 1 is not, others are of several bytes a letter
   */
  String text(int letters, int kind) {
    String mark = messages.getAndIncrement() + ":";
    if (letters <= mark.length()) {
      return mark.substring(0, letters);
    }
    return mark + filling(letters - mark.length(), kind);
  }

  /** Returns text that is marked whatever its length. */
  String marked(int letters, int kind) {
    return "~" + messages.getAndIncrement() + ":" + filling(letters, kind);
  }

  private static String filling(int letters, int kind) {
    StringBuilder text = new StringBuilder(letters);
    int random = letters * 31 + 7;
    for (int i = 0; i < letters; i++) {
      random = random * 1_103_515_245 + 12_345;
      text.append(
          switch (kind) {
            case 0 -> "e";
            case 1 -> String.valueOf((char) (' ' + (random >>> 16) % 90));
            default -> LETTERS[(random >>> 16) % LETTERS.length];
          });
    }
    return text.toString();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
