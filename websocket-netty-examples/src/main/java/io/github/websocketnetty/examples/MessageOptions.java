package io.github.websocketnetty.examples;

import io.github.websocketnetty.protocol.FrameLimits;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which messages are accepted, as options of a program. The defaults are enough for Autobahn. */
final class MessageOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--max-size",
      paramLabel = "BYTES",
      defaultValue = "16777216",
      description = "The largest message accepted.")
  private long maxSize;

  @Option(
      names = "--max-fragments",
      paramLabel = "N",
      description =
          "The frames of a message at most; without this option, in proportion to its size.")
  private Integer maxFragments;

  MessageOptions() {}

  /**
   * Returns the limits.
   *
   * @throws ParameterException if one of them makes no sense
   */
  FrameLimits limits() {
    if (maxSize < 0) {
      throw new ParameterException(
          spec.commandLine(), "--max-size must not be negative, it is " + maxSize);
    }
    if (maxFragments == null) {
      return new FrameLimits(maxSize, FrameLimits.UNLIMITED, FrameLimits.FRAGMENTS_BY_SIZE);
    }
    if (maxFragments < 1) {
      throw new ParameterException(
          spec.commandLine(), "--max-fragments must be at least 1, it is " + maxFragments);
    }
    return new FrameLimits(maxSize, FrameLimits.UNLIMITED, maxFragments);
  }
}
