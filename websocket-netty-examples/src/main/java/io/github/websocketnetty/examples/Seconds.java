package io.github.websocketnetty.examples;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a number of seconds, which may have a fraction. */
final class Seconds implements ITypeConverter<Duration> {
  private static final int NANO_DIGITS = 9;

  @Override
  public Duration convert(String value) {
    try {
      BigDecimal seconds = new BigDecimal(value);
      if (seconds.signum() >= 0) {
        return Duration.ofNanos(seconds.movePointRight(NANO_DIGITS).longValueExact());
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Falls through: whatever is wrong with the number, the answer is the same.
    }
    throw new TypeConversionException(
        "'" + value + "' is not a number of seconds, such as 20 or 0.5");
  }
}
