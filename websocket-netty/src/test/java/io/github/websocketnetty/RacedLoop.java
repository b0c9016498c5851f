package io.github.websocketnetty;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An event loop without a thread of its own: one of those that race plays it. Others may give it
 * tasks meanwhile.
 */
final class RacedLoop extends AbstractEventExecutor {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Plain, lest it orders what the threads do: a thread need only recognise itself. */
  private Thread thread;

  private volatile boolean isShutdown;

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

  /** From now on tasks are refused. */
  void end() {
    isShutdown = true;
  }

  @Override
  public boolean inEventLoop(Thread asking) {
    return asking == thread;
  }

  @Override
  public void execute(Runnable task) {
    if (isShutdown) {
      throw new RejectedExecutionException("shut down");
    }
    tasks.add(task);
  }

  @Override
  @Deprecated
  public void shutdown() {
    end();
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    end();
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
