package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;

/** The connection was not closed well: a close frame is missing, or one names a failure. */
public final class ConnectionClosedErrorException extends ConnectionClosedException {
  private static final long serialVersionUID = 1L;

  ConnectionClosedErrorException(
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
    return new ConnectionClosedErrorException(
        getMessage(),
        received().orElse(null),
        sent().orElse(null),
        receivedThenSent().orElse(null),
        getCause(),
        true);
  }
}
