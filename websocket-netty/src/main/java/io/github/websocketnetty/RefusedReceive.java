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
    boolean isSent =
        end.sent().filter(status -> status.code() == CloseCode.INVALID_PAYLOAD).isPresent();
    future.fail(isSent || isCauseOf(end) ? end : withCause(end));
  }

  private static boolean isCauseOf(ConnectionClosedException end) {
    return end.getCause() instanceof ProtocolException cause
        && cause.closeCode() == CloseCode.INVALID_PAYLOAD;
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
