package io.github.websocketnetty;

/**
 * A whole message: {@link TextMessage} or {@link BinaryMessage}. Immutable and independent of any
 * buffer, so it may be kept and shared between threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.6">RFC 6455, section 5.6</a>
 */
public sealed interface Message permits TextMessage, BinaryMessage {
  /** Returns the type of the message. */
  MessageType type();

  /** Returns the payload, a text's as UTF-8; a copy, which the caller may change. */
  byte[] bytes();

  /** Returns the number of bytes of the payload. */
  int size();

  /**
   * Returns the payload as text, decoded on each call.
   *
   * @throws IllegalStateException if this is a {@link BinaryMessage} whose payload is not UTF-8
   */
  String text();
}
