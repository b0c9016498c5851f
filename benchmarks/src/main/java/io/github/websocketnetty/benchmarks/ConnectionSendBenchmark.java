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
 * Sends messages on the event loop, {@code String} or {@code byte[]}, from the application to the
 * transport, which costs nothing here: flushes are not seen.
 *
 * <p>The baseline is {@code writeAndFlush} in front of Netty's encoder.
 */
@State(Scope.Thread)
public class ConnectionSendBenchmark extends Measured {
  /** How the application sends. */
  @Param({"netty", "connection"})
  public String way;

  /** Who sends: a client masks. */
  @Param({"SERVER", "CLIENT"})
  public Side side;

  /** The payload bytes of a message. */
  @Param({"16", "125", "1024", "16384"})
  public int bytes;

  /** How many messages are sent in a row. */
  @Param("64")
  public int messages;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  private final Sink sink = new Sink();
  private final EmbeddedChannel channel = new EmbeddedChannel(sink);
  private Sender sender;
  private long bursts;
  private long bytesPerBurst;

  /** Builds the pipeline. */
  @Setup
  public void setUp() {
    byte[] content = payload.bytes(bytes);
    sender = Sender.of(way, channel, side, payload, content);
    bytesPerBurst = sink.check(this::send, side, content, messages);
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    sink.requireBytes(bursts * bytesPerBurst);
    channel.finishAndReleaseAll();
  }

  /** Sends a burst. */
  @Benchmark
  public Object send() {
    bursts++;
    Object last = null;
    for (int i = 0; i < messages; i++) {
      last = sender.send();
    }
    return last;
  }
}
