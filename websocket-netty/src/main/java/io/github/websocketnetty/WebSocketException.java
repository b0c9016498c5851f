package io.github.websocketnetty;

/** What goes wrong with a connection; unchecked, because it travels inside futures. */
public abstract class WebSocketException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WebSocketException(String message, Throwable cause) {
    super(message, cause);
  }

  WebSocketException(String message, Throwable cause, boolean writableStackTrace) {
    super(message, cause, true, writableStackTrace);
  }
}
