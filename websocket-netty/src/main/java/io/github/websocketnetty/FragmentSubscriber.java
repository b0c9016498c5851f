package io.github.websocketnetty;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends what a publisher gives, asking for one item at a time, at the pace of the peer. */
final class FragmentSubscriber<T> implements Flow.Subscriber<T> {
  /** After so many, others who use the event loop have their turn. */
  private static final int ITEMS_PER_TURN = 64;

  private final Executor loop;
  private final FragmentSender<T> sender;
  private final AtomicInteger requests = new AtomicInteger();
  private volatile Flow.Subscription subscription;

  /** Whether no more signals count: the publisher ended, or we cancelled. */
  private volatile boolean isOver;

  FragmentSubscriber(Executor loop, FragmentSender<T> sender) {
    this.loop = loop;
    this.sender = sender;
    sender.result().whenComplete((done, failure) -> cancel());
    sender.result().ownAttached();
  }

  void subscribeTo(Flow.Publisher<T> publisher) {
    try {
      publisher.subscribe(this);
    } catch (Throwable failure) {
      cancel();
      sender.sourceFails(failure);
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription offered) {
    Objects.requireNonNull(offered, "subscription is null");
    if (subscription != null || isOver) {
      cancel(offered);
      return;
    }
    subscription = offered;
    if (isOver) {
      cancel(offered); // cancelled while the subscription was stored
      return;
    }
    request();
  }

  @Override
  public void onNext(T item) {
    if (isOver && item != null) {
      return;
    }
    CompletableFuture<Void> sent;
    try {
      sent = sender.send(item);
    } catch (Throwable failure) {
      cancel();
      sender.sourceFails(failure);
      Objects.requireNonNull(item, "item is null"); // the rules want it thrown
      return;
    }
    sent.whenComplete(
        (done, failure) -> {
          if (failure == null) {
            requestInTurn();
          } else {
            giveUp(failure);
          }
        });
  }

  @Override
  public void onError(Throwable failure) {
    Objects.requireNonNull(failure, "failure is null");
    if (!isOver) {
      isOver = true;
      sender.sourceFails(failure);
    }
  }

  @Override
  public void onComplete() {
    if (!isOver) {
      isOver = true;
      sender.finish();
    }
  }

  private void requestInTurn() {
    if (requests.incrementAndGet() % ITEMS_PER_TURN != 0) {
      request();
      return;
    }
    try {
      loop.execute(this::request);
    } catch (RuntimeException rejected) {
      giveUp(rejected);
    }
  }

  private void request() {
    if (isOver) {
      return;
    }
    try {
      subscription.request(1);
    } catch (Throwable failure) {
      cancel();
      sender.sourceFails(failure);
    }
  }

  private void giveUp(Throwable failure) {
    cancel();
    sender.fail(failure);
  }

  private void cancel() {
    if (isOver) {
      return;
    }
    isOver = true;
    Flow.Subscription cancelled = subscription;
    if (cancelled != null) {
      cancel(cancelled);
    }
  }

  /** The message is given up also if the publisher's code fails. */
  private void cancel(Flow.Subscription cancelled) {
    try {
      cancelled.cancel();
    } catch (Throwable failure) {
      sender.cancelFails(failure);
    }
  }
}
