package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Receives one message after the other and hands each to an action, on the event loop.
 *
 * <p>It is a loop, not a chain of stages: a chain of {@code thenCompose} keeps something for each
 * message while it waits, and overflows the stack when it does not.
 *
 * <p>Cancelling the result ends the loop. A message that was received by then still goes to the
 * action, so none is lost.
 */
final class MessageLoop {
  private final EventExecutor loop;
  private final Supplier<CompletableFuture<Message>> receive;

  /** Returns null where there is nothing to wait for. */
  private final Function<? super Message, ? extends CompletionStage<?>> action;

  private final CompletableFuture<Void> done;

  /** The receive that waits, for whoever cancels. */
  private volatile CompletableFuture<Message> receiving;

  // Event loop only.
  private boolean isRunning;
  private boolean isWaiting;

  private MessageLoop(
      EventExecutor loop,
      Supplier<CompletableFuture<Message>> receive,
      Function<? super Message, ? extends CompletionStage<?>> action) {
    this.loop = loop;
    this.receive = receive;
    this.action = action;
    done = new LoopFuture<>(loop);
  }

  /**
   * Calls {@code action} with each message.
   *
   * @param receive starts a receive
   * @return a future that completes when the connection is closed well, and fails with what ended
   *     the loop otherwise
   */
  static CompletableFuture<Void> forEach(
      EventExecutor loop,
      Supplier<CompletableFuture<Message>> receive,
      Consumer<? super Message> action) {
    Function<Message, CompletionStage<?>> call =
        message -> {
          action.accept(message);
          return null;
        };
    return new MessageLoop(loop, receive, call).start();
  }

  /**
   * Calls {@code action} with each message, the next time when the stage that it returned is
   * complete.
   *
   * @param receive starts a receive
   * @return a future as that of {@link #forEach}
   */
  static CompletableFuture<Void> forEachAsync(
      EventExecutor loop,
      Supplier<CompletableFuture<Message>> receive,
      Function<? super Message, ? extends CompletionStage<?>> action) {
    Function<Message, CompletionStage<?>> call =
        message -> {
          CompletionStage<?> stage = action.apply(message);
          if (stage == null) {
            throw new NullPointerException("the action returned no stage");
          }
          return stage;
        };
    return new MessageLoop(loop, receive, call).start();
  }

  private CompletableFuture<Void> start() {
    done.whenComplete((nothing, failure) -> withdraw());
    onLoop(this::run);
    return done;
  }

  private void run() {
    if (isRunning) {
      return; // called back by a step, behind which the loop goes on
    }
    isRunning = true;
    while (!isWaiting && !done.isDone()) {
      step();
    }
    isRunning = false;
  }

  private void step() {
    CompletableFuture<Message> next = receive.get();
    if (next.isDone()) {
      received(next);
      return;
    }
    isWaiting = true;
    receiving = next;
    next.whenComplete((message, failure) -> onLoop(() -> goOn(next)));
    if (done.isDone()) {
      withdraw(); // who completed it may have looked before there was anything
    }
  }

  private void goOn(CompletableFuture<Message> next) {
    receiving = null;
    isWaiting = false;
    received(next);
    run();
  }

  private void received(CompletableFuture<Message> next) {
    Message message;
    try {
      message = next.join();
    } catch (CompletionException | CancellationException failure) {
      end(failure);
      return;
    }
    try {
      CompletionStage<?> stage = action.apply(message);
      if (stage != null) {
        isWaiting = true;
        stage.whenComplete((ignored, failure) -> onLoop(() -> acted(failure)));
      }
    } catch (Throwable failure) {
      isWaiting = false;
      end(failure);
    }
  }

  private void acted(Throwable failure) {
    isWaiting = false;
    if (failure != null) {
      end(failure);
    }
    run();
  }

  private void end(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof ConnectionClosedOkException) {
      done.complete(null);
    } else {
      done.completeExceptionally(cause);
    }
  }

  private void withdraw() {
    CompletableFuture<Message> waiting = receiving;
    if (waiting != null) {
      waiting.cancel(false);
    }
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException shutDown) {
      done.completeExceptionally(shutDown);
    }
  }
}
