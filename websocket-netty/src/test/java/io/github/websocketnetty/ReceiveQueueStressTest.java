package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Races, as many as {@code -Dstress=} says. */
@Timeout(600)
class ReceiveQueueStressTest {
  private static final int COUNT = Integer.getInteger("stress", 100_000);
  private static final int HIGH = 16;
  private static final int LONGEST_TIMEOUT_MICROS = 30;
  private static final int DEEP = 100;

  private final EventExecutor loop = new DefaultEventExecutor();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void shutDown() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    other.shutdown();
  }

  /** Puts numbered messages, some in fragments, in bursts, and obeys the back-pressure. */
  private final class Numbers implements ReceiveQueue.Source {
    final ReceiveQueue queue = new ReceiveQueue(ConnectionOptions.defaults(), loop, this);
    int pauses;
    int most;
    private final int count;
    private int next;
    private int open;
    private boolean isPaused;

    Numbers(int count) {
      this.count = count;
    }

    void burst() {
      int length = ThreadLocalRandom.current().nextInt(12);
      queue.readBegins();
      for (int i = 0; i < length && !isPaused && next < count; i++) {
        putFrame();
        most = Math.max(most, queue.frames());
      }
      queue.readCompletes();
      if (!isPaused && next < count) {
        loop.execute(this::burst);
      }
    }

    private void putFrame() {
      byte[] digits = Integer.toString(next).getBytes(StandardCharsets.US_ASCII);
      boolean fin = open == digits.length || open == 0 && next % 4 != 0;
      MessageType type = open == 0 ? MessageType.TEXT : null;
      byte[] payload = fin && open == 0 ? digits : fin ? new byte[0] : new byte[] {digits[open]};
      open = fin ? 0 : open + 1;
      next += fin ? 1 : 0;
      queue.put(type, fin, payload);
    }

    @Override
    public boolean hasEnded() {
      return false;
    }

    @Override
    public void overflow() {
      throw new AssertionError();
    }

    @Override
    public void pause() {
      isPaused = true;
      pauses++;
    }

    @Override
    public void resume() {
      isPaused = false;
      loop.execute(this::burst);
    }

    @Override
    public void fail(int closeCode, String reason) {
      throw new AssertionError(reason);
    }

    @Override
    public void streaming(boolean on) {}
  }

  // RECV-11, RECV-12, RECV-13
  @Test
  void receivesThatRaceCancelsLoseDuplicateAndReorderNothing() throws Exception {
    Numbers numbers = new Numbers(COUNT);
    loop.execute(numbers::burst);
    int withdrawn = 0;
    for (int expected = 0; expected < COUNT; ) {
      Message message = race(numbers.queue.recv());
      if (message == null) {
        withdrawn++;
      } else {
        assertEquals(Integer.toString(expected), message.text());
        expected++;
      }
    }
    assertTrue(withdrawn > COUNT / 1000, withdrawn + " withdrawn");
    loop.submit(() -> assertTrue(numbers.most <= HIGH + 1, numbers.most + " frames waited")).get();
  }

  /** Returns what was received, or null if the receive was withdrawn. */
  private <T> T race(CompletableFuture<T> receive) throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    switch (random.nextInt(8)) {
      case 0 -> receive.cancel(false);
      case 1, 2 -> other.execute(() -> receive.cancel(false));
      case 3, 4 -> loop.execute(() -> receive.cancel(false));
      case 5 -> receive.orTimeout(random.nextInt(LONGEST_TIMEOUT_MICROS), TimeUnit.MICROSECONDS);
      default -> {
        // let it be received
      }
    }
    try {
      return receive.get();
    } catch (CancellationException withdrawn) {
      return null;
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof TimeoutException) {
        return null;
      }
      throw failure;
    }
  }

  // RECV-14, RECV-15
  @Test
  void readersThatRaceCancelsAndGiveUpLoseDuplicateAndReorderNothing() throws Exception {
    Numbers numbers = new Numbers(COUNT / 4);
    loop.execute(numbers::burst);
    for (int expected = 0; expected < COUNT / 4; ) {
      MessageReader reader = numbers.queue.stream();
      String whole = Integer.toString(expected);
      boolean isGivenUp = ThreadLocalRandom.current().nextInt(4) == 0;
      StringBuilder text = new StringBuilder();
      Fragment fragment = null;
      while (fragment == null || !fragment.isLast() && !(isGivenUp && text.length() > 0)) {
        Fragment read = race(reader.next());
        if (read != null) {
          fragment = read;
          text.append(read.text());
        }
      }
      reader.discard();
      assertEquals(fragment.isLast() ? whole : whole.substring(0, text.length()), text.toString());
      expected++;
    }
  }

  // RECV-11, RECV-37
  @Test
  void loopsThatRaceCancelsLoseDuplicateAndReorderNothing() throws Exception {
    Numbers numbers = new Numbers(COUNT / 4);
    List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
    loop.execute(numbers::burst);
    while (seen.size() < COUNT / 4) {
      CompletableFuture<Void> done =
          MessageLoop.forEachAsync(
              loop,
              numbers.queue,
              message -> {
                int number = Integer.parseInt(message.text());
                seen.add(number);
                return stage(number);
              });
      int enough = seen.size() + ThreadLocalRandom.current().nextInt(100);
      while (seen.size() < Math.min(enough, COUNT / 4)) {
        Thread.onSpinWait();
      }
      assertTrue(done.cancel(false), () -> "ended: " + done);
      Message message = race(numbers.queue.recv().orTimeout(1, TimeUnit.MILLISECONDS));
      // What the loop was handed before the cancel goes to its action yet.
      loop.submit(() -> {}).get();
      if (message != null) {
        seen.add(Integer.parseInt(message.text()));
      }
    }
    for (int i = 0; i < COUNT / 4; i++) {
      assertEquals(i, seen.get(i));
    }
  }

  @Test
  void aLongForEachAsyncNeitherDeepensTheStackNorRetainsAnything() throws Exception {
    Numbers numbers = new Numbers(COUNT);
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger deepest = new AtomicInteger();
    CompletableFuture<Void> early = new CompletableFuture<>();
    CompletableFuture<Void> late = new CompletableFuture<>();
    CompletableFuture<Void> done =
        MessageLoop.forEachAsync(
            loop,
            numbers.queue,
            message -> {
              int number = seen.getAndIncrement();
              assertEquals(Integer.toString(number), message.text());
              if (number % 100 == 0) {
                deepest.accumulateAndGet(StackDepth.now(), Math::max);
              }
              if (number == COUNT / 10) {
                early.completeAsync(() -> null, other);
              } else if (number == COUNT - 1) {
                late.completeAsync(() -> null, other);
              }
              return stage(number);
            });
    loop.execute(numbers::burst);
    early.get();
    long before = usedBytes();
    late.get();
    long retained = usedBytes() - before;
    assertTrue(deepest.get() < DEEP, deepest + " frames deep");
    // A chain of stages keeps 64 bytes for each message.
    long allowed = Math.max(4 << 20, COUNT * 16L);
    assertTrue(retained < allowed, retained + " bytes retained");
    assertTrue(!done.isDone(), () -> "ended: " + done);
    loop.submit(() -> numbers.queue.end(QueueFixture.closedWell())).get();
    done.get();
    assertEquals(COUNT, seen.get());
  }

  /** Complete, later on the event loop, or later elsewhere. */
  private CompletableFuture<Void> stage(int number) {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    if (number % 8 == 1) {
      loop.execute(() -> stage.complete(null));
    } else if (number % 64 == 2) {
      ForkJoinPool.commonPool().execute(() -> stage.complete(null));
    } else {
      stage.complete(null);
    }
    return stage;
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
