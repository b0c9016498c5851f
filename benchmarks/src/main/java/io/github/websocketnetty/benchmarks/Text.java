package io.github.websocketnetty.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** What kind of characters a text has. */
public enum Text {
  /** One byte each. */
  ASCII {
    @Override
    int next(Random random) {
      return ' ' + random.nextInt(95);
    }
  },
  /** One in ten has two bytes. */
  LATIN {
    @Override
    int next(Random random) {
      return random.nextInt(10) == 0 ? 0xC0 + random.nextInt(64) : ASCII.next(random);
    }
  },
  /** Three bytes each. */
  CJK {
    @Override
    int next(Random random) {
      return 0x4E00 + random.nextInt(0x5000);
    }
  },
  /** Every third has four bytes, the others all lengths. */
  EMOJI {
    @Override
    int next(Random random) {
      return switch (random.nextInt(6)) {
        case 0, 1 -> 0x1F600 + random.nextInt(64);
        case 2 -> CJK.next(random);
        case 3 -> 0xC0 + random.nextInt(64);
        default -> ASCII.next(random);
      };
    }
  };

  abstract int next(Random random);

  /** Returns exactly so many bytes of UTF-8. */
  byte[] bytes(int length) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    int left = length;
    while (left > 0) {
      String character = Character.toString(next(random));
      int size = character.getBytes(StandardCharsets.UTF_8).length;
      text.append(size > left ? "." : character);
      left -= size > left ? 1 : size;
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
