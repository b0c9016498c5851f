package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Receives one message after the other and hands each to an action, on the event loop. It is its
 * own future.
 *
 * <p>It is a loop, not a chain of stages: a chain of {@code thenCompose} keeps something for each
 * message while it waits, and overflows the stack when it does not. While the action's stages are
 * complete when they are returned, nothing is created for a message but the message.
 *
 * <p>Whoever completes it ends the loop. A message that was received by then still goes to the
 * action, so none is lost.
 *
 * <p>If the action fails and the future is not used, see {@link WatchedFuture}, the connection
 * fails: nothing would say that no more is received.
 */
final class MessageLoop extends WatchedFuture<Void> implements Receiver {
  private final ReceiveQueue queue;
  private final Function<? super Message, ? extends CompletionStage<?>> action;

  // Event loop only.
  private boolean isRunning;
  private boolean isWaiting;

  private MessageLoop(
      EventExecutor loop,
      ReceiveQueue queue,
      Function<? super Message, ? extends CompletionStage<?>> action) {
    super(loop);
    this.queue = queue;
    this.action = action;
  }

  /**
   * Calls {@code action} with each message.
   *
   * @return a future that completes when the connection is closed well, and fails with what ended
   *     the loop otherwise
   */
  static CompletableFuture<Void> forEach(
      EventExecutor loop, ReceiveQueue queue, Consumer<? super Message> action) {
    Function<Message, CompletionStage<?>> call =
        message -> {
          action.accept(message);
          return null; // nothing to wait for
        };
    return new MessageLoop(loop, queue, call).start();
  }

  /**
   * Calls {@code action} with each message, the next time when the stage that it returned is
   * complete.
   *
   * @return a future as that of {@link #forEach}
   */
  static CompletableFuture<Void> forEachAsync(
      EventExecutor loop,
      ReceiveQueue queue,
      Function<? super Message, ? extends CompletionStage<?>> action) {
    return new MessageLoop(loop, queue, action).start();
  }

  private MessageLoop start() {
    onLoop(this::run);
    return this;
  }

  private void run() {
    if (isRunning) {
      return; // called back by an action, behind which the loop goes on
    }
    isRunning = true;
    while (!isWaiting && !isDone()) {
      Frame next = queue.next(this);
      if (next != null) {
        act(next);
      }
    }
    isRunning = false;
  }

  /** The queue has nothing and will deliver what comes. */
  void waits() {
    isWaiting = true;
  }

  @Override
  public void deliver(Frame taken) {
    isWaiting = false;
    if (isRunning) {
      act(taken); // within a call of the queue, behind which the loop goes on
      return;
    }
    isRunning = true;
    act(taken);
    isRunning = false;
    run();
  }

  @Override
  public void deliver(MessageType type, byte[] payload) {
    isWaiting = false;
    if (isRunning) {
      act(type, payload);
      return;
    }
    isRunning = true;
    act(type, payload);
    isRunning = false;
    run();
  }

  private void act(Frame taken) {
    byte[] payload;
    try {
      payload = taken.join();
    } catch (RuntimeException | Error failure) {
      actionFailed(failure); // out of memory, for example
      return;
    }
    act(taken.type, payload);
  }

  private void act(MessageType type, byte[] payload) {
    try {
      CompletionStage<?> stage = action.apply(WholeMessage.message(type, payload));
      if (stage != null && !isSuccess(stage)) { // null means done at once
        isWaiting = true;
        stage.whenComplete((ignored, failure) -> onLoop(() -> acted(failure)));
      }
    } catch (Throwable failure) {
      isWaiting = false;
      actionFailed(failure);
    }
  }

  /** Only of stages that are known to have the methods; others may refuse to answer. */
  private static boolean isSuccess(CompletionStage<?> stage) {
    return (stage instanceof LoopFuture || stage.getClass() == CompletableFuture.class)
        && stage instanceof CompletableFuture<?> future
        && future.isDone()
        && !future.isCompletedExceptionally();
  }

  private void acted(Throwable failure) {
    isWaiting = false;
    if (failure != null) {
      actionFailed(failure);
    }
    run();
  }

  private void actionFailed(Throwable failure) {
    Throwable cause = bare(failure);
    if (queue.failure() != null && ClosedFailure.isCauseOf(cause)) {
      fail(cause); // the end of its connection is no failure of the action
      return;
    }
    boolean wasUsed = isUsed();
    if (super.completeExceptionally(cause)) {
      ifUnused(wasUsed, () -> queue.source().actionFailed(cause, true));
    } else {
      queue.source().actionFailed(cause, false); // the loop was ended before: this is told nowhere
    }
  }

  private static Throwable bare(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  @Override
  public Take<?> take() {
    return WholeMessage.BY_TYPE;
  }

  @Override
  public void detached() {
    // From the queue's point of view: we still know that we wait.
  }

  @Override
  public void fail(Throwable failure) {
    isWaiting = false;
    Throwable cause = bare(failure);
    if (cause instanceof ConnectionClosedOkException) {
      super.complete(null);
    } else {
      super.completeExceptionally(cause);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return withdrawn(() -> super.cancel(mayInterruptIfRunning));
  }

  @Override
  public boolean complete(Void value) {
    return withdrawn(() -> super.complete(value));
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return withdrawn(() -> super.completeExceptionally(failure));
  }

  @Override
  public CompletableFuture<Void> completeAsync(
      Supplier<? extends Void> supplier, Executor executor) {
    completeFrom(supplier, executor);
    return this;
  }

  @Override
  public void obtrudeValue(Void value) {
    withdrawn(
        () -> {
          super.obtrudeValue(value);
          return true;
        });
  }

  @Override
  public void obtrudeException(Throwable failure) {
    withdrawn(
        () -> {
          super.obtrudeException(failure);
          return true;
        });
  }

  /**
   * Makes room in the queue before others hear of the end, who may make use of it; and afterwards,
   * because until then the event loop may have gone on to wait for the next message.
   */
  private boolean withdrawn(BooleanSupplier end) {
    queue.withdraw(this);
    boolean isFirst = end.getAsBoolean();
    queue.withdraw(this);
    return isFirst;
  }

  private void onLoop(Runnable task) {
    if (loop().inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop().execute(task);
    } catch (RejectedExecutionException shutDown) {
      super.completeExceptionally(shutDown);
    }
  }
}
