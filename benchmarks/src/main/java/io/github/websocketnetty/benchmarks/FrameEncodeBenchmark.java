package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.OwnedFrames;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Makes bytes of frames, from the application's writes and its flush to the transport.
 *
 * <p>The payload comes as an application makes it, in a buffer without room for a header, allocated
 * and filled for each frame; with the way {@code owned} there is room, and the codec may use it.
 * The way {@code none} shows what that costs.
 */
@State(Scope.Thread)
public class FrameEncodeBenchmark extends Measured {
  /** Which handlers stand between the application and the transport. */
  @Param({"none", "netty", "codec", "owned"})
  public String way;

  /** Who sends: a client masks. */
  @Param({"SERVER", "CLIENT"})
  public Side side;

  /** The payload bytes of a frame. */
  @Param({"16", "125", "1024", "16384", "65536"})
  public int bytes;

  /** How many frames are written before they are flushed. */
  @Param({"1", "16"})
  public int frames;

  /** Where the payload lies. */
  @Param("DIRECT")
  public Memory memory;

  private final Sink sink = new Sink();
  private final EmbeddedChannel channel = new EmbeddedChannel(sink);
  private byte[] content;
  private boolean isBare;
  private boolean isOwned;
  private long writes;
  private long bytesPerWrite;

  /** Builds the pipeline. */
  @Setup
  public void setUp() {
    content = Payload.BINARY.bytes(bytes);
    isBare = way.equals("none");
    isOwned = way.equals("owned");
    switch (way) {
      case "none" -> {
        // the payload alone reaches the sink
      }
      case "netty" -> Stock.addEncoder(channel.pipeline(), side);
      case "codec", "owned" -> channel.pipeline().addLast(new WebSocketFrameCodec(side));
      default -> throw new IllegalArgumentException(way);
    }
    bytesPerWrite = isBare ? bytes * frames : sink.check(this::write, side, content, frames);
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    sink.requireBytes(writes * bytesPerWrite);
    channel.finishAndReleaseAll();
  }

  /** Writes the frames and flushes. */
  @Benchmark
  public void write() {
    writes++;
    for (int i = 0; i < frames; i++) {
      channel.pipeline().write(message());
    }
    channel.pipeline().flush();
  }

  private Object message() {
    if (isOwned) {
      return OwnedFrames.binary(OwnedFrames.buffer(channel.alloc(), bytes).writeBytes(content));
    }
    ByteBuf payload = memory.buffer(channel.alloc(), bytes).writeBytes(content);
    return isBare ? payload : new BinaryWebSocketFrame(payload);
  }
}
