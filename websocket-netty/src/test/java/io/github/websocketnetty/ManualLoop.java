package io.github.websocketnetty;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** An event loop that runs when told to, on the test's thread, which is elsewhere else. */
final class ManualLoop extends AbstractEventExecutor {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean isInside;
  private boolean isShutdown;

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

  @Override
  public void execute(Runnable task) {
    if (isShutdown) {
      throw new RejectedExecutionException("shut down");
    }
    tasks.add(task);
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

  @Override
  @Deprecated
  public void shutdown() {
    isShutdown = true;
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    isShutdown = true;
    return terminationFuture();
  }

  @Override
  public Future<?> terminationFuture() {
    return ImmediateEventExecutor.INSTANCE.newSucceededFuture(null);
  }

  @Override
  public boolean isShuttingDown() {
    return isShutdown;
  }

  @Override
  public boolean isShutdown() {
    return isShutdown;
  }

  @Override
  public boolean isTerminated() {
    return isShutdown;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
