package io.github.websocketnetty.conversation;

import static org.junit.jupiter.api.Assertions.fail;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.util.LeakPresenceDetector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two connections of ours talk at random, over a wire that does the worst it may. With {@code
 * -Dconversations.seconds=600} it goes on for so long with other programs each time, from {@code
 * -Dconversations.seed} on if that is given.
 */
@ExtendWith(LeakCheck.class)
class RandomConversationsTest {
  private static final int PROGRAMS = 3_000;

  @Test
  void everyMessageArrivesOnceOrItsSenderKnows() {
    int seconds = Integer.getInteger("conversations.seconds", 0);
    if (seconds == 0) {
      for (long seed = 1; seed <= PROGRAMS; seed++) {
        check(seed);
      }
      return;
    }
    long first = Long.getLong("conversations.seed", ThreadLocalRandom.current().nextLong() >>> 16);
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    long seed = first;
    while (System.nanoTime() < end) {
      check(seed++);
    }
    System.out.println(seed - first + " conversations from seed " + first + " on");
  }

  private static void check(long seed) {
    Program program = Generator.program(seed);
    List<String> complaints = program.run();
    if (!complaints.isEmpty()) {
      Program small = Shrinker.shrink(program, candidate -> !candidate.run().isEmpty());
      fail("seed " + seed + ": " + complaints + "\nsmall: " + small.run() + "\n" + small);
    }
    try {
      LeakPresenceDetector.check();
    } catch (IllegalStateException leak) {
      fail("seed " + seed + " leaves a buffer of the usual allocator:\n" + program, leak);
    }
  }
}
