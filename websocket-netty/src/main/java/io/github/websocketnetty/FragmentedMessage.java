package io.github.websocketnetty;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;

/** How far a message that is sent in fragments has come. Event loop only, except where stated. */
final class FragmentedMessage {
  final MessageType type;
  final Boolean compress; // null unless it was chosen

  /** Fragments behind the first. */
  final ArrayDeque<Send> rest = new ArrayDeque<>();

  /** Whether a fragment came to the gate. */
  boolean hasFragments;

  /** Whether its first fragment came to the line. */
  boolean isInLine;

  /** Whether it was finished or given up, though its frames may still wait. */
  boolean isOver;

  /** Whether a fragment was refused because the connection has ended. Set by any thread. */
  volatile boolean isTooLate;

  /** Whether a frame was written. Read by any thread. */
  volatile boolean isBegun;

  FragmentedMessage(MessageType type, Boolean compress) {
    this.type = Objects.requireNonNull(type, "type");
    this.compress = compress;
  }

  void moveRestTo(List<Send> others) {
    others.addAll(rest);
    rest.clear();
  }
}
