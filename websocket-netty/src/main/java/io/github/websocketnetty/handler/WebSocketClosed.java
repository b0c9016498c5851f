package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseHandshake;
import io.github.websocketnetty.protocol.CloseStatus;

/**
 * User event: the connection is closed. Fired exactly once by {@link WebSocketCloseHandler}, right
 * before {@code channelInactive}. Immutable.
 *
 * @param received what the peer's close frame said, or null if none was received
 * @param sent what our close frame said, or null if none was sent. One that was still waiting when
 *     the connection ended, or whose write failed, was not sent: only what was handed to the
 *     operating system was
 * @param receivedFirst whether the peer's close frame came before ours; null unless there were both
 * @param cause the first thing that went wrong, or null
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1.4">RFC 6455, sections 7.1.4 to
 *     7.1.6</a>
 */
public record WebSocketClosed(
    CloseStatus received, CloseStatus sent, Boolean receivedFirst, Throwable cause) {
  /** Returns whether both sides closed, each with a code that says all is well. */
  public boolean isOk() {
    return CloseHandshake.isOk(received, sent);
  }

  /** Returns the code the peer closed with, {@link CloseCode#ABNORMAL_CLOSURE} if it did not. */
  public int closeCode() {
    return received == null ? CloseCode.ABNORMAL_CLOSURE : received.code();
  }

  /** Returns the reason the peer closed with, empty if it gave none. */
  public String closeReason() {
    return received == null ? "" : received.reason();
  }

  /** Returns how it ended, such as {@code received 1000 (OK); then sent 1000 (OK)}. */
  public String describe() {
    return CloseHandshake.describe(received, sent, receivedFirst);
  }
}
