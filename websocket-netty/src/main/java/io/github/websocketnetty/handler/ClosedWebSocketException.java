package io.github.websocketnetty.handler;

import java.nio.channels.ClosedChannelException;

/**
 * A frame cannot be sent, or a pong not be awaited, because of the closing handshake. Without a
 * stack trace: one may be made for every refused frame.
 */
final class ClosedWebSocketException extends ClosedChannelException {
  private static final long serialVersionUID = 1L;

  private final String message;

  ClosedWebSocketException(String message, Throwable cause) {
    this.message = message;
    initCause(cause);
  }

  @Override
  public String getMessage() {
    return message;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
