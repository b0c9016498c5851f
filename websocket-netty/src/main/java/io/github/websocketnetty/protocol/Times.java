package io.github.websocketnetty.protocol;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Times of users in the units of others, however long they are. */
public final class Times {
  /** Some 146 years: far enough, and still addable to a clock without overflow. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  private Times() {}

  /** Returns a time in nanoseconds. */
  public static long nanos(Duration time) {
    Objects.requireNonNull(time, "time");
    return time.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : time.toNanos();
  }

  /**
   * Returns a time in milliseconds, rounded up: zero, which often means for ever, stays what only
   * zero is.
   */
  public static long millis(Duration time) {
    Objects.requireNonNull(time, "time");
    long nanosOfMilli = TimeUnit.MILLISECONDS.toNanos(1);
    return Math.floorDiv(nanos(time) + nanosOfMilli - 1, nanosOfMilli);
  }
}
