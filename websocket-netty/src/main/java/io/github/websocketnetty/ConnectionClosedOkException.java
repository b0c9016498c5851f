package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;

/**
 * The connection was closed well: close frames were exchanged, and both say 1000, 1001 or nothing.
 */
public final class ConnectionClosedOkException extends ConnectionClosedException {
  private static final long serialVersionUID = 1L;

  ConnectionClosedOkException(
      String message,
      CloseStatus received,
      CloseStatus sent,
      Boolean receivedFirst,
      Throwable cause,
      boolean writableStackTrace) {
    super(message, received, sent, receivedFirst, cause, writableStackTrace);
  }

  @Override
  ConnectionClosedException here() {
    return new ConnectionClosedOkException(
        getMessage(),
        received().orElse(null),
        sent().orElse(null),
        receivedThenSent().orElse(null),
        getCause(),
        true);
  }
}
