package io.github.websocketnetty;

import java.util.ArrayDeque;

/** How far a message that is sent in fragments has come. Event loop only, except where stated. */
final class FragmentedMessage {
  final MessageType type;

  /** Fragments behind the first. */
  final ArrayDeque<Send> rest = new ArrayDeque<>();

  /** Whether a fragment was accepted. */
  boolean hasFragments;

  /** Whether it was finished or given up, though its frames may still wait. */
  boolean isOver;

  /** Whether a frame was written. Read by any thread. */
  volatile boolean isBegun;

  FragmentedMessage(MessageType type) {
    this.type = type;
  }
}
