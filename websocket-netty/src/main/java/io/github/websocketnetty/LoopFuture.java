package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A future that refuses to be waited for on the event loop, which alone could complete it. */
class LoopFuture<T> extends EventLoopFuture<T> {
  private final EventExecutor loop;

  LoopFuture(EventExecutor loop) {
    this.loop = loop;
  }

  final EventExecutor loop() {
    return loop;
  }

  @Override
  final boolean isOnNeededLoop() {
    return loop.inEventLoop();
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
}
