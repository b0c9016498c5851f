package io.github.websocketnetty;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * An event loop without a thread of its own: one of those that race plays it. Others may give it
 * tasks meanwhile.
 */
final class RacedLoop extends ThreadlessLoop {
  /** Plain, lest it orders what the threads do: a thread need only recognise itself. */
  private Thread thread;

  RacedLoop() {
    super(new ConcurrentLinkedQueue<>());
  }

  /** Runs the tasks that are there, then {@code event}, then the tasks again. */
  void run(Runnable event) {
    thread = Thread.currentThread();
    runTasks();
    event.run();
    runTasks();
  }

  /** As {@link #run}, for a thread that does something else afterwards. */
  void runAndLeave(Runnable event) {
    run(event);
    thread = null;
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Override
  public boolean inEventLoop(Thread asking) {
    return asking == thread;
  }
}
