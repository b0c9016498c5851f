package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Sends what an iterator gives, on the executor that may run it, at the pace of the peer. */
final class FragmentPump<T> implements Runnable {
  /** After so many, others who use the executor have their turn. */
  private static final int ITEMS_PER_TURN = 64;

  private final Iterable<T> items;
  private final Executor executor;
  private final FragmentSender<T> sender;

  /** Null before the first turn. Turns do not overlap. */
  private Iterator<T> iterator;

  FragmentPump(Iterable<T> items, Executor executor, FragmentSender<T> sender) {
    this.items = items;
    this.executor = executor;
    this.sender = sender;
  }

  /** Begins at once on an event loop, which keeps the order of its calls. */
  void start() {
    if (executor instanceof EventExecutor loop && loop.inEventLoop()) {
      run();
    } else {
      resume();
    }
  }

  @Override
  public void run() {
    try {
      if (iterator == null) {
        iterator = items.iterator();
      }
      sendItems();
    } catch (Throwable failure) {
      sender.sourceFails(failure);
    }
  }

  private void sendItems() {
    for (int i = 0; i < ITEMS_PER_TURN; i++) {
      if (sender.result().isDone()) {
        return; // cancelled
      }
      if (!iterator.hasNext()) {
        sender.finish();
        return;
      }
      CompletableFuture<Void> sent = sender.send(iterator.next());
      if (!sent.isDone() || sent.isCompletedExceptionally()) {
        sent.whenComplete((done, failure) -> sent(failure));
        return;
      }
    }
    resume();
  }

  private void sent(Throwable failure) {
    if (failure == null) {
      resume();
    } else {
      sender.fail(failure);
    }
  }

  private void resume() {
    try {
      executor.execute(this);
    } catch (Throwable rejected) { // an Error too, as where no thread can be made
      sender.sourceFails(rejected);
    }
  }
}
