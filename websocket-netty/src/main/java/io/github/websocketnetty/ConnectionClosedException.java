package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;
import java.util.Optional;

/**
 * The connection is closed. Says how, from both sides; {@link #getCause} is the first thing that
 * went wrong, if anything did.
 *
 * <p>It is an {@link ConnectionClosedOkException} if close frames were exchanged and both codes are
 * 1000, 1001 or none, else a {@link ConnectionClosedErrorException}. One instance serves all
 * futures of a connection, without a stack trace; blocking calls throw a copy with the caller's.
 */
public abstract sealed class ConnectionClosedException extends WebSocketException
    permits ConnectionClosedOkException, ConnectionClosedErrorException {
  private static final long serialVersionUID = 1L;

  private final transient CloseStatus received;
  private final transient CloseStatus sent;
  private final Boolean receivedFirst;

  ConnectionClosedException(
      String message,
      CloseStatus received,
      CloseStatus sent,
      Boolean receivedFirst,
      Throwable cause,
      boolean writableStackTrace) {
    super(message, cause, writableStackTrace);
    this.received = received;
    this.sent = sent;
    this.receivedFirst = receivedFirst;
  }

  /** Returns what the peer's close frame said; empty if none was received. */
  public Optional<CloseStatus> received() {
    return Optional.ofNullable(received);
  }

  /**
   * Returns what our close frame said; empty if none was sent. A close frame that was still waiting
   * behind other data when the connection ended, or whose write failed, was not sent: only what was
   * handed to the operating system was. Whether the peer got it is another matter.
   */
  public Optional<CloseStatus> sent() {
    return Optional.ofNullable(sent);
  }

  /**
   * Returns whether the peer's close frame came before ours was sent; empty unless both frames
   * exist.
   */
  public Optional<Boolean> receivedThenSent() {
    return Optional.ofNullable(receivedFirst);
  }

  /** Returns the same failure with the stack trace of the calling thread. */
  abstract ConnectionClosedException here();
}
