package io.github.websocketnetty;

import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Waits for what an event loop completes, on any thread but that one. A thread that waits is parked
 * and holds no monitor, so that a virtual thread leaves its carrier.
 */
final class Waiter {
  private final EventExecutor loop;

  Waiter(EventExecutor loop) {
    this.loop = loop;
  }

  /** Refuses to wait on the event loop; called before anything is begun. */
  void check() {
    if (loop.inEventLoop()) {
      throw new BlockingOperationException("blocking call on the event loop of its connection");
    }
  }

  /**
   * Makes a call and waits for its outcome.
   *
   * @throws CancellationException if the thread is interrupted and the call could be withdrawn; the
   *     thread stays interrupted
   */
  <T> T await(Supplier<CompletableFuture<T>> call) {
    check();
    CompletableFuture<T> future = call.get();
    try {
      return future.get();
    } catch (InterruptedException interrupt) {
      return interrupted(future, interrupt);
    } catch (ExecutionException failed) {
      throw here(failed.getCause());
    }
  }

  /**
   * Makes a call and waits for its outcome for some time; does not wait if that is not positive.
   *
   * @throws TimeoutException if it took longer and the call was withdrawn
   */
  <T> T await(Supplier<CompletableFuture<T>> call, Duration timeout) throws TimeoutException {
    Objects.requireNonNull(timeout, "timeout");
    check();
    long nanos = TimeUnit.NANOSECONDS.convert(timeout); // caps what is too long
    CompletableFuture<T> future = call.get();
    try {
      return future.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      if (future.cancel(false)) {
        throw new TimeoutException("nothing within " + timeout);
      }
      return arriving(future);
    } catch (InterruptedException interrupt) {
      return interrupted(future, interrupt);
    } catch (ExecutionException failed) {
      throw here(failed.getCause());
    }
  }

  private static <T> T interrupted(CompletableFuture<T> future, InterruptedException interrupt) {
    Thread.currentThread().interrupt();
    if (future.cancel(false)) {
      CancellationException cancelled = new CancellationException("interrupted while waiting");
      cancelled.initCause(interrupt);
      throw cancelled;
    }
    return arriving(future);
  }

  /** What could not be withdrawn has come, or is on its way from the queue to here. */
  private static <T> T arriving(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException failed) {
      throw here(failed.getCause());
    }
  }

  /** Returns the failure as it is to be thrown here: with a stack trace that shows the caller. */
  private static RuntimeException here(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof ConnectionClosedException closed) {
      return closed.here();
    }
    if (failure instanceof ConcurrencyException) {
      return new ConcurrencyException(failure.getMessage());
    }
    if (failure.getClass() == IllegalStateException.class) {
      return new IllegalStateException(failure.getMessage(), failure);
    }
    return failure instanceof RuntimeException other ? other : new CompletionException(failure);
  }
}
