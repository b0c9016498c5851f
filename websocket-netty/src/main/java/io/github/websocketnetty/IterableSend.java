package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.Objects;
import java.util.function.Function;

/**
 * A message with a fragment for each item of an iterable. It has one place in the line, from the
 * call on; its items are taken on the event loop when it is written.
 */
final class IterableSend<T> extends Send {
  private final Iterable<T> items;
  private final Function<T, ByteBuf> encode;
  private final WatchedFuture<Void> result;

  // Event loop only.
  private Iterator<T> iterator;
  private boolean isTaking;
  private Throwable thrown;

  /**
   * Creates the step.
   *
   * @param result what the user gets, which completes with this
   */
  IterableSend(
      EventExecutor loop,
      MessageType type,
      Iterable<T> items,
      Function<T, ByteBuf> encode,
      WatchedFuture<Void> result) {
    super(
        loop,
        Kind.ITEMS,
        type,
        new FragmentedMessage(type, null),
        Unpooled.EMPTY_BUFFER,
        null,
        null);
    this.items = items;
    this.encode = encode;
    this.result = result;
  }

  WatchedFuture<Void> result() {
    return result;
  }

  /** Returns whether the user wants it no more. */
  boolean isWithdrawn() {
    return result.isDone();
  }

  /**
   * Takes the next item, which runs the user's code.
   *
   * @return its payload, or null if there are no more
   */
  ByteBuf next() {
    isTaking = true;
    try {
      if (iterator == null) {
        takePayload(); // which is empty, but has kept room for one message
        iterator = Objects.requireNonNull(items.iterator(), "iterator is null");
      }
      return iterator.hasNext()
          ? encode.apply(Objects.requireNonNull(iterator.next(), "fragment is null"))
          : null;
    } finally {
      isTaking = false;
    }
  }

  /** Returns whether this is called by the iterator, which must not be called back. */
  boolean isTaking() {
    return isTaking;
  }

  /**
   * Takes note of what the iterator threw: the user gets this, whatever comes of the connection.
   */
  void threw(Throwable failure) {
    thrown = failure;
  }

  @Override
  void fail(Throwable closed) {
    if (thrown == null) {
      super.fail(closed);
      return;
    }
    if (thrown != closed) {
      thrown.addSuppressed(closed);
    }
    super.fail(thrown);
  }
}
