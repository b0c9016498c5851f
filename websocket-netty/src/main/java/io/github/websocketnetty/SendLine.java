package io.github.websocketnetty;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Who is written next: messages in the order in which they came, and a fragmented one until its
 * end. Event loop only.
 *
 * <p>Of a fragmented message the first fragment stands in the line and the others behind it, so
 * that an open message finds its next frame however many others wait.
 */
final class SendLine {
  private final ArrayDeque<Send> line = new ArrayDeque<>();
  private FragmentedMessage open;

  void add(Send send) {
    FragmentedMessage message = send.message;
    if (message == null) {
      line.add(send);
    } else if (message.isInLine) {
      message.rest.add(send);
    } else {
      message.isInLine = true;
      line.add(send);
    }
  }

  /** Returns whether nobody waits and no message has begun. */
  boolean isEmpty() {
    return open == null && line.isEmpty();
  }

  boolean hasNext() {
    return open == null ? !line.isEmpty() : !open.rest.isEmpty();
  }

  /** Takes the next, or returns null. One of an iterable is next until {@link #itemsEnd}. */
  Send next() {
    if (open == null) {
      return openNext();
    }
    Send next = open.rest.peek();
    if (next == null || next.kind == Send.Kind.ITEMS) {
      return next;
    }
    open.rest.poll();
    if (next.isLastFrame()) {
      open = null;
    }
    return next;
  }

  private Send openNext() {
    Send first = line.poll();
    if (first != null) {
      open = first.message;
      if (first.kind == Send.Kind.ITEMS) {
        open.rest.add(first);
      }
    }
    return first;
  }

  /** Returns whether it is still the turn of an iterable, from which an item was taken. */
  boolean isTurnOf(IterableSend<?> send) {
    return open != null && open.rest.peek() == send;
  }

  /** The iterable whose turn it is has no more items. */
  void itemsEnd() {
    open.rest.clear();
    open = null;
  }

  /** Returns whether a message has begun that cannot be ended with what waits. */
  boolean isStuck() {
    return open != null && open.isBegun && !open.isOver && !isComplete(open.rest.peek());
  }

  /** Returns whether the items of an iterable can be taken now. */
  private static boolean isComplete(Send send) {
    return send instanceof IterableSend<?> items && !items.isTaking();
  }

  /** Returns whether a message has begun and not ended. */
  boolean isOpen() {
    return open != null && open.isBegun;
  }

  /** Takes a whole message out. Returns false if it does not wait here. */
  boolean remove(Send message) {
    return line.remove(message);
  }

  /** Takes a message out that has not begun. */
  List<Send> remove(FragmentedMessage message) {
    return open == message ? removeOpen() : removeFirsts(send -> send.message == message);
  }

  /** Takes the messages out that have not begun and whose end is not here. */
  List<Send> removeIncomplete() {
    List<Send> removed = new ArrayList<>();
    if (open != null && !open.isBegun && !isComplete(open.rest.peek())) {
      removed.addAll(removeOpen());
    }
    removed.addAll(
        removeFirsts(send -> send.message != null && !send.message.isOver && !isComplete(send)));
    return removed;
  }

  /** Takes the message out whose turn it is, and of which no frame was written. */
  private List<Send> removeOpen() {
    List<Send> removed = new ArrayList<>();
    open.moveRestTo(removed);
    open = null;
    return removed;
  }

  /** Takes all out. A message that has begun stays open for ever. */
  List<Send> removeAll() {
    List<Send> removed = new ArrayList<>();
    if (open != null) {
      open.moveRestTo(removed);
    }
    removed.addAll(removeFirsts(send -> true));
    return removed;
  }

  private List<Send> removeFirsts(Predicate<Send> isWanted) {
    List<Send> removed = new ArrayList<>();
    line.removeIf(
        send -> {
          boolean isRemoved = isWanted.test(send);
          if (isRemoved) {
            removed.add(send);
            if (send.message != null) {
              send.message.moveRestTo(removed);
            }
          }
          return isRemoved;
        });
    return removed;
  }
}
