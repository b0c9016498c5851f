package io.github.websocketnetty;

import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A future that refuses to be waited for on the event loop, which alone could complete it. */
class LoopFuture<T> extends CompletableFuture<T> {
  private final EventExecutor loop;

  LoopFuture(EventExecutor loop) {
    this.loop = loop;
  }

  final EventExecutor loop() {
    return loop;
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    checkDeadlock();
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    checkDeadlock();
    return super.get(timeout, unit);
  }

  @Override
  public T join() {
    checkDeadlock();
    return super.join();
  }

  /** Stages derived from this one wait for the same event loop. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new LoopFuture<>(loop);
  }

  /** Does what {@code completeAsync} does through {@link #complete}; the JDK's goes round it. */
  final void completeFrom(Supplier<? extends T> supplier, Executor executor) {
    executor.execute(
        () -> {
          try {
            complete(supplier.get());
          } catch (RuntimeException | Error failure) {
            completeExceptionally(failure);
          }
        });
  }

  private void checkDeadlock() {
    if (!isDone() && loop.inEventLoop()) {
      throw new BlockingOperationException("would wait for the event loop on the event loop");
    }
  }
}
