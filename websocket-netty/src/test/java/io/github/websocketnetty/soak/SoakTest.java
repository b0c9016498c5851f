package io.github.websocketnetty.soak;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakFailure;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Connections that come, talk in every way there is, stall, are cut, and go in every way there is.
 * A few seconds in the normal build; the profile {@code soak} runs it for {@code -Dsoak.minutes=}
 * minutes. {@code -Dsoak.seed=} chooses what they do.
 */
@Tag("sockets")
@ExtendWith(LeakFailure.class)
class SoakTest {
  private static final int MINUTES = Integer.getInteger("soak.minutes", 0);
  private static final long SEED = Long.getLong("soak.seed", 20_260_101);
  private static final int ROUNDS = 10;

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void nothingIsLostAndNothingGrows() throws Exception {
    if (MINUTES == 0) {
      runBriefly();
      return;
    }
    long millis = TimeUnit.MINUTES.toMillis(MINUTES);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Soak soak = new Soak(SEED, 1500, 5_000);
    try {
      for (int round = 1; round <= 3 || System.nanoTime() < end; round++) {
        soak.round(round, millis / ROUNDS);
      }
      soak.check(8, 24, 192);
      assertTrue(soak.tally().visits.sum() > 1000L * MINUTES);
    } finally {
      soak.close();
    }
  }

  /** Too short to tell a small leak; the bounds are those of what a JVM does when it starts. */
  private static void runBriefly() throws Exception {
    Soak soak = new Soak(SEED, 60, 300);
    try {
      for (int round = 1; round <= 2; round++) {
        soak.round(round, 700);
      }
      soak.check(24, 48, 256);
      assertTrue(soak.tally().visits.sum() >= 60);
    } finally {
      soak.close();
    }
  }
}
