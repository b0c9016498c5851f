package io.github.websocketnetty;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/** An event loop that runs when told to, on the test's thread, which is elsewhere else. */
final class ManualLoop extends ThreadlessLoop {
  private boolean isInside;

  ManualLoop() {
    super(new ArrayDeque<>());
  }

  /** Runs {@code task} as an event, then what was scheduled. */
  void run(Runnable task) {
    isInside = true;
    try {
      task.run();
    } finally {
      isInside = false;
    }
    runTasks();
  }

  /** Runs what was scheduled. */
  void runTasks() {
    while (!tasks.isEmpty()) {
      Runnable task = tasks.remove();
      isInside = true;
      try {
        task.run();
      } finally {
        isInside = false;
      }
    }
  }

  int scheduled() {
    return tasks.size();
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return isInside;
  }

  /** Only of what is due at once. */
  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    if (delay > 0) {
      throw new UnsupportedOperationException();
    }
    execute(task);
    return null;
  }
}
