package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Makes bytes of one frame, from the application's write to the transport.
 *
 * <p>The payload comes as an application makes it, in a buffer without room for a header, allocated
 * and filled for each frame. The way {@code none} shows what that costs.
 */
@State(Scope.Thread)
public class FrameEncodeBenchmark extends Measured {
  /** Which handlers stand between the application and the transport. */
  @Param({"none", "netty", "codec"})
  public String way;

  /** Who sends: a client masks. */
  @Param({"SERVER", "CLIENT"})
  public Side side;

  /** The payload bytes of the frame. */
  @Param({"16", "125", "1024", "16384", "65536"})
  public int bytes;

  /** Where the payload lies. */
  @Param("DIRECT")
  public Memory memory;

  private final Sink sink = new Sink();
  private final EmbeddedChannel channel = new EmbeddedChannel(sink);
  private byte[] content;
  private boolean isBare;
  private long frames;
  private long bytesPerFrame;

  /** Builds the pipeline. */
  @Setup
  public void setUp() {
    content = Payload.BINARY.bytes(bytes);
    isBare = way.equals("none");
    switch (way) {
      case "none" -> {
        // the payload alone reaches the sink
      }
      case "netty" -> Stock.addEncoder(channel.pipeline(), side);
      case "codec" -> channel.pipeline().addLast(new WebSocketFrameCodec(side));
      default -> throw new IllegalArgumentException(way);
    }
    bytesPerFrame = isBare ? bytes : sink.check(this::write, side, content, 1);
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    sink.requireBytes(frames * bytesPerFrame);
    channel.finishAndReleaseAll();
  }

  /** Writes one frame. */
  @Benchmark
  public ChannelFuture write() {
    frames++;
    ByteBuf payload = memory.buffer(channel.alloc(), bytes).writeBytes(content);
    Object message = isBare ? payload : new BinaryWebSocketFrame(payload);
    return channel.pipeline().write(message);
  }
}
