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

  /** Takes the next, or returns null. */
  Send next() {
    if (open == null) {
      Send first = line.poll();
      open = first == null ? null : first.message;
      return first;
    }
    Send next = open.rest.poll();
    if (next != null && next.isLastFrame()) {
      open = null;
    }
    return next;
  }

  /** Returns whether a message has begun that cannot be ended with what waits. */
  boolean isStuck() {
    return open != null && !open.isOver;
  }

  /** Returns whether a message has begun and not ended. */
  boolean isOpen() {
    return open != null;
  }

  /** Takes a whole message out. Returns false if it does not wait here. */
  boolean remove(Send message) {
    return line.remove(message);
  }

  /** Takes a message out that has not begun. */
  List<Send> remove(FragmentedMessage message) {
    return removeFirsts(send -> send.message == message);
  }

  /** Takes the messages out that have not begun and whose end is not here. */
  List<Send> removeIncomplete() {
    return removeFirsts(send -> send.message != null && !send.message.isOver);
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
