package io.github.websocketnetty.benchmarks.endtoend;

import java.util.Arrays;

/** A histogram of times whose buckets are one 64th of a power of two wide: errors below 2 %. */
final class Latencies {
  private static final int BUCKET_BITS = 6;
  private static final int BUCKETS = 1 << BUCKET_BITS;

  private final long[] counts = new long[(Long.SIZE - BUCKET_BITS) * BUCKETS];
  private long total;

  void add(long nanos) {
    counts[bucket(Math.max(0, nanos))]++;
    total++;
  }

  void clear() {
    Arrays.fill(counts, 0);
    total = 0;
  }

  /** Returns the time that {@code share} of the times do not exceed, or 0 if there are none. */
  double micros(double share) {
    long rank = (long) Math.ceil(share * total);
    long seen = 0;
    for (int bucket = 0; bucket < counts.length; bucket++) {
      seen += counts[bucket];
      if (seen >= rank && seen > 0) {
        return middle(bucket) / 1e3;
      }
    }
    return 0;
  }

  private static int bucket(long nanos) {
    if (nanos < BUCKETS) {
      return (int) nanos;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - BUCKET_BITS;
    return shift * BUCKETS + (int) (nanos >>> shift);
  }

  private static double middle(int bucket) {
    if (bucket < 2 * BUCKETS) {
      return bucket;
    }
    int shift = bucket / BUCKETS - 1;
    return ((bucket % BUCKETS + BUCKETS) + 0.5) * Math.pow(2, shift);
  }
}
