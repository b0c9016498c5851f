package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Times;
import java.time.Duration;
import java.util.Objects;

/** Checks the times and limits that users configure. */
final class Timeouts {
  private Timeouts() {}

  /**
   * Returns {@code value}.
   *
   * @throws IllegalArgumentException if it is less than {@code least}
   */
  static int atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
    }
    return value;
  }

  /**
   * Returns {@code value}.
   *
   * @throws IllegalArgumentException if it is negative
   */
  static Duration checked(String name, Duration value) {
    nanos(name, value);
    return value;
  }

  /**
   * Returns {@code value} in nanoseconds, at least 1 unless it is zero.
   *
   * @throws IllegalArgumentException if it is negative
   */
  static long nanos(String name, Duration value) {
    if (Objects.requireNonNull(value, name).isNegative()) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
    return Times.nanos(value);
  }
}
