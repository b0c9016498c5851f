package io.github.websocketnetty.benchmarks.endtoend;

import java.time.Duration;

/**
 * What the generator is to send.
 *
 * @param connections how many there are
 * @param depth messages in flight on each
 * @param kind what the messages are made of
 * @param size their bytes
 * @param warmup how long it sends before it measures
 * @param measured how long it measures
 * @param serverPid the process whose processor time is read, or 0
 */
record EchoPlan(
    int connections,
    int depth,
    PayloadKind kind,
    int size,
    Duration warmup,
    Duration measured,
    long serverPid) {
  EchoPlan {
    if (connections < 1 || depth < 1 || size < 0 || measured.toMillis() < 1) {
      throw new IllegalArgumentException(
          "needs at least one connection, one message in flight and 1 ms, not "
              + (connections + ", " + depth + " and " + measured.toMillis() + " ms"));
    }
  }
}
