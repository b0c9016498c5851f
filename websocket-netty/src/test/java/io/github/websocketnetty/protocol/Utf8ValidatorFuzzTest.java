package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes, cut anywhere, by any way in: the validator says what the JDK's decoder says. */
@ExtendWith(LeakCheck.class)
class Utf8ValidatorFuzzTest {
  private static final List<BufferKind> KINDS = List.of(BufferKind.values());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 10_000, Utf8ValidatorFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    int way = in.choose(KINDS.size() + 3);
    boolean skips = in.flag();
    int letters = in.choose(80); // so that the blocks of ASCII are reached by short inputs
    int cuts = in.choose(256);
    byte[] text = WireFrame.join(WireFrame.letters(letters), in.rest());
    List<byte[]> pieces = in.pieces(cuts, text);

    Utf8Validator utf8 = new Utf8Validator();
    Verdict expected = Verdict.of(text);
    check(utf8, way, skips, pieces, expected);
    utf8.reset();
    check(utf8, way, skips, pieces, expected); // the next message, from position 0 on
  }

  private static void check(
      Utf8Validator utf8, int way, boolean skips, List<byte[]> pieces, Verdict expected) {
    int position = 0;
    for (byte[] piece : pieces) {
      position += piece.length;
      if (expected.failsAt() < position) {
        assertRefused(utf8, () -> update(utf8, way, skips, piece), expected);
        assertRefused(utf8, () -> update(utf8, way, skips, new byte[] {'a'}), expected);
        return;
      }
      update(utf8, way, skips, piece);
    }
    if (expected.reason() != null) {
      assertRefused(utf8, utf8::end, expected);
      return;
    }
    assertFalse(utf8.isPending());
    utf8.end();
  }

  private static void assertRefused(Utf8Validator utf8, Runnable act, Verdict expected) {
    ProtocolException e = assertThrows(ProtocolException.class, act::run);
    assertEquals(CloseCode.INVALID_PAYLOAD, e.closeCode());
    assertEquals(expected.reason(), e.getMessage());
  }

  private static void update(Utf8Validator utf8, int way, boolean skips, byte[] piece) {
    if (skips && !utf8.isPending() && isAscii(piece)) {
      utf8.skipAscii(piece.length);
    } else if (way < KINDS.size()) {
      ByteBuf buffer = KINDS.get(way).of(piece);
      try {
        utf8.update(buffer, buffer.readerIndex(), buffer.readableBytes());
      } finally {
        buffer.release();
      }
    } else if (way == KINDS.size()) {
      utf8.update(WireFrame.join(new byte[3], piece, new byte[] {-1}), 3, piece.length);
    } else {
      ByteOrder order = way == KINDS.size() + 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      ByteBuffer direct = ByteBuffer.allocateDirect(piece.length + 4).order(order);
      utf8.update(direct.put(3, piece).put(piece.length + 3, (byte) -1), 3, piece.length);
    }
  }

  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }
}
