package io.github.websocketnetty.benchmarks.endtoend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadKindTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 16, 125, 1024})
  void textsAreUtf8OfTheExactLength(int length) {
    for (PayloadKind kind : new PayloadKind[] {PayloadKind.ASCII, PayloadKind.MIXED}) {
      byte[] bytes = kind.bytes(length);
      String text = new String(bytes, StandardCharsets.UTF_8);

      assertEquals(length, bytes.length);
      assertArrayEquals(bytes, text.getBytes(StandardCharsets.UTF_8));
      assertEquals(-1, text.indexOf('\uFFFD'));
    }
  }

  @ParameterizedTest
  @EnumSource
  void payloadsAreTheSameEachTime(PayloadKind kind) {
    assertArrayEquals(kind.bytes(1000), kind.bytes(1000));
  }
}
