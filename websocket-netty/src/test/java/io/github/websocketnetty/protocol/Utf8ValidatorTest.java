package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakCheck.class)
class Utf8ValidatorTest {
  /** Each length of character, with the first and the last code point of it. */
  private static final String ALL_WIDTHS =
      "a\u0000\u007F\u0080é\u07FF\u0800€\uD7FF\uE000\uFFFD\uFFFF\uD800\uDC00😀\uDBFF\uDFFF";

  private final Utf8Validator validator = new Utf8Validator();

  @ParameterizedTest
  @DisplayName("RECV-21: the reason and the offset of the offending sequence")
  @CsvSource({
    "ff,           invalid start byte at position 0",
    "80,           invalid start byte at position 0",
    "bf,           invalid start byte at position 0",
    "c0 80,        invalid start byte at position 0",
    "c1 bf,        invalid start byte at position 0",
    "f5 80 80 80,  invalid start byte at position 0",
    "61 62 63 ff,  invalid start byte at position 3",
    "c3 a9 a9,     invalid start byte at position 2",
    "c3 28,        invalid continuation byte at position 0",
    "c3 c3 a9,     invalid continuation byte at position 0",
    "e0 80 80,     invalid continuation byte at position 0",
    "e0 9f bf,     invalid continuation byte at position 0",
    "ed a0 80,     invalid continuation byte at position 0",
    "ed bf bf,     invalid continuation byte at position 0",
    "e2 82 28,     invalid continuation byte at position 0",
    "f0 80 80 80,  invalid continuation byte at position 0",
    "f0 8f bf bf,  invalid continuation byte at position 0",
    "f4 90 80 80,  invalid continuation byte at position 0",
    "f0 9f 98 28,  invalid continuation byte at position 0",
    "61 e2 82 e2,  invalid continuation byte at position 1",
    "c3,           unexpected end of data at position 0",
    "e2 82,        unexpected end of data at position 0",
    "f0 9f 98,     unexpected end of data at position 0",
    "61 62 f0 9f,  unexpected end of data at position 2",
  })
  void invalidTextIsRefusedWithItsPlace(String hex, String reason) {
    byte[] text = HexFormat.ofDelimiter(" ").parseHex(hex);
    assertEquals(reason, Verdict.of(text).reason());
    assertVerdictAtEverySplit(text);
    for (int ascii = 1; ascii < 70; ascii++) {
      assertVerdictAtEverySplit(join("x".repeat(ascii).getBytes(StandardCharsets.UTF_8), text));
    }
  }

  @Test
  @DisplayName("RECV-24: each byte that no text can go on with is refused when it arrives")
  void offendingByteIsRefusedAtOnce() {
    int[] others = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        for (int third : others) {
          assertVerdictByteByByte(
              new byte[] {(byte) first, (byte) second, (byte) third, (byte) 0x80});
        }
      }
    }
  }

  @Test
  void everyCodePointIsAcceptedAndEverySurrogateRefused() {
    for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
      if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
        byte[] text = Character.toString(point).getBytes(StandardCharsets.UTF_8);
        validator.update(text, 0, text.length);
        assertFalse(validator.isPending());
      } else {
        byte[] text = {
          (byte) 0xED, (byte) (0x80 | point >>> 6 & 0x3F), (byte) (0x80 | point & 0x3F)
        };
        assertEquals("invalid continuation byte at position 0", Verdict.of(text).reason());
        assertVerdictByteByByte(text);
      }
    }
    validator.end();
  }

  @ParameterizedTest
  @EnumSource
  void validTextIsAcceptedWhereverItIsCut(BufferKind kind) {
    byte[] text = (ALL_WIDTHS + "x".repeat(40) + ALL_WIDTHS).getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from <= text.length; from++) {
      for (int to = from; to <= text.length; to += 1 + from % 3) {
        assertVerdict(text, kind, from, to);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneBadByteIsFoundAnywhere(BufferKind kind) {
    for (String filler : new String[] {"x", "é", "€", "😀"}) {
      byte[] text = filler.repeat(90 / filler.length()).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < text.length; i++) {
        byte[] bad = text.clone();
        bad[i] = (byte) 0xFF;
        assertVerdict(bad, kind, i / 2, i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT", "ODD_DIRECT_SLICE"})
  void badBytesAndOtherCharactersAreSeenInLongRunsOfAscii(BufferKind kind) {
    byte[] text = "x".repeat(1300).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < text.length - 1; i++) {
      byte[] bad = text.clone();
      bad[i] = (byte) 0x80;
      assertVerdict(bad, kind, 0, 0);
      byte[] good = text.clone();
      good[i] = (byte) 0xC3;
      good[i + 1] = (byte) 0xA9;
      assertVerdict(good, kind, 0, 0);
    }
  }

  // A defect of another library: eight ASCII bytes were skipped inside a character.
  @ParameterizedTest
  @EnumSource
  void asciiInsideACharacterIsRefused(BufferKind kind) {
    for (int ascii = 1; ascii < 100; ascii++) {
      byte[] text = new byte[ascii + 4];
      Arrays.fill(text, (byte) 'x');
      text[1] = (byte) 0xC3;
      text[ascii + 2] = (byte) 0xA9;
      assertEquals("invalid continuation byte at position 1", Verdict.of(text).reason());
      assertVerdict(text, kind, 2, 2);
      assertVerdict(text, kind, 1, 2);
      assertVerdict(text, kind, 0, text.length);
      assertVerdict(text, kind, 2, Math.min(10, text.length));
    }
  }

  @Test
  void textBehindALongPendingCharacterIsRefusedAtItsStart() {
    // The lead byte, and each byte behind it, in an update of its own, with nothing in some.
    for (String hex : new String[] {"f0", "9f", "", "98", ""}) {
      byte[] part = HexFormat.of().parseHex(hex);
      validator.update(part, 0, part.length);
      assertTrue(validator.isPending());
    }
    assertRefused("invalid continuation byte at position 0", new byte[] {'x'});
  }

  @ParameterizedTest
  @EnumSource
  void randomTextIsJudgedAsTheJdkDoes(BufferKind kind) {
    Random random = new Random(kind.ordinal());
    int valid = 0;
    int rounds = 3_000;
    for (int round = 0; round < rounds; round++) {
      byte[] text = randomText(random);
      int from = random.nextInt(text.length + 1);
      int to = from + random.nextInt(text.length - from + 1);
      assertVerdict(text, kind, from, to);
      valid += Verdict.of(text).reason() == null ? 1 : 0;
    }
    assertTrue(valid > rounds / 5 && valid < rounds * 4 / 5, valid + " of " + rounds);
  }

  @Test
  void nextMessageStartsAtPositionZero() {
    byte[] text = ALL_WIDTHS.getBytes(StandardCharsets.UTF_8);
    validator.update(text, 0, text.length);
    validator.end();
    assertRefused("invalid start byte at position 0", new byte[] {(byte) 0xFF});
  }

  @Test
  void refusedMessageStaysRefusedUntilReset() {
    byte[] ascii = {'x'};
    ProtocolException refusal =
        assertRefused("invalid start byte at position 0", new byte[] {(byte) 0xFF});
    assertEquals(CloseCode.INVALID_PAYLOAD, refusal.closeCode());
    assertSame(refusal, assertThrows(ProtocolException.class, () -> validator.update(ascii, 0, 1)));
    assertSame(refusal, assertThrows(ProtocolException.class, () -> validator.skipAscii(1)));
    assertSame(refusal, assertThrows(ProtocolException.class, validator::end));
    validator.reset();
    validator.update(ascii, 0, 1);
    validator.end();
  }

  @Test
  void resetForgetsAPendingCharacter() {
    validator.update(new byte[] {'x', (byte) 0xF0}, 0, 2);
    validator.reset();
    assertFalse(validator.isPending());
    assertRefused("invalid start byte at position 0", new byte[] {(byte) 0x9F});
  }

  @Test
  void skippedAsciiCounts() {
    validator.skipAscii(1L << 40);
    validator.update(new byte[] {'x', (byte) 0xC3}, 0, 2);
    assertRefused("invalid continuation byte at position 1099511627777", new byte[] {'x'});
  }

  @Test
  void asciiCannotBeSkippedInsideACharacter() {
    validator.update(new byte[] {'x', (byte) 0xC3}, 0, 2);
    assertThrows(IllegalStateException.class, () -> validator.skipAscii(8));
    validator.update(new byte[] {(byte) 0xA9}, 0, 1);
    validator.skipAscii(8);
    validator.end();
  }

  @Test
  void positionOfADirectBufferStays() {
    ByteBuffer direct = ByteBuffer.allocateDirect(10).put(0, new byte[] {'x', (byte) 0xC3});
    direct.position(5).limit(6);
    validator.update(direct, 0, 2);
    assertTrue(validator.isPending());
    assertEquals(5, direct.position());
    assertEquals(6, direct.limit());
  }

  @ParameterizedTest
  @EnumSource
  void indicesOfABufferStay(BufferKind kind) {
    ByteBuf buffer = kind.of(new byte[20]);
    buffer.skipBytes(3);
    validator.update(buffer, 1, 18);
    assertEquals(3, buffer.readerIndex());
    assertEquals(17, buffer.readableBytes());
    buffer.release();
  }

  @Test
  void regionsOutsideAreRefused() {
    byte[] array = new byte[10];
    ByteBuffer direct = ByteBuffer.allocateDirect(20).limit(10);
    ByteBuf buffer = BufferKind.HEAP.of(array);
    int[][] outside = {{-1, 5}, {0, 11}, {10, 1}, {5, -1}, {5, Integer.MAX_VALUE}};
    for (int[] region : outside) {
      int offset = region[0];
      int length = region[1];
      assertOutside(() -> validator.update(array, offset, length));
      assertOutside(() -> validator.update(direct, offset, length));
      assertOutside(() -> validator.update(buffer, offset, length));
    }
    buffer.release();
    ByteBuffer heap = ByteBuffer.wrap(array);
    assertThrows(IllegalArgumentException.class, () -> validator.update(heap, 0, 10));
  }

  private static void assertOutside(Executable call) {
    assertThrows(IndexOutOfBoundsException.class, call);
  }

  private ProtocolException assertRefused(String reason, byte[] text) {
    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> validator.update(text, 0, text.length));
    assertEquals(reason, refusal.getMessage());
    return refusal;
  }

  private void assertVerdictByteByByte(byte[] text) {
    Utf8Validator fresh = new Utf8Validator();
    Verdict expected = Verdict.of(text);
    int i = 0;
    String reason = null;
    try {
      for (; i < text.length; i++) {
        fresh.update(text, i, 1);
      }
      fresh.end();
    } catch (ProtocolException e) {
      reason = e.getMessage();
    }
    if (expected.reason() == null ? reason != null : !expected.equals(new Verdict(reason, i))) {
      throw new AssertionError(
          HexFormat.of().formatHex(text) + ": " + reason + " at " + i + ", not " + expected);
    }
  }

  private void assertVerdictAtEverySplit(byte[] text) {
    assertVerdictByteByByte(text);
    for (int split = 0; split <= text.length; split++) {
      assertVerdict(text, BufferKind.HEAP, 0, split);
      assertVerdict(text, BufferKind.DIRECT, 0, split);
    }
  }

  /** Feeds the text in three parts, each only as far as the verdict lets it be fed. */
  private void assertVerdict(byte[] text, BufferKind kind, int firstEnd, int secondEnd) {
    Verdict expected = Verdict.of(text);
    ByteBuf buffer = kind.of(text);
    int start = buffer.readerIndex();
    Utf8Validator fresh = new Utf8Validator();
    int[] ends = {0, firstEnd, secondEnd, text.length};
    String reason = null;
    int part = 0;
    try {
      for (part = 1; part < ends.length; part++) {
        fresh.update(buffer, start + ends[part - 1], ends[part] - ends[part - 1]);
      }
      fresh.end();
    } catch (ProtocolException e) {
      reason = e.getMessage();
    } finally {
      buffer.release();
    }
    String context = HexFormat.of().formatHex(text) + " cut at " + firstEnd + ", " + secondEnd;
    assertEquals(expected.reason(), reason, () -> context);
    if (part < ends.length) {
      assertTrue(expected.failsAt() < ends[part], () -> context);
      assertTrue(expected.failsAt() >= ends[part - 1], () -> context);
    }
  }

  private static byte[] randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int[] highest = {0x7F, 0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT};
    int length = random.nextInt(60);
    while (text.length() < length) {
      int bound = highest[random.nextInt(highest.length)];
      for (int i = random.nextInt(50); i > 0; i--) {
        int point = random.nextInt(bound + 1);
        boolean isSurrogate = point >>> 11 == Character.MIN_SURROGATE >>> 11;
        text.appendCodePoint(isSurrogate ? '?' : point);
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextBoolean()) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
    }
    return bytes;
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
