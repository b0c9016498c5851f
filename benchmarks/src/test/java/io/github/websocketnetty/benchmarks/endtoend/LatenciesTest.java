package io.github.websocketnetty.benchmarks.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void percentilesAreAtMostTwoPercentOff() {
    for (int micros = 1; micros <= 10_000; micros++) {
      latencies.add(micros * 1_000L);
    }
    assertEquals(5_000, latencies.micros(0.5), 100);
    assertEquals(9_900, latencies.micros(0.99), 198);
    assertEquals(10_000, latencies.micros(1), 200);
  }

  @Test
  void smallAndHugeTimesHaveBuckets() {
    for (long nanos : new long[] {0, 63, 64, 127, 128, 1_000_000_007, Long.MAX_VALUE}) {
      latencies.clear();
      latencies.add(nanos);
      assertEquals(nanos / 1e3, latencies.micros(0.5), nanos / 1e3 * 0.02);
    }
  }

  @Test
  void noTimesHaveNoPercentiles() {
    assertEquals(0, latencies.micros(0.5));
  }
}
