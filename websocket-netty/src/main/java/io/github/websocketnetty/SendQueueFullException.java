package io.github.websocketnetty;

/**
 * A message was not accepted because too much payload waits to be sent already. The connection is
 * unharmed; the message may be sent again later.
 *
 * @see ConnectionOptions.Builder#maxPendingSendBytes
 */
public final class SendQueueFullException extends WebSocketException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message how much was to be sent, how much waits and what the limit is
   */
  public SendQueueFullException(String message) {
    super(message, null);
  }
}
