package io.github.websocketnetty.handler;

import java.time.Duration;

/** Checks the times that users configure. */
final class Timeouts {
  /** Some 146 years: far enough, and still addable to a clock without overflow. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  private Timeouts() {}

  /**
   * Returns {@code value} in nanoseconds, at least 1 unless it is zero.
   *
   * @throws IllegalArgumentException if it is negative
   */
  static long nanos(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
    return value.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : value.toNanos();
  }
}
