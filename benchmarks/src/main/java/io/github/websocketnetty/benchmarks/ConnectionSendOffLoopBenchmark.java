package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Side;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * Sends messages of a server from other threads than the event loop, over TCP to a peer that drops
 * them. A thread waits for the last message of a burst before the next burst.
 *
 * <p>The baseline is {@code writeAndFlush} in front of Netty's encoder, whose future waits until
 * the operating system has the bytes. A connection's future waits for no more than its write limit,
 * so with one thread it may be a burst ahead.
 */
@State(Scope.Benchmark)
public class ConnectionSendOffLoopBenchmark extends Measured {
  /** How the application sends. */
  @Param({"netty", "connection"})
  public String way;

  /** The payload bytes of a message. */
  @Param({"125", "1024"})
  public int bytes;

  /** How many messages a thread sends in a row. */
  @Param("64")
  public int messages;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  private final AtomicLong bursts = new AtomicLong();
  private Loopback loopback;
  private Sender sender;
  private long bytesPerBurst;

  /** Connects and builds the pipeline. */
  @Setup
  public void setUp() throws Exception {
    byte[] content = payload.bytes(bytes);
    bytesPerBurst = checkBurst(content);
    loopback = new Loopback();
    sender = loopback.call(() -> Sender.of(way, loopback.channel(), Side.SERVER, payload, content));
    fromOneThread();
    loopback.requireBytes(bytesPerBurst);
  }

  /** Sees on an embedded channel that the frames are right. */
  private long checkBurst(byte[] content) {
    Sink sink = new Sink();
    EmbeddedChannel channel = new EmbeddedChannel(sink);
    Sender embedded = Sender.of(way, channel, Side.SERVER, payload, content);
    Runnable burst =
        () -> {
          for (int i = 0; i < messages; i++) {
            embedded.send();
          }
        };
    long written = sink.check(burst, Side.SERVER, content, messages);
    channel.finishAndReleaseAll();
    return written;
  }

  /** Disconnects. */
  @TearDown
  public void tearDown() throws Exception {
    loopback.requireBytes(bursts.get() * bytesPerBurst);
    loopback.close();
  }

  /** Sends a burst. */
  @Benchmark
  public Object fromOneThread() throws Exception {
    return burst();
  }

  /** Sends a burst, while seven other threads do so, too. */
  @Benchmark
  @Threads(8)
  public Object fromEightThreads() throws Exception {
    return burst();
  }

  private Object burst() throws Exception {
    Future<?> last = null;
    for (int i = 0; i < messages; i++) {
      last = sender.send();
    }
    bursts.incrementAndGet();
    return last.get();
  }
}
