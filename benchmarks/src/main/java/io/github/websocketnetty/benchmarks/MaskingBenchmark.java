package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Masking;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Unmasks one payload in place. */
@State(Scope.Thread)
public class MaskingBenchmark extends Measured {
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
    byte[] payload = Payload.BINARY.bytes(bytes);
    frame = memory.frame(payload);
    requireMasking(payload, this::netty);
    requireMasking(payload, this::masking);
    requireMasking(payload, this::maskingAndCollecting);
  }

  /** Masks and unmasks. */
  private void requireMasking(byte[] payload, Runnable way) {
    way.run();
    for (int i = 0; i < bytes; i++) {
      int key = KEY >>> 24 - i % Integer.BYTES * Byte.SIZE;
      byte masked = frame.getByte(frame.readerIndex() + i);
      require(masked == (byte) (payload[i] ^ key), "byte " + i + " is masked wrongly");
    }
    way.run();
    require(frame.equals(Unpooled.wrappedBuffer(payload)), "the frame is not unmasked");
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
