package io.github.websocketnetty.conversation;

import io.github.websocketnetty.ConcurrencyException;
import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.Fragment;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.MessageReader;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the application of a party received, and how it is receiving. */
final class Inbox {
  private final Party party;
  private final List<Incoming> received = new ArrayList<>();
  private final List<CompletableFuture<?>> active = new ArrayList<>();
  private MessageReader reader;
  private ByteArrayOutputStream fragments;
  private int fragmentCount;
  private boolean hasStoppedWaiting;

  /** How many messages at most could not be delivered as text. */
  private int mostRefused;

  /** How many failures of a receive in the end are too many. */
  private int drains = 10_000;

  Inbox(Party party) {
    this.party = party;
  }

  List<Incoming> received() {
    return received;
  }

  int mostRefused() {
    return mostRefused;
  }

  /** Receives as text what need not be text. */
  void receiveText() {
    CompletableFuture<String> text =
        receive(
            "recvText",
            party.connection::recvText,
            each -> new Incoming(null, Content.utf8(each), true));
    text.whenComplete(
        (value, failure) -> {
          // Also if it was cancelled: between the verdict and the end of the connection it may be.
          boolean isTaken = !(Party.unwrapped(failure) instanceof ConcurrencyException);
          mostRefused += failure != null && isTaken ? 1 : 0;
        });
  }

  /** Waits for a message. */
  <T> CompletableFuture<T> receive(
      String what, Supplier<CompletableFuture<T>> call, Function<T, Incoming> form) {
    boolean isBusy = isBusy(); // the call may let arrive what the other waits for
    CompletableFuture<T> future = call.get();
    active.add(future);
    CompletableFuture<T> noted =
        future.whenComplete(
            (value, failure) -> {
              active.remove(future);
              if (failure == null) {
                received.add(form.apply(value));
              } else {
                checkTurn(what, failure, isBusy);
              }
            });
    return party.ask(what, noted, Inbox::isExpected);
  }

  static Incoming whole(Message message) {
    return new Incoming(message.type(), message.bytes(), true);
  }

  /** Notes what a loop received. */
  void note(Message message) {
    received.add(whole(message));
  }

  /** Runs a loop, which receives until it ends. */
  CompletableFuture<Void> loop(String what, Supplier<CompletableFuture<Void>> call) {
    boolean wasBusy = isBusy(); // the call may let arrive what the other waits for
    CompletableFuture<Void> future = call.get();
    active.add(future);
    CompletableFuture<Void> noted =
        future.whenComplete(
            (value, failure) -> {
              active.remove(future);
              checkTurn(what, failure, wasBusy || isBusy());
            });
    party.ask(what, noted, Inbox::isExpected);
    return future;
  }

  private boolean isBusy() {
    return !active.isEmpty() || reader != null;
  }

  /** Refused because of another receive is only right if there is one. */
  private void checkTurn(String what, Throwable failure, boolean isBusy) {
    if (Party.unwrapped(failure) instanceof ConcurrencyException && !isBusy) {
      party.complain(what + " was refused although nothing else receives");
    }
  }

  private static boolean isExpected(Throwable failure) {
    return failure instanceof ConcurrencyException
        || failure instanceof CancellationException
        || failure instanceof TimeoutException
        || failure instanceof Outbox.Trouble;
  }

  void open() {
    MessageReader opened;
    try {
      opened = party.connection.recvStreaming();
    } catch (ConcurrencyException busy) {
      checkTurn("recvStreaming", busy, isBusy());
      return;
    }
    if (reader != null) {
      party.complain("two readers at once");
    }
    reader = opened;
    fragments = new ByteArrayOutputStream();
    fragmentCount = 0;
  }

  boolean isReading() {
    return reader != null;
  }

  /** Receives a fragment. */
  CompletableFuture<Fragment> next() {
    MessageReader from = reader;
    CompletableFuture<Fragment> future = from.next();
    active.add(future);
    CompletableFuture<Fragment> noted =
        future.whenComplete(
            (fragment, failure) -> {
              active.remove(future);
              if (failure == null) {
                note(from, fragment);
              } else if (Party.unwrapped(failure) instanceof ConnectionClosedException) {
                reader = reader == from ? null : reader;
              } else {
                checkTurn("next", failure, isBusy());
              }
            });
    return party.ask("next", noted, Inbox::isExpected);
  }

  private void note(MessageReader from, Fragment fragment) {
    if (reader != from) {
      party.complain("fragment for a reader that is over");
      return;
    }
    fragments.writeBytes(fragment.bytes());
    fragmentCount++;
    if (fragment.isLast()) {
      reader = null;
      received.add(new Incoming(from.type(), fragments.toByteArray(), true));
    }
  }

  void discard() {
    MessageReader discarded = reader;
    reader = null;
    if (fragmentCount > 0) {
      received.add(new Incoming(discarded.type(), fragments.toByteArray(), false));
    }
    discarded.discard();
  }

  /** Returns what was asked for last and is not there, null for nothing. */
  private CompletableFuture<?> latest() {
    return active.isEmpty() ? null : active.get(active.size() - 1);
  }

  /** Returns whether a receive has ended before a message came. */
  boolean hasStoppedWaiting() {
    return hasStoppedWaiting;
  }

  void cancel() {
    CompletableFuture<?> latest = latest();
    if (latest != null) {
      hasStoppedWaiting = true;
      latest.cancel(false);
    }
  }

  /** Lets the latest time out, on another thread. */
  void timeout(int millis) {
    CompletableFuture<?> latest = latest();
    if (latest == null) {
      return;
    }
    hasStoppedWaiting = true;
    VirtualLoop loop = party.talk.loop();
    Runnable expire = () -> latest.completeExceptionally(new TimeoutException());
    loop.schedule(() -> loop.run(expire, true), millis, TimeUnit.MILLISECONDS);
  }

  /** Receives all that is left, until the end. */
  void drain() {
    CompletableFuture<?> latest = latest();
    if (latest != null) {
      latest.whenComplete((value, failure) -> drainSoon(failure));
    } else if (reader != null) {
      next().whenComplete((value, failure) -> drainSoon(failure));
    } else {
      receive("last recv", party.connection::recv, Inbox::whole)
          .whenComplete(
              (value, failure) -> {
                if (!(Party.unwrapped(failure) instanceof ConnectionClosedException)) {
                  drainSoon(failure); // also if somebody cancelled it
                }
              });
    }
  }

  private void drainSoon(Throwable failure) {
    if (failure != null && --drains == 0) {
      party.complain("receives for ever");
    } else if (drains > 0) {
      party.talk.loop().execute(this::drain);
    }
  }
}
