package io.github.websocketnetty.conversation;

import io.github.websocketnetty.protocol.Side;
import java.util.Map;

/** Tells programs in which nothing may go wrong from those in which something may. */
final class Tameness {
  /** How long the end of a conversation waits for what is under way, in milliseconds. */
  static final int PATIENCE = 8_000;

  private static final int SHORTEST_CLOSE = 3_000;

  private Tameness() {}

  static boolean isTame(Program program) {
    long work = work(program);
    if (work > PATIENCE || !program.steps().stream().allMatch(step -> step.act().isTame())) {
      return false;
    }
    long time = most(program, Faults.PASS, true) + work + 2 * PATIENCE;
    return isTame(program.options(Side.CLIENT), time) && isTame(program.options(Side.SERVER), time);
  }

  /** Closing takes a while, and who does not read for long is taken for dead. */
  private static boolean isTame(Map<Option, Integer> options, long time) {
    int interval = Option.PING_INTERVAL.in(options);
    int timeout = Option.PING_TIMEOUT.in(options);
    return !options.containsKey(Option.MAX_MESSAGE_SIZE)
        && Option.CLOSE_TIMEOUT.in(options) >= SHORTEST_CLOSE
        && (interval == 0 || timeout == 0 || time < interval + timeout);
  }

  /** Returns how long it may take until everything has arrived and was received. */
  private static long work(Program program) {
    long messages = 1;
    long bytes = 1;
    for (Step step : program.steps()) {
      if (step.act() instanceof Broadcasts broadcast) {
        messages += broadcast.most;
        bytes += broadcast.most * 5L * (step.a() + 10);
        continue;
      }
      if (!(step.act() instanceof Sends || step.act() instanceof Pumps)) {
        continue;
      }
      boolean isBurst = step.act() == Sends.BURST;
      boolean isPump = step.act() instanceof Pumps;
      messages += isBurst ? step.a() : isPump ? step.b() + 2 : 1;
      bytes += isBurst ? 20L * step.a() : 5L * (step.a() + 10) * (isPump ? step.b() + 1 : 1);
    }
    long capacity =
        program.steps().stream()
            .filter(step -> step.act() == Faults.CAPACITY)
            .mapToLong(Step::a)
            .min()
            .orElse(Long.MAX_VALUE);
    long trips = 2 + bytes / Math.max(1, capacity) + messages;
    return 2 * most(program, Faults.DELAY, false) * trips
        + most(program, Receives.FOR_EACH_ASYNC, false) * messages
        + 5 * messages;
  }

  private static long most(Program program, Act act, boolean isSum) {
    var numbers = program.steps().stream().filter(step -> step.act() == act).mapToLong(Step::a);
    return isSum ? numbers.sum() : numbers.max().orElse(0);
  }
}
