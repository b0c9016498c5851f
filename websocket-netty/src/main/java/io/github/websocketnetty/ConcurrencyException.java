package io.github.websocketnetty;

/**
 * Two calls that exclude each other were made at once: two receives, or two pings with the same
 * payload. The earlier call and the connection are unharmed.
 */
public final class ConcurrencyException extends WebSocketException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what was called while what was running
   */
  public ConcurrencyException(String message) {
    super(message, null);
  }
}
