package io.github.websocketnetty;

import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

  private void checkDeadlock() {
    if (!isDone() && loop.inEventLoop()) {
      throw new BlockingOperationException("would wait for the event loop on the event loop");
    }
  }
}
