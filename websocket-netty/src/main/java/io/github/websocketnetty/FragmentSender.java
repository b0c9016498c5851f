package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends the items of a source as the fragments of a message, and says how it ended. Any thread, one
 * at a time.
 */
final class FragmentSender<T> {
  private final FragmentWriter writer;
  private final Function<T, ByteBuf> encode;
  private final WatchedFuture<Void> result;
  private final Consumer<Throwable> sourceFailed;
  private final Consumer<Throwable> log;
  private final AtomicBoolean isFailing = new AtomicBoolean();

  /**
   * Creates a sender.
   *
   * @param result what the user gets; who cancels it gives the message up
   * @param sourceFailed told why the user's code failed, of which the result tells, too
   * @param log told what the result does not tell
   */
  FragmentSender(
      FragmentWriter writer,
      Function<T, ByteBuf> encode,
      WatchedFuture<Void> result,
      Consumer<Throwable> sourceFailed,
      Consumer<Throwable> log) {
    this.writer = writer;
    this.encode = encode;
    this.result = result;
    this.sourceFailed = sourceFailed;
    this.log = log;
    result.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            writer.abort(failure); // nothing, if it was us who completed it
          }
        });
    result.ownAttached();
  }

  WatchedFuture<Void> result() {
    return result;
  }

  /** Sends an item; throws what encoding it throws. */
  CompletableFuture<Void> send(T item) {
    return writer.write(encode.apply(Objects.requireNonNull(item, "fragment is null")));
  }

  void finish() {
    writer.finish().whenComplete((done, failure) -> settle(result, failure));
  }

  /** Completes the result as a step did. */
  static void settle(CompletableFuture<Void> result, Throwable failure) {
    if (failure == null) {
      result.complete(null);
    } else {
      result.completeExceptionally(failure);
    }
  }

  /** Gives up because the user's code failed. */
  void sourceFails(Throwable failure) {
    if (!isFailing.get()) {
      sourceFailed.accept(failure);
    }
    fail(failure);
  }

  /** The user's code failed when it was told that no more is wanted. */
  void cancelFails(Throwable failure) {
    log.accept(failure);
  }

  /** Gives up. The user gets the first failure, whatever becomes of the connection. */
  void fail(Throwable failure) {
    if (!isFailing.compareAndSet(false, true)) {
      return;
    }
    writer
        .abort(failure)
        .whenComplete(
            (done, closed) -> {
              if (closed != null && closed != failure) {
                failure.addSuppressed(closed);
              }
              result.completeExceptionally(failure);
            });
  }
}
