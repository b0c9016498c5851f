package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Tells the source of frames what the queue wants: to pause, to go on, to deliver large frames in
 * parts.
 *
 * <p>What is wanted changes under the lock, on any thread; the source is told on the event loop,
 * without the lock, and only what differs from what it was told last. So a wish to go on cannot
 * overtake the wish to pause that came before it.
 *
 * <p>It is the lower half of the {@link ReceiveQueue}, whose monitor is the lock: a connection that
 * idles should be few objects.
 */
abstract class ReadFlow {
  private static final int LOW_PART = 4;

  private static final VarHandle SCHEDULED;

  static {
    try {
      SCHEDULED =
          MethodHandles.lookup().findVarHandle(ReadFlow.class, "isScheduled", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EventExecutor loop;
  private final ReceiveQueue.Source source;
  private final ConnectionOptions marks;

  /** Whether a task is on its way. */
  @SuppressWarnings("unused") // written through the handle
  private volatile boolean isScheduled;

  // The rest is written under the lock.
  private boolean isFull;
  private boolean isResting;
  private boolean isUnstoppable;
  private boolean isStreaming;
  private boolean isOver;
  private boolean toldPause;
  private boolean toldStreaming;

  /** Read without the lock, to see quickly that there is nothing to tell. */
  private volatile boolean isBehind;

  ReadFlow(ConnectionOptions marks, EventExecutor loop, ReceiveQueue.Source source) {
    this.marks = marks;
    this.loop = loop;
    this.source = source;
  }

  final EventExecutor loop() {
    return loop;
  }

  final ReceiveQueue.Source source() {
    return source;
  }

  /** Takes note of what waits for the application now. Under the lock. */
  final void updateFlow(int frames, long bytes, boolean streaming) {
    if (isFull) {
      isFull = frames > marks.maxQueueLow() || bytes > marks.maxQueueBytes() / LOW_PART;
    } else {
      isFull = frames > marks.maxQueueHigh() || bytes > marks.maxQueueBytes();
    }
    isStreaming = streaming;
    compare();
  }

  /** Returns whether a high mark was passed, and a low one not reached since. Under the lock. */
  final boolean isFull() {
    return isFull;
  }

  /**
   * Makes the source pause until the event loop has looked after others. On the event loop; the
   * second time before that it does nothing.
   */
  final void rest() {
    synchronized (this) {
      if (isResting || isFull || isOver) {
        return;
      }
      isResting = true;
      compare();
    }
    tell();
    try {
      // Not as a task, because one that makes the next is run before any other channel is read.
      loop.schedule(this::goOn, 0, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The event loop was shut down, so nothing reads any more.
    }
  }

  private void goOn() {
    synchronized (this) {
      isResting = false;
      compare();
    }
    tell();
  }

  /** From now on the source must not pause. Under the lock. */
  final void neverPause() {
    isUnstoppable = true;
    compare();
  }

  /** From now on there is nothing to tell. Under the lock. */
  final void endFlow() {
    isOver = true;
    compare();
  }

  /** Tells the source what has changed, at once on the event loop and soon elsewhere. */
  final void tell() {
    if (!isBehind) {
      return;
    }
    if (loop.inEventLoop()) {
      tellOnLoop();
    } else if (SCHEDULED.compareAndSet(this, false, true)) {
      schedule();
    }
  }

  private void schedule() {
    try {
      loop.execute(
          () -> {
            isScheduled = false;
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
    synchronized (this) {
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
    }
  }

  private void compare() {
    boolean pause = (isFull || isResting) && !isUnstoppable;
    boolean differs = !isOver && (pause != toldPause || isStreaming != toldStreaming);
    if (differs != isBehind) {
      isBehind = differs; // a volatile write is not free
    }
  }
}
