package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ProtocolException;

/**
 * A receive of data that could not be delivered. It waits for the end of the connection, which
 * fails for this.
 */
record RefusedReceive(ReceiveFuture<?> future, ProtocolException invalid) {
  /** Fails the receive, never reporting invalid data as a clean end. */
  void fail(ConnectionClosedException end) {
    boolean isSaid =
        end.sent().filter(status -> status.code() == CloseCode.INVALID_PAYLOAD).isPresent();
    future.fail(isSaid ? end : withCause(end));
  }

  private ConnectionClosedException withCause(ConnectionClosedException end) {
    return new ConnectionClosedErrorException(
        end.getMessage() + "; a message was not UTF-8: " + invalid.getMessage(),
        end.received().orElse(null),
        end.sent().orElse(null),
        end.receivedThenSent().orElse(null),
        invalid,
        false);
  }
}
