package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketClosed;

/** Makes and finds the exception that says how a connection ended. */
final class ClosedFailure {
  /** Causes may go round in circles. */
  private static final int MAX_DEPTH = 16;

  private ClosedFailure() {}

  /** Returns whether the end of a connection is among the causes: streams and stages wrap it. */
  static boolean isCauseOf(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof ConnectionClosedException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  static ConnectionClosedException of(WebSocketClosed end) {
    if (end.isOk()) {
      return new ConnectionClosedOkException(
          end.describe(), end.received(), end.sent(), end.receivedFirst(), end.cause(), false);
    }
    return new ConnectionClosedErrorException(
        end.describe(), end.received(), end.sent(), end.receivedFirst(), end.cause(), false);
  }
}
