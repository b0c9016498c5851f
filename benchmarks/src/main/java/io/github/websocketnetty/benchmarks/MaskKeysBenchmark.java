package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.MaskKeys;
import io.netty.handler.codec.http.websocketx.RandomWebSocketFrameMaskGenerator;
import java.security.SecureRandom;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Makes the key that masks a client's frame. */
@State(Scope.Thread)
public class MaskKeysBenchmark extends Measured {
  private static final int SAMPLES = 1000;

  private final SecureRandom secureRandom = new SecureRandom();

  /** Sees that keys differ. */
  @Setup
  public void check() {
    long distinct = IntStream.generate(this::maskKeys).limit(SAMPLES).distinct().count();
    require(distinct > SAMPLES - 10, "only " + distinct + " of " + SAMPLES + " keys differ");
  }

  /** The baseline, {@code ThreadLocalRandom}: fast, but what comes next can be predicted. */
  @Benchmark
  public int netty() {
    return RandomWebSocketFrameMaskGenerator.INSTANCE.nextMask();
  }

  /** What is as unpredictable as ours. */
  @Benchmark
  public int secureRandom() {
    return secureRandom.nextInt();
  }

  /** Ours, with finding the generator of the thread. */
  @Benchmark
  public int maskKeys() {
    return MaskKeys.ofThread().next();
  }
}
