package io.github.websocketnetty.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class MaskingTest {
  private static final int KEY = 0x37FA213D;
  private static final int LONGEST = 70;

  private final Random random = new Random(1);

  @Test
  void exampleOfTheRfcIsUnmasked() {
    // RFC 6455, section 5.7: a masked "Hello"
    byte[] payload = HexFormat.of().parseHex("7f9f4d5158");
    Masking.xor(payload, 0, payload.length, KEY);
    assertEquals("Hello", new String(payload, US_ASCII));
  }

  @Test
  void everyLengthAtEveryOffsetOfAnArrayIsMaskedAndNothingElse() {
    for (int offset = 0; offset < 9; offset++) {
      for (int length = 0; length < LONGEST; length++) {
        byte[] actual = randomBytes(offset + length + 9);
        byte[] expected = naive(actual, offset, length, KEY);
        Masking.xor(actual, offset, length, KEY);
        assertArrayEquals(expected, actual);
      }
    }
  }

  @Test
  void everyLengthAtEveryOffsetOfADirectBufferIsMaskedAndNothingElse() {
    for (int offset = 0; offset < 9; offset++) {
      for (int length = 0; length < LONGEST; length++) {
        byte[] before = randomBytes(offset + length + 9);
        ByteBuffer actual = direct(before).position(5).limit(offset + length + 6);
        Masking.xor(actual, offset, length, KEY);
        assertEquals(5, actual.position());
        assertEquals(offset + length + 6, actual.limit());
        assertArrayEquals(naive(before, offset, length, KEY), bytes(actual));
      }
    }
  }

  @Test
  void longRegionsWithRandomKeysAreMasked() {
    for (int i = 0; i < 200; i++) {
      byte[] before = randomBytes(10_000 + random.nextInt(100));
      int offset = random.nextInt(50);
      int length = before.length - offset - random.nextInt(50);
      int key = random.nextInt();
      byte[] expected = naive(before, offset, length, key);
      ByteBuffer direct = direct(before);
      Masking.xor(direct, offset, length, key);
      assertArrayEquals(expected, bytes(direct));
      Masking.xor(before, offset, length, key);
      assertArrayEquals(expected, before);
    }
  }

  @Test
  void keyOfZeroChangesNothing() {
    byte[] bytes = randomBytes(99);
    byte[] expected = bytes.clone();
    ByteBuffer direct = direct(bytes);
    Masking.xor(bytes, 0, 99, 0);
    Masking.xor(direct, 0, 99, 0);
    assertArrayEquals(expected, bytes);
    assertArrayEquals(expected, bytes(direct));
  }

  @Test
  void eachSingleByteBeyondAsciiIsCollected() {
    for (int length = 0; length < LONGEST; length++) {
      byte[] ascii = randomAscii(length);
      assertCollected(true, ascii);
      for (int i = 0; i < length; i++) {
        byte[] other = ascii.clone();
        other[i] |= (byte) 0x80;
        assertCollected(false, other);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {511, 4095, 16_383, 2 * 16_384 - 1})
  void eachSingleByteBeyondAsciiIsCollectedOfLongRegionsToo(int shortest) {
    for (int length = shortest; length < shortest + 34; length++) {
      byte[] ascii = randomAscii(length);
      assertCollected(true, ascii);
      // Every byte is collected like one of the first 32 or one of the last 40.
      for (int i = 0; i < length; i = i == 32 ? length - 40 : i + 1) {
        byte[] other = ascii.clone();
        other[i] |= (byte) 0x80;
        assertCollected(false, other);
      }
    }
  }

  @Test
  void keyOfZeroCollectsTheBytesAsTheyAre() {
    byte[] bytes = {0x7F, (byte) 0x80};
    assertEquals(true, Masking.isAscii(Masking.xorAndCollect(bytes, 0, 1, 0)));
    assertEquals(false, Masking.isAscii(Masking.xorAndCollect(bytes, 0, 2, 0)));
    assertEquals(true, Masking.isAscii(Masking.xorAndCollect(direct(bytes), 0, 1, 0)));
    assertEquals(false, Masking.isAscii(Masking.xorAndCollect(direct(bytes), 0, 2, 0)));
  }

  @ParameterizedTest
  @EnumSource
  void everyPartOfEveryKindOfBufferIsMasked(BufferKind kind) {
    for (int length = 0; length < LONGEST; length++) {
      for (int index = 0; index <= 5 && index <= length; index++) {
        byte[] before = randomBytes(length);
        ByteBuf buffer = kind.of(before);
        if (kind.isReadOnly()) {
          assertRefused(buffer, before);
        } else {
          Masking.xor(buffer, index, length - index, KEY);
          assertArrayEquals(
              naive(before, index, length - index, KEY), ByteBufUtil.getBytes(buffer));
          assertEquals(length, buffer.readableBytes());
        }
        buffer.release();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void longPartsOfEveryKindOfBufferAreMasked(BufferKind kind) {
    for (int length = 505; length < 530; length++) {
      byte[] before = randomBytes(length + 3);
      ByteBuf buffer = kind.of(before);
      if (!kind.isReadOnly()) {
        Masking.xor(buffer, 3, length, KEY);
        assertArrayEquals(naive(before, 3, length, KEY), ByteBufUtil.getBytes(buffer));
        Masking.xor(buffer, 3, length, 0);
        assertArrayEquals(naive(before, 3, length, KEY), ByteBufUtil.getBytes(buffer));
      }
      buffer.release();
    }
  }

  @Test
  void theInternalViewOfABufferKeepsItsByteOrder() {
    ByteBuf buffer = BufferKind.DIRECT.of(randomBytes(1000));
    Masking.xor(buffer, 0, 1000, KEY);
    assertEquals(ByteOrder.BIG_ENDIAN, buffer.internalNioBuffer(0, 1000).order());
    buffer.release();
  }

  @Test
  void payloadInTwoPartsIsMaskedWithTheRotatedKey() {
    byte[] before = randomBytes(41);
    byte[] expected = naive(before, 0, before.length, KEY);
    for (int split = 0; split <= before.length; split++) {
      byte[] actual = before.clone();
      Masking.xor(actual, 0, split, KEY);
      Masking.xor(actual, split, actual.length - split, Masking.rotate(KEY, split));
      assertArrayEquals(expected, actual);
    }
  }

  @Test
  void keyIsRotatedByTheNumberOfBytes() {
    assertEquals(0x37FA213D, Masking.rotate(KEY, 0));
    assertEquals(0xFA213D37, Masking.rotate(KEY, 1));
    assertEquals(0x213D37FA, Masking.rotate(KEY, 2));
    assertEquals(0x3D37FA21, Masking.rotate(KEY, 3));
    assertEquals(0x37FA213D, Masking.rotate(KEY, 4));
    assertEquals(0xFA213D37, Masking.rotate(KEY, (1L << 32) + 1));
    assertEquals(0x3D37FA21, Masking.rotate(KEY, Long.MAX_VALUE));
  }

  @Test
  void repeatedKeyIsTheSameInMemoryOnHostsOfEitherByteOrder() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      for (int key : new int[] {KEY, ~KEY, 0, -1}) {
        ByteBuffer memory = ByteBuffer.allocate(Long.BYTES).order(order);
        memory.putLong(0, Masking.repeat(key, order));
        byte[] expected = naive(new byte[Long.BYTES], 0, Long.BYTES, key);
        assertArrayEquals(expected, memory.array());
      }
    }
  }

  @Test
  void regionsOutsideAreRefused() {
    byte[] array = new byte[10];
    ByteBuffer direct = ByteBuffer.allocateDirect(20).limit(10);
    int[][] outside = {{-1, 5}, {0, 11}, {10, 1}, {5, -1}, {5, Integer.MAX_VALUE}};
    for (int[] region : outside) {
      int offset = region[0];
      int length = region[1];
      assertOutside(() -> Masking.xor(array, offset, length, KEY));
      assertOutside(() -> Masking.xor(direct, offset, length, KEY));
      assertOutside(() -> Masking.xorAndCollect(array, offset, length, KEY));
      assertOutside(() -> Masking.xorAndCollect(direct, offset, length, KEY));
    }
  }

  @ParameterizedTest
  @EnumSource
  void regionsOutsideABufferAreRefused(BufferKind kind) {
    ByteBuf buffer = kind.of(new byte[10]);
    int capacity = buffer.capacity();
    assertOutside(() -> Masking.xor(buffer, -1, 5, KEY));
    assertOutside(() -> Masking.xor(buffer, 0, capacity + 1, KEY));
    assertOutside(() -> Masking.xor(buffer, capacity, 1, KEY));
    assertOutside(() -> Masking.xor(buffer, 5, -1, KEY));
    assertOutside(() -> Masking.xor(buffer, 5, Integer.MAX_VALUE, KEY));
    buffer.release();
  }

  @Test
  void heapBufferDoesNotPassForADirectOne() {
    ByteBuffer heap = ByteBuffer.allocate(10);
    assertThrows(IllegalArgumentException.class, () -> Masking.xor(heap, 0, 10, KEY));
    assertThrows(IllegalArgumentException.class, () -> Masking.xor(heap, 0, 10, 0));
    assertThrows(IllegalArgumentException.class, () -> Masking.xorAndCollect(heap, 0, 10, KEY));
  }

  private static void assertOutside(Executable call) {
    assertThrows(IndexOutOfBoundsException.class, call);
  }

  private static void assertRefused(ByteBuf buffer, byte[] content) {
    if (content.length > 0) {
      assertThrows(
          ReadOnlyBufferException.class, () -> Masking.xor(buffer, 0, content.length, KEY));
    }
    assertArrayEquals(content, ByteBufUtil.getBytes(buffer));
  }

  private static void assertCollected(boolean isAscii, byte[] plain) {
    byte[] masked = naive(plain, 0, plain.length, KEY);
    ByteBuffer direct = direct(masked);
    ByteBuffer little = direct(masked).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(isAscii, Masking.isAscii(Masking.xorAndCollect(little, 0, masked.length, KEY)));
    assertArrayEquals(plain, bytes(little));
    assertEquals(isAscii, Masking.isAscii(Masking.xorAndCollect(masked, 0, masked.length, KEY)));
    assertEquals(isAscii, Masking.isAscii(Masking.xorAndCollect(direct, 0, masked.length, KEY)));
    assertArrayEquals(plain, masked);
    assertArrayEquals(plain, bytes(direct));
  }

  private static byte[] naive(byte[] bytes, int offset, int length, int key) {
    byte[] keyBytes = ByteBuffer.allocate(4).putInt(key).array();
    byte[] masked = bytes.clone();
    for (int i = 0; i < length; i++) {
      masked[offset + i] ^= keyBytes[i % 4];
    }
    return masked;
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.duplicate().clear().get(bytes);
    return bytes;
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] randomAscii(int length) {
    byte[] bytes = randomBytes(length);
    for (int i = 0; i < length; i++) {
      bytes[i] &= 0x7F;
    }
    return bytes;
  }
}
