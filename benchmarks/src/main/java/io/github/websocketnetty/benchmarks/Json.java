package io.github.websocketnetty.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Messages as services send them: the same keys again and again, other values each time. */
final class Json {
  private static final String[] KINDS = {"order", "trade", "quote", "cancel"};

  private Json() {}

  /** Returns exactly so many bytes, always the same for a number. */
  static byte[] message(int length, int number) {
    Random random = new Random(number);
    StringBuilder text = new StringBuilder("[");
    while (text.length() < length) {
      text.append("{\"id\":")
          .append(random.nextInt(1_000_000))
          .append(",\"kind\":\"")
          .append(KINDS[random.nextInt(KINDS.length)])
          .append("\",\"price\":")
          .append(random.nextInt(100_000) / 100.0)
          .append(",\"volume\":")
          .append(random.nextInt(1000))
          .append(",\"active\":")
          .append(random.nextBoolean())
          .append("},");
    }
    return Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), length);
  }
}
