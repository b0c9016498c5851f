package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A peer that sends as fast as it can to an application that takes a message now and then. Runs for
 * a second; {@code -Dstress.seconds=10} for longer.
 */
@Tag("sockets")
@Timeout(120)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class SlowConsumerTest {
  private static final int SECONDS = Integer.getInteger("stress.seconds", 1);
  private static final int MESSAGE_BYTES = 1000;
  private static final int CONSUMED_EACH_MILLISECOND = 1;

  private final ConnectionPair pair;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  // Event loop of the consumer only.
  private long received;
  private int mostFrames;
  private long firstHeap;
  private long lastHeap;

  SlowConsumerTest(Transports transport) throws Exception {
    pair = new ConnectionPair(Side.SERVER, transport);
  }

  @AfterEach
  void end() throws Exception {
    pair.end();
  }

  @Test
  void aFasterProducerIsHeldBackAndMemoryStaysFlat() throws Exception {
    EventLoop producer = pair.peer.channel().eventLoop();
    producer.execute(this::produce);
    EventLoop consumer = pair.connection.channel().eventLoop();
    consumer.scheduleAtFixedRate(this::consume, 1, 1, TimeUnit.MILLISECONDS);
    done.get(100, TimeUnit.SECONDS);
    long ahead = sent.get() - received;
    long unsent = ((ChannelConnection) pair.peer).gate().pendingBytes();
    if (SECONDS > 1) {
      System.out.printf(
          "sent %d, received %d, at most %d frames queued, heap %d to %d KiB%n",
          sent.get(), received, mostFrames, firstHeap >> 10, lastHeap >> 10);
    }
    assertTrue(mostFrames <= ConnectionOptions.DEFAULT_MAX_QUEUE + 1, "queued " + mostFrames);
    assertTrue(received >= 200L * SECONDS, "received " + received);
    assertTrue(ahead < 1000, "sent ahead of the consumer: " + ahead);
    assertTrue(unsent < 1 << 20, "unsent " + unsent);
    assertTrue(lastHeap - firstHeap < 8 << 20, "heap grew by " + (lastHeap - firstHeap));
  }

  /** Sends until it has to wait, and goes on when it need not any more. */
  private void produce() {
    while (!stopped.get()) {
      byte[] payload = ByteBuffer.allocate(MESSAGE_BYTES).putLong(sent.getAndIncrement()).array();
      // Compressed, thousands of messages would fit into the buffers on the way.
      CompletableFuture<Void> accepted = pair.peer.send(BinaryMessage.of(payload), false);
      if (!accepted.isDone()) {
        accepted.thenRun(() -> pair.peer.channel().eventLoop().execute(this::produce));
        return;
      }
    }
  }

  private void consume() {
    ReceiveQueue queue = ((ChannelConnection) pair.connection).queue();
    mostFrames = Math.max(mostFrames, queue.frames());
    for (int i = 0; i < CONSUMED_EACH_MILLISECOND && queue.frames() > 0; i++) {
      byte[] payload = pair.connection.recvBytes().getNow(null);
      try {
        assertEquals(received, ByteBuffer.wrap(payload).getLong());
      } catch (AssertionError outOfOrder) {
        done.completeExceptionally(outOfOrder);
      }
      received++;
    }
    if (received == 100) {
      firstHeap = usedHeap();
    }
    if (received >= 500L * SECONDS && !stopped.getAndSet(true)) {
      lastHeap = usedHeap();
      done.complete(null);
    }
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
