package io.github.websocketnetty;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

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
    } else if (message.hasFragments) {
      message.rest.add(send);
    } else {
      message.hasFragments = true;
      line.add(send);
    }
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

  /** Takes a message out that has not begun. */
  List<Send> remove(FragmentedMessage message) {
    List<Send> removed = new ArrayList<>();
    for (Iterator<Send> sends = line.iterator(); sends.hasNext(); ) {
      Send send = sends.next();
      if (send.message == message) {
        sends.remove();
        removed.add(send);
      }
    }
    removed.addAll(message.rest);
    message.rest.clear();
    return removed;
  }

  /** Takes the messages out that have not begun and whose end is not here. */
  List<Send> removeIncomplete() {
    List<Send> removed = new ArrayList<>();
    for (Send send : List.copyOf(line)) {
      if (send.message != null && !send.message.isOver) {
        removed.addAll(remove(send.message));
      }
    }
    return removed;
  }

  /** Takes all out. A message that has begun stays open for ever. */
  List<Send> removeAll() {
    List<Send> removed = new ArrayList<>();
    if (open != null) {
      removed.addAll(open.rest);
      open.rest.clear();
    }
    for (Send send = line.poll(); send != null; send = line.poll()) {
      removed.add(send);
      if (send.message != null) {
        removed.addAll(send.message.rest);
        send.message.rest.clear();
      }
    }
    return removed;
  }
}
