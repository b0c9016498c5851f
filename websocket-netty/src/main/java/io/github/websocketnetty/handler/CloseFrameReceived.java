package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseStatus;
import java.util.Objects;

/**
 * User event: the peer's close frame has arrived. Fired at most once for each connection by {@link
 * WebSocketCloseHandler}, on the event loop, before the frame is answered, if it is, and before it
 * is passed on where {@link WebSocketPipeline.Builder#handleCloseFrames} says so. Nothing more is
 * received on this connection. Its end, which needs TCP to end as well, is told later by {@link
 * WebSocketClosed}: where it matters that somebody has left, as in a chat, this event is sooner, by
 * up to the close timeout. It is not fired if TCP ends without a close frame. Immutable.
 *
 * @param status what the close frame said; 1005 if it said nothing
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1">RFC 6455, section 5.5.1</a>
 */
public record CloseFrameReceived(CloseStatus status) {
  /** Checks that there is a status. */
  public CloseFrameReceived {
    Objects.requireNonNull(status, "status");
  }
}
