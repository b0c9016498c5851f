package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Side;
import io.netty.channel.embedded.EmbeddedChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Receives a large frame in the whole pipeline of a server, in reads of 64 KiB.
 *
 * <p>The ways are those of {@link PipelineBenchmark}.
 */
@State(Scope.Thread)
public class LargeFrameBenchmark extends Measured {
  private static final int READ_BYTES = 65_536;

  /** Which handlers stand between the transport and the application. */
  @Param({"none", "netty", "pipeline"})
  public String way;

  /** The payload bytes of the frame. */
  @Param("1048576")
  public int frameBytes;

  /** What is in it. */
  @Param({"ASCII", "CJK", "BINARY"})
  public Payload payload;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private Application application;
  private Input input;
  private long frames;

  /** Encodes the frame and builds the pipeline. */
  @Setup
  public void setUp() {
    byte[] content = payload.bytes(frameBytes);
    input = Input.of(Side.SERVER, payload, content, 1, 1).inReadsOf(READ_BYTES);
    application = new Application(content);
    PipelineBenchmark.install(way, channel);
    channel.pipeline().addLast(application);
    application.check(this::read, framesArriving());
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    application.requireFrames(frames * framesArriving());
    channel.finishAndReleaseAll();
  }

  /** Reads the whole frame. */
  @Benchmark
  public void read() {
    frames++;
    input.readBy(channel);
  }

  private int framesArriving() {
    return way.equals("none") ? 0 : 1;
  }
}
