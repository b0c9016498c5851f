package io.github.websocketnetty.protocol;

/**
 * The role of an endpoint. It decides who masks and who closes the TCP connection first.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.1">RFC 6455, sections 5.1 and
 *     7.1.1</a>
 */
public enum Side {
  /** Accepts the opening handshake, never masks, closes TCP first. */
  SERVER,
  /** Starts the opening handshake, masks every frame, waits for the server to close TCP. */
  CLIENT;

  /** Returns whether frames sent by this side are masked; frames it receives are then not. */
  public boolean masks() {
    return this == CLIENT;
  }

  /** Returns whether this side ends the TCP connection first once the closing handshake is over. */
  public boolean closesTcpFirst() {
    return this == SERVER;
  }

  /** Returns the other side. */
  public Side peer() {
    return this == SERVER ? CLIENT : SERVER;
  }
}
