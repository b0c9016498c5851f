package io.github.websocketnetty;

import io.netty.util.concurrent.BlockingOperationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A future that refuses to be waited for on an event loop that must run to complete it. Stages
 * derived from it must refuse the same.
 */
abstract class EventLoopFuture<T> extends CompletableFuture<T> {
  /** Returns whether the current thread is that of an event loop that must run first. */
  abstract boolean isOnNeededLoop();

  /** Returns a future that needs the same event loops. */
  @Override
  public abstract <U> CompletableFuture<U> newIncompleteFuture();

  @Override
  public final T get() throws InterruptedException, ExecutionException {
    checkDeadlock();
    return super.get();
  }

  @Override
  public final T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    checkDeadlock();
    return super.get(timeout, unit);
  }

  @Override
  public final T join() {
    checkDeadlock();
    return super.join();
  }

  /** Someone gets the outcome, or waits for it. */
  void outcomeAsked() {}

  private void checkDeadlock() {
    outcomeAsked();
    if (!isDone() && isOnNeededLoop()) {
      throw new BlockingOperationException(
          "would wait for the event loop on the event loop; use a stage, as thenAccept, or wait on"
              + " another thread");
    }
  }
}
