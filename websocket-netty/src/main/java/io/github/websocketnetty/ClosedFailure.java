package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketClosed;

/** Makes the one exception that says how a connection ended. */
final class ClosedFailure {
  private ClosedFailure() {}

  static ConnectionClosedException of(WebSocketClosed end) {
    if (end.isOk()) {
      return new ConnectionClosedOkException(
          end.describe(), end.received(), end.sent(), end.receivedFirst(), end.cause(), false);
    }
    return new ConnectionClosedErrorException(
        end.describe(), end.received(), end.sent(), end.receivedFirst(), end.cause(), false);
  }
}
