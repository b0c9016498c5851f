package io.github.websocketnetty;

/** Who waits in the receive queue: a single receive, or a loop. */
interface Receiver {
  /** Returns what this takes. */
  Take<?> take();

  /** From now on the queue alone decides about this receive. Under the queue's lock. */
  void detached();

  /** Hands over what was taken. Called by the queue on the event loop, without the lock. */
  void deliver(Frame taken);

  /**
   * Hands over a whole message that never stood in the queue; only to one that takes such. Called
   * by the queue on the event loop, without the lock.
   */
  void deliver(MessageType type, byte[] payload);

  /** Fails. Called by the queue, without the lock. */
  void fail(Throwable failure);
}
