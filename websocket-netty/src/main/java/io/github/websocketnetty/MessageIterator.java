package io.github.websocketnetty;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The messages that arrive from now on, until the connection is closed well. */
final class MessageIterator implements Iterator<Message> {
  private final BlockingConnection connection;

  /** Null unless {@link #hasNext} has received it. */
  private Message next;

  MessageIterator(BlockingConnection connection) {
    this.connection = connection;
  }

  @Override
  public boolean hasNext() {
    if (next != null) {
      return true;
    }
    try {
      next = connection.recv();
      return true;
    } catch (ConnectionClosedOkException end) {
      return false;
    }
  }

  @Override
  public Message next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the connection is closed");
    }
    Message message = next;
    next = null;
    return message;
  }
}
