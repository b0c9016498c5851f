package io.github.websocketnetty.conversation;

/** Something that a step of a program can do. */
interface Act {
  /** Does it; what the numbers mean is said where it is defined. */
  void run(Party party, int a, int b);

  /** Returns the name of its constant. */
  String name();

  /**
   * Returns whether a conversation of nothing but such acts must end well, with every message
   * delivered.
   */
  boolean isTame();
}
