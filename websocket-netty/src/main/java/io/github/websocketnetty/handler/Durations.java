package io.github.websocketnetty.handler;

import java.time.Duration;

/** Checks of the times that users give. */
final class Durations {
  private Durations() {}

  /** Returns {@code duration}, unless it is negative: zero means "off", negative means nothing. */
  static Duration notNegative(Duration duration, String name) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " is " + duration + ", must not be negative");
    }
    return duration;
  }
}
