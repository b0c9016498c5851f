package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;

/** What a receive takes out of the queue, and what it makes of it. */
interface Take<T> {
  /** Returns why this may not take now, or null. Under the queue's lock. */
  RuntimeException refusal(boolean isWaiting, boolean isStreaming);

  /** Returns whether what this takes is there. Under the queue's lock. */
  boolean isReady(FrameQueue frames);

  /** Takes it. Under the queue's lock. */
  Frame from(FrameQueue frames);

  /** Takes note that it will never be there. Under the queue's lock. */
  void ended(FrameQueue frames, ConnectionClosedException failure);

  /**
   * Makes the result of what was taken. Without the lock.
   *
   * @throws ProtocolException with the code to fail the connection with
   */
  T decode(Frame taken);
}
