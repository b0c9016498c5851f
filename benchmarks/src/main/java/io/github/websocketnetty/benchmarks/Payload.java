package io.github.websocketnetty.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** What messages consist of. */
public enum Payload {
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
  },
  /** Any bytes, no text. */
  BINARY {
    @Override
    int next(Random random) {
      throw new UnsupportedOperationException("bytes are not characters");
    }

    @Override
    byte[] bytes(int length) {
      byte[] bytes = new byte[length];
      new Random(1).nextBytes(bytes);
      return bytes;
    }
  };

  abstract int next(Random random);

  boolean isText() {
    return this != BINARY;
  }

  /** Returns the first frame of a message, which takes the payload over. */
  WebSocketFrame frame(boolean fin, ByteBuf content) {
    return isText()
        ? new TextWebSocketFrame(fin, 0, content)
        : new BinaryWebSocketFrame(fin, 0, content);
  }

  /** Returns exactly so many bytes, of UTF-8 unless it is binary; always the same. */
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
