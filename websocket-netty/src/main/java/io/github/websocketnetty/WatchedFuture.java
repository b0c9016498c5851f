package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * A future that knows whether the application uses it, so that a failure of the application's code
 * is told elsewhere if it does not. It is used if something is attached to it or waits for it when
 * the failure occurs, or has asked it for its outcome by the end of that turn of the event loop.
 */
class WatchedFuture<T> extends LoopFuture<T> {
  /** Whether a method was called that tells how this ended. Any thread. */
  private volatile boolean isUsed;

  /** What is attached by us. */
  private int own;

  WatchedFuture(EventExecutor loop) {
    super(loop);
  }

  /** What was attached until now does not count; before the application gets this. */
  final void ownAttached() {
    own = getNumberOfDependents();
    isUsed = false;
  }

  /** Returns whether something is attached or waits. Before this completes; any thread. */
  final boolean isUsed() {
    return isUsed || getNumberOfDependents() > own;
  }

  /**
   * Runs a task on the event loop unless this is used by the end of the turn. The caller who is
   * about to get this future may be on the event loop. Any thread.
   *
   * @param wasUsed what {@link #isUsed} said before this completed
   * @param unused may also run here, if there is no event loop any more
   */
  final void ifUnused(boolean wasUsed, Runnable unused) {
    if (wasUsed) {
      return;
    }
    try {
      loop()
          .execute(
              () -> {
                if (!isUsed()) {
                  unused.run();
                }
              });
    } catch (RejectedExecutionException shutDown) {
      unused.run();
    }
  }

  /** Something is attached. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    isUsed = true;
    return super.newIncompleteFuture();
  }

  /** As by {@code thenCompose}, which looks at the outcome without asking. */
  @Override
  public CompletableFuture<T> toCompletableFuture() {
    isUsed = true;
    return this;
  }

  @Override
  final void outcomeAsked() {
    isUsed = true;
  }

  @Override
  public T getNow(T valueIfAbsent) {
    isUsed = true;
    return super.getNow(valueIfAbsent);
  }

  @Override
  public boolean isCompletedExceptionally() {
    isUsed |= isDone();
    return super.isCompletedExceptionally();
  }
}
