package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seed is random, so each bound here is one that chance breaks less than once in 10^9 runs. */
class MaskKeysTest {
  /** Many blocks, and several changes of the cipher key. */
  private static final int MANY = 200_000;

  private static final String AES = "AES/CTR/NoPadding";

  private static final String NO_SUCH = "NoSuchCipher/CTR/NoPadding";
  private static final String WRONG_PARAMETERS = "AES/GCM/NoPadding";
  private static final String KEEPS_BYTES_BACK = "AES/CTS/NoPadding";

  @ParameterizedTest
  @ValueSource(strings = {AES, NO_SUCH, WRONG_PARAMETERS, KEEPS_BYTES_BACK})
  void keysDoNotRepeat(String transformation) {
    int[] keys = take(new MaskKeys(transformation), MANY);
    int[] sorted = keys.clone();
    Arrays.sort(sorted);
    int equal = 0;
    for (int i = 1; i < sorted.length; i++) {
      equal += sorted[i] == sorted[i - 1] ? 1 : 0;
    }
    // Birthdays: 4.7 expected among 200 000 of 2^32.
    assertTrue(equal < 30, equal + " keys came twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {AES, NO_SUCH})
  void everyBitIsSetInHalfOfTheKeys(String transformation) {
    int[] ones = new int[Integer.SIZE];
    for (int key : take(new MaskKeys(transformation), MANY)) {
      for (int bit = 0; bit < Integer.SIZE; bit++) {
        ones[bit] += key >>> bit & 1;
      }
    }
    for (int count : ones) {
      // 7.5 standard deviations of 224
      assertEquals(MANY / 2, count, 1_700);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {AES, NO_SUCH})
  void neighboursHaveHalfOfTheirBitsInCommon(String transformation) {
    int[] keys = take(new MaskKeys(transformation), MANY);
    for (int distance = 1; distance <= 4; distance++) {
      long different = 0;
      for (int i = distance; i < keys.length; i++) {
        different += Integer.bitCount(keys[i] ^ keys[i - distance]);
      }
      assertEquals(16.0, (double) different / (keys.length - distance), 0.06);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {AES, NO_SUCH})
  void twoGeneratorsDiffer(String transformation) {
    int[] one = take(new MaskKeys(transformation), 100);
    int[] other = take(new MaskKeys(transformation), 100);
    for (int i = 0; i + 1 < one.length; i++) {
      assertTrue(one[i] != other[i] || one[i + 1] != other[i + 1], "equal at " + i);
    }
  }

  @Test
  void blockThatChoosesTheNextCipherKeyDoesNotShowIt() {
    MaskKeys keys = new MaskKeys();
    int[] taken = take(keys, MANY);
    int zeros = 0;
    for (int key : taken) {
      zeros += key == 0 ? 1 : 0;
    }
    // The seed's place is wiped: were it handed out, each change of key would give eight zeros.
    assertTrue(zeros < 5, zeros + " keys are zero");
  }

  @Test
  void theCipherKeyChangesAfterEvery64KiB() {
    MaskKeys keys = new MaskKeys();
    int keysOfOneCipher = (64 << 10) / Integer.BYTES;
    byte[] initial = keys.initialVector();
    take(keys, keysOfOneCipher / 2);
    assertArrayEquals(initial, keys.initialVector());
    for (int i = 0; i < 3; i++) {
      byte[] before = keys.initialVector();
      take(keys, keysOfOneCipher);
      assertFalse(Arrays.equals(before, keys.initialVector()));
    }
  }

  @Test
  void eachThreadHasOneGenerator() {
    MaskKeys mine = MaskKeys.ofThread();
    assertSame(mine, MaskKeys.ofThread());
    CompletableFuture<MaskKeys> theirs = new CompletableFuture<>();
    new Thread(() -> theirs.complete(MaskKeys.ofThread())).start();
    assertNotSame(mine, theirs.join());
    assertNotEquals(mine.next() + ((long) mine.next() << 32), 0);
  }

  private static int[] take(MaskKeys keys, int count) {
    int[] taken = new int[count];
    for (int i = 0; i < count; i++) {
      taken[i] = keys.next();
    }
    return taken;
  }
}
