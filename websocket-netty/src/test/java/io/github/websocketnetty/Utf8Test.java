package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8Test {
  private static void assertEncoded(String text) {
    assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), Utf8.encode(text));
  }

  @Test
  void questionMarksAnywhereAreEncoded() {
    for (int length = 0; length < 40; length++) {
      assertEncoded("?".repeat(length));
      assertEncoded("a".repeat(length));
      for (int i = 0; i < length; i++) {
        assertEncoded("@".repeat(i) + "?" + "\u007f".repeat(length - i - 1));
      }
    }
  }

  @Test
  void textOfAllScriptsIsEncoded() {
    assertEncoded("grüß");
    assertEncoded("你好?");
    assertEncoded("\uD83D\uDE00?");
  }

  // SEND-04
  @Test
  void unpairedSurrogateIsRefusedWithItsPlace() {
    for (int length = 1; length < 40; length++) {
      for (int i = 0; i < length; i++) {
        String text = "?".repeat(i) + "\uDC3F" + "x".repeat(length - i - 1);
        Throwable thrown = assertThrows(IllegalArgumentException.class, () -> Utf8.encode(text));
        assertEquals("unpaired surrogate dc3f at index " + i, thrown.getMessage());
      }
    }
    assertThrows(IllegalArgumentException.class, () -> Utf8.encode("é\uD83D"));
  }
}
