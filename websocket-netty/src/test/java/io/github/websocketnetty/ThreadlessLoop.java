package io.github.websocketnetty;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** An event loop without a thread of its own: it collects tasks, for a test to run. */
abstract class ThreadlessLoop extends AbstractEventExecutor {
  final Queue<Runnable> tasks;
  private volatile boolean isShutdown;

  ThreadlessLoop(Queue<Runnable> tasks) {
    this.tasks = tasks;
  }

  /** From now on tasks are refused. */
  final void end() {
    isShutdown = true;
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
