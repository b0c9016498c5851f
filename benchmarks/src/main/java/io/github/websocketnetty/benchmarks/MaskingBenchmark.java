package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Masking;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Unmasks one payload in place. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MaskingBenchmark {
  private static final int KEY = 0x37FA213D;

  /** The length of the payload. */
  @Param({"16", "125", "1024", "16384", "65536", "1048576"})
  public int bytes;

  /** The kind of buffer. */
  @Param public Memory memory;

  private ByteBuf frame;

  /** Fills a frame. */
  @Setup
  public void fill() {
    byte[] payload = new byte[bytes];
    new Random(1).nextBytes(payload);
    frame = memory.frame(payload);
  }

  /** Gives the frame back. */
  @TearDown
  public void release() {
    frame.release();
  }

  /** The baseline. */
  @Benchmark
  public ByteBuf netty() {
    AccessorMasking.xor(frame, frame.readerIndex(), bytes, KEY);
    return frame;
  }

  /** Ours. */
  @Benchmark
  public ByteBuf masking() {
    Masking.xor(frame, frame.readerIndex(), bytes, KEY);
    return frame;
  }

  /** Ours, finding out besides whether the payload is ASCII. */
  @Benchmark
  public long maskingAndCollecting() {
    int index = frame.readerIndex();
    if (frame.hasArray()) {
      return Masking.xorAndCollect(frame.array(), frame.arrayOffset() + index, bytes, KEY);
    }
    ByteBuffer view = frame.internalNioBuffer(index, bytes);
    return Masking.xorAndCollect(view, view.position(), bytes, KEY);
  }
}
