package io.github.websocketnetty.protocol;

/**
 * The states of a WebSocket connection, passed through in this order; {@link #CLOSING} may be
 * skipped.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1">RFC 6455, sections 4 and
 *     7.1</a>
 */
public enum ConnectionState {
  /** The opening handshake is in progress. */
  CONNECTING,
  /** Messages can be sent and received. */
  OPEN,
  /** A close frame was written; nothing more can be sent. */
  CLOSING,
  /** The TCP connection is gone, or its input ended. */
  CLOSED
}
