package io.github.websocketnetty.benchmarks;

import java.util.Locale;

/** Writes numbers, those that are not known as a dash. */
final class Figures {
  private static final String UNKNOWN = "–";

  private Figures() {}

  /** Returns about three digits. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return UNKNOWN;
    }
    String format = value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, format, value);
  }

  /** Returns a whole number. */
  static String whole(double value) {
    return Double.isNaN(value) ? UNKNOWN : String.format(Locale.ROOT, "%,.0f", value);
  }

  static String ratio(double value) {
    return Double.isNaN(value) ? UNKNOWN : number(value) + "×";
  }

  /** Returns a time in the unit that suits it. */
  static String time(double nanos) {
    if (nanos < 999.5) {
      return number(nanos) + " ns";
    }
    return nanos < 999_500 ? number(nanos / 1e3) + " µs" : number(nanos / 1e6) + " ms";
  }
}
