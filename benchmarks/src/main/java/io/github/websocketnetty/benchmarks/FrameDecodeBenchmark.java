package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.embedded.EmbeddedChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Makes frames of bytes, text checked, from a read of the transport to the application's handler.
 *
 * <p>A result is the time of one read with all its frames. The way {@code none} shows what the
 * buffer of the read costs.
 */
@State(Scope.Thread)
public class FrameDecodeBenchmark extends Measured {
  /** Which handlers stand between the transport and the application. */
  @Param({"none", "netty", "codec"})
  public String way;

  /** Who receives: a server receives masked frames, a client others. */
  @Param({"SERVER", "CLIENT"})
  public Side side;

  /** The payload bytes of a frame. */
  @Param({"16", "125", "1024", "16384", "65536"})
  public int bytes;

  /** How many frames one read brings. */
  @Param({"1", "64"})
  public int frames;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private Application application;
  private Input input;
  private long reads;

  /** Encodes the frames and builds the pipeline. */
  @Setup
  public void setUp() {
    byte[] content = payload.bytes(bytes);
    input = Input.of(side, payload, content, 1, frames);
    application = new Application(content);
    switch (way) {
      case "none" -> {
        // the application's handler releases the read
      }
      case "netty" -> Stock.addDecoder(channel.pipeline(), side);
      case "codec" -> channel.pipeline().addLast(new WebSocketFrameCodec(side));
      default -> throw new IllegalArgumentException(way);
    }
    channel.pipeline().addLast(application);
    application.check(this::read, framesArriving());
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    application.requireFrames(reads * framesArriving());
    channel.finishAndReleaseAll();
  }

  /** Reads once. */
  @Benchmark
  public void read() {
    reads++;
    input.readBy(channel);
  }

  private int framesArriving() {
    return way.equals("none") ? 0 : frames;
  }
}
