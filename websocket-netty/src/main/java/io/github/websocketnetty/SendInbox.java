package io.github.websocketnetty;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where other threads leave what they send, until the event loop takes it. One task fetches a whole
 * burst. May be used from any thread.
 */
final class SendInbox {
  private final Queue<Send> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean isScheduled = new AtomicBoolean();
  private final Executor loop;
  private final SendGate gate;

  /**
   * Creates an empty inbox.
   *
   * @param gate its task begins with {@link #taskBegins} and polls until nothing is left
   */
  SendInbox(Executor loop, SendGate gate) {
    this.loop = loop;
    this.gate = gate;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  void put(Send send) {
    queue.add(send);
    schedule();
  }

  /** Whoever puts this runs the task. */
  void putUnscheduled(Send send) {
    queue.add(send);
  }

  /** Sees to it that the task runs after this call. */
  void schedule() {
    if (isScheduled.get() || !isScheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      loop.execute(gate);
    } catch (RejectedExecutionException rejected) {
      isScheduled.set(false);
      gate.loopIsGone(rejected);
    }
  }

  /** Before the first poll: what is put from now on has a task of its own. */
  void taskBegins() {
    isScheduled.set(false);
  }

  Send poll() {
    return queue.poll();
  }
}
