package io.github.websocketnetty.benchmarks;

import java.util.Map;

/**
 * What one way of doing a thing cost.
 *
 * @param benchmark what is done, for a title
 * @param way how it is done
 * @param parameters the other parameters
 * @param unit what the figures are divided by, as {@code frame}
 * @param nanos the mean time
 * @param error half of the confidence interval of 99.9 %; NaN if there are too few samples
 * @param allocatedBytes NaN if it was not measured
 */
record Result(
    String benchmark,
    String way,
    Map<String, String> parameters,
    String unit,
    double nanos,
    double error,
    double allocatedBytes) {

  /** The way that others are compared with. */
  static final String BASELINE = "netty";

  /** The way that does nothing but prepare what the others need, too. */
  static final String NOTHING = "none";

  /** Returns whether this is how Netty does it. */
  boolean isNettys() {
    return way.startsWith(BASELINE);
  }
}
