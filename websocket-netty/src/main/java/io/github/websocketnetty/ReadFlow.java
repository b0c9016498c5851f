package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;

/**
 * Tells the source of frames what the queue wants: to pause, to go on, to deliver large frames in
 * parts.
 *
 * <p>What is wanted changes under the lock, on any thread; the source is told on the event loop,
 * without the lock, and only what differs from what it was told last. So a wish to go on cannot
 * overtake the wish to pause that came before it.
 */
final class ReadFlow {
  private static final int LOW_PART = 4;

  private final Lock lock;
  private final EventExecutor loop;
  private final ReceiveQueue.Source source;
  private final int high;
  private final int low;
  private final long highBytes;
  private final AtomicBoolean isScheduled = new AtomicBoolean();

  // The rest is written under the lock.
  private boolean isFull;
  private boolean isUnstoppable;
  private boolean isStreaming;
  private boolean isOver;
  private boolean toldPause;
  private boolean toldStreaming;

  /** Read without the lock, to see quickly that there is nothing to tell. */
  private volatile boolean isBehind;

  ReadFlow(Lock lock, ConnectionOptions options, EventExecutor loop, ReceiveQueue.Source source) {
    this.lock = lock;
    this.loop = loop;
    this.source = source;
    high = options.maxQueueHigh();
    low = options.maxQueueLow();
    highBytes = options.maxQueueBytes();
  }

  /** Takes note of what waits for the application now. Under the lock. */
  void update(int frames, long bytes, boolean streaming) {
    if (isFull) {
      isFull = frames > low || bytes > highBytes / LOW_PART;
    } else {
      isFull = frames > high || bytes > highBytes;
    }
    isStreaming = streaming;
    compare();
  }

  /** Returns whether a high mark was passed, and a low one not reached since. Under the lock. */
  boolean isFull() {
    return isFull;
  }

  /** From now on the source must not pause. Under the lock. */
  void neverPause() {
    isUnstoppable = true;
    compare();
  }

  /** From now on there is nothing to tell. Under the lock. */
  void end() {
    isOver = true;
    compare();
  }

  /** Tells the source what has changed, at once on the event loop and soon elsewhere. */
  void tell() {
    if (!isBehind) {
      return;
    }
    if (loop.inEventLoop()) {
      tellOnLoop();
    } else if (!isScheduled.getAndSet(true)) {
      schedule();
    }
  }

  private void schedule() {
    try {
      loop.execute(
          () -> {
            isScheduled.set(false);
            tellOnLoop();
          });
    } catch (RejectedExecutionException e) {
      // The event loop was shut down, so nothing reads any more. It stays scheduled: no more tries.
    }
  }

  private void tellOnLoop() {
    Runnable call = nextCall();
    while (call != null) {
      call.run(); // may put frames
      call = nextCall();
    }
  }

  private Runnable nextCall() {
    lock.lock();
    try {
      if (!isBehind) {
        return null;
      }
      if (toldStreaming != isStreaming) {
        boolean on = isStreaming;
        toldStreaming = on;
        compare();
        return () -> source.streaming(on);
      }
      toldPause = !toldPause;
      compare();
      return toldPause ? source::pause : source::resume;
    } finally {
      lock.unlock();
    }
  }

  private void compare() {
    boolean pause = isFull && !isUnstoppable;
    isBehind = !isOver && (pause != toldPause || isStreaming != toldStreaming);
  }
}
