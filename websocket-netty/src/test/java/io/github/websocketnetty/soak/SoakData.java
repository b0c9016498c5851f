package io.github.websocketnetty.soak;

import io.github.websocketnetty.BinaryMessage;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Messages of all sizes; most are short. */
final class SoakData {
  private static final String TEXT = text();
  private static final byte[] BYTES = TEXT.getBytes(StandardCharsets.UTF_16BE);
  private static final int[] SIZES = {0, 1, 125, 126, 1000, 4096, 20_000, 66_000, 200_000};

  private SoakData() {}

  private static String text() {
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder text = new StringBuilder();
    while (text.length() < 200_000) {
      int kind = random.nextInt(20);
      text.append((char) (kind == 0 ? 0x20AC : kind == 1 ? 0xE4 : 'a' + random.nextInt(8)));
    }
    return text.toString();
  }

  static int size(SplittableRandom random) {
    int largest = SIZES[Math.min(random.nextInt(SIZES.length), random.nextInt(SIZES.length))];
    return largest == 0 ? 0 : 1 + random.nextInt(largest);
  }

  static Message message(SplittableRandom random) {
    int size = size(random);
    if (random.nextBoolean()) {
      int begin = random.nextInt(TEXT.length() - size + 1);
      return TextMessage.of(TEXT.substring(begin, begin + size));
    }
    int begin = random.nextInt(BYTES.length - size + 1);
    return BinaryMessage.of(Arrays.copyOfRange(BYTES, begin, begin + size));
  }
}
