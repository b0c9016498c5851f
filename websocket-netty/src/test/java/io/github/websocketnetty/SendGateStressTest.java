package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many threads send at once. {@code -Dstress=10} sends ten times as much as the normal build, which
 * is 10^5 messages of each thread.
 */
@ExtendWith(LeakCheck.class)
class SendGateStressTest {
  private static final int THREADS = 8;
  private static final int MESSAGES = 10_000 * Integer.getInteger("stress", 1);
  private static final int IN_FLIGHT = 32;

  private final DefaultEventExecutor loop = new DefaultEventExecutor();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Wire wire = new Wire();
  private final SendGate gate = new SendGate(ConnectionOptions.defaults(), loop, wire);

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    threads.awaitTermination(10, TimeUnit.SECONDS);
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
  }

  // SEND-20, SEND-24
  @Test
  @Timeout(120)
  void orderOfEachThreadIsKeptAndMessagesDoNotInterleave() throws Exception {
    List<Future<?>> senders = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int sender = thread;
      senders.add(threads.submit(() -> sendAll(sender)));
    }
    for (Future<?> sender : senders) {
      sender.get();
    }
    loop.submit(wire::check).get();
    assertEquals(0, gate.pendingBytes());
  }

  /** Every eighth message is in fragments. Waits for each 32nd, so that bursts come about. */
  private Void sendAll(int sender) throws Exception {
    CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < MESSAGES; i++) {
      last = i % 8 == sender ? sendFragments(sender, i) : sendWhole(sender, i);
      if (i % IN_FLIGHT == 0) {
        last.get();
      }
    }
    last.get();
    return null;
  }

  private CompletableFuture<Void> sendWhole(int sender, int number) {
    return gate.send(MessageType.BINARY, frame(sender, number, 1 + number % 300));
  }

  private CompletableFuture<Void> sendFragments(int sender, int number) {
    MessageWriter writer = gate.writer(MessageType.BINARY);
    byte[] fragment = new byte[8];
    frame(sender, number, 0).readBytes(fragment).release();
    writer.write(fragment);
    writer.write(fragment);
    return writer.finish();
  }

  private static ByteBuf frame(int sender, int number, int padding) {
    ByteBuf frame = UnpooledByteBufAllocator.DEFAULT.heapBuffer(8 + padding);
    return frame.writeInt(sender).writeInt(number).writeZero(padding);
  }

  /** A peer that reads what was flushed a little later, and checks it. Event loop only. */
  private final class Wire implements SendGate.Output {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ConnectionOptions options = ConnectionOptions.defaults();
    private final ArrayDeque<ChannelPromise> unflushed = new ArrayDeque<>();
    private final ArrayDeque<Integer> sizes = new ArrayDeque<>();
    private final int[] next = new int[THREADS];
    private int openSender = -1;
    private int unsent;
    private volatile boolean isWritable = true;
    private String fault;

    @Override
    public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload) {
      if (!isWritable) {
        fault = "written though not writable";
      }
      see(type, fin, payload);
      int size = payload.readableBytes() + 96;
      payload.release();
      unsent += size;
      isWritable = unsent <= options.writeLimitHigh();
      ChannelPromise promise = new DefaultChannelPromise(channel, loop);
      unflushed.add(promise);
      sizes.add(size);
      return promise;
    }

    @Override
    public boolean hasRoom(int bytes) {
      return isWritable && unsent + bytes + 96 <= options.writeLimitHigh();
    }

    @Override
    public void writeQuietly(MessageType type, ByteBuf payload, SendOutlet outlet) {
      write(type, true, payload);
    }

    private void see(MessageType type, boolean fin, ByteBuf payload) {
      if (type == null && openSender < 0 || type != null && openSender >= 0) {
        fault = "frames of two messages interleave";
      }
      if (!fin && payload.getInt(4) != next[payload.getInt(0)]
          || fin && type != null && payload.getInt(4) != next[payload.getInt(0)]) {
        fault = "message " + payload.getInt(4) + " came out of order";
      }
      if (type == null && !fin && payload.getInt(0) != openSender) {
        fault = "fragment of another message";
      }
      if (fin) {
        next[type == null ? openSender : payload.getInt(0)]++;
        openSender = -1;
      } else {
        openSender = payload.getInt(0);
      }
    }

    @Override
    public void flush() {
      int flushed = unflushed.size();
      loop.execute(() -> transmit(flushed));
    }

    private void transmit(int count) {
      for (int i = Math.min(count, unflushed.size()); i > 0; i--) {
        ChannelPromise sent = unflushed.poll();
        unsent -= sizes.poll();
        sent.setSuccess();
      }
      if (!isWritable && unsent <= options.writeLimitLow()) {
        isWritable = true;
        gate.writabilityChanged();
      }
    }

    @Override
    public boolean isWritable() {
      return isWritable;
    }

    @Override
    public void fail(int closeCode, String reason, Throwable cause) {
      fault = reason;
    }

    @Override
    public ByteBufAllocator alloc() {
      return UnpooledByteBufAllocator.DEFAULT;
    }

    private void check() {
      assertNull(fault);
      assertFalse(openSender >= 0, "message of " + openSender + " has no end");
      for (int count : next) {
        assertEquals(MESSAGES, count);
      }
    }
  }
}
