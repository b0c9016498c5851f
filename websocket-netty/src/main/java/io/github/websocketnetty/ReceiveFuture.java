package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A receive. Whoever completes it from outside (a cancel, a timeout) withdraws it from the queue
 * first, so that it is delivered or withdrawn, never both.
 */
final class ReceiveFuture<T> extends LoopFuture<T> implements Receiver {
  private final ReceiveQueue queue;
  private final Take<T> take;

  /** Whether the queue alone may complete this. Guarded by the queue's lock. */
  boolean isTaken;

  ReceiveFuture(EventExecutor loop, ReceiveQueue queue, Take<T> take) {
    super(loop);
    this.queue = queue;
    this.take = take;
  }

  @Override
  public Take<T> take() {
    return take;
  }

  @Override
  public void detached() {
    isTaken = true;
  }

  @Override
  public void deliver(Frame taken) {
    T value;
    try {
      value = take.decode(taken);
    } catch (ProtocolException invalid) {
      queue.refuse(this, invalid);
      return;
    } catch (RuntimeException | Error failure) {
      fail(failure); // out of memory, for example
      return;
    }
    super.complete(value);
  }

  @Override
  public void deliver(MessageType type, byte[] payload) {
    T value;
    try {
      value = ((WholeMessage<T>) take).decode(type, payload);
    } catch (ProtocolException invalid) {
      queue.refuse(this, invalid);
      return;
    } catch (RuntimeException | Error failure) {
      fail(failure);
      return;
    }
    super.complete(value);
  }

  @Override
  public void fail(Throwable failure) {
    super.completeExceptionally(failure);
  }

  /** Cancels. Called by the queue, without the lock. */
  void drop() {
    super.cancel(false);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (queue.withdraw(this)) {
      super.cancel(mayInterruptIfRunning);
    }
    return isCancelled();
  }

  @Override
  public boolean complete(T value) {
    return queue.withdraw(this) && super.complete(value);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return queue.withdraw(this) && super.completeExceptionally(failure);
  }

  @Override
  public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
    completeFrom(supplier, executor);
    return this;
  }

  @Override
  public void obtrudeValue(T value) {
    throw new UnsupportedOperationException("a receive has one outcome");
  }

  @Override
  public void obtrudeException(Throwable failure) {
    throw new UnsupportedOperationException("a receive has one outcome");
  }
}
