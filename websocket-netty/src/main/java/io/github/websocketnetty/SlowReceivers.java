package io.github.websocketnetty;

/**
 * What becomes of a broadcast for a connection that cannot take it at once, because its peer reads
 * too slowly.
 */
public enum SlowReceivers {
  /** The message waits behind the write limit, up to {@code maxPendingSendBytes}; then skipped. */
  QUEUE,

  /** The connection misses the message. */
  SKIP,

  /** The connection is failed with 1008. */
  CLOSE
}
