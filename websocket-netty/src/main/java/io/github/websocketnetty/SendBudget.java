package io.github.websocketnetty;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds what waits to be sent. May be used from any thread. */
final class SendBudget {
  /** An empty message costs memory as well, so their number is bounded in proportion. */
  private static final int BYTES_PER_MESSAGE = 256;

  private static final int MESSAGES_ALWAYS = 1024;

  private final long maxBytes;
  private final long maxMessages;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();

  SendBudget(long maxBytes) {
    this.maxBytes = maxBytes;
    maxMessages = Math.max(MESSAGES_ALWAYS, maxBytes / BYTES_PER_MESSAGE);
  }

  /** Returns why there is no room for so many bytes, or null, after which the room is taken. */
  SendQueueFullException reserve(int size) {
    if (messages.incrementAndGet() > maxMessages) {
      messages.decrementAndGet();
      return new SendQueueFullException(
          maxMessages + " messages wait to be sent already, more may not");
    }
    long waiting;
    do {
      waiting = bytes.get();
      // One alone is accepted whatever its size: there may be no smaller way to say it.
      if (waiting > 0 && size > maxBytes - waiting) {
        messages.decrementAndGet();
        return full(size, waiting);
      }
    } while (!bytes.compareAndSet(waiting, waiting + size));
    return null;
  }

  /** Frees the room of a message that does not wait any more. */
  void free(int size) {
    freeBytes(size);
    messages.decrementAndGet();
  }

  /** Frees the bytes of a message whose future goes on waiting, and is counted. */
  void freeBytes(int size) {
    bytes.addAndGet(-size);
  }

  long bytes() {
    return bytes.get();
  }

  private SendQueueFullException full(int size, long waiting) {
    return new SendQueueFullException(
        "message of "
            + size
            + " bytes refused: "
            + waiting
            + " bytes wait to be sent, at most "
            + maxBytes
            + " may");
  }
}
