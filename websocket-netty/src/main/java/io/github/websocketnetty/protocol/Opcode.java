package io.github.websocketnetty.protocol;

/**
 * The six opcodes as they stand in the lower four bits of a frame's first byte.
 *
 * <p>They are {@code int} constants because the parser compares them for every frame.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.2">RFC 6455, section 5.2</a>
 */
public final class Opcode {
  /** A further fragment of the message begun by {@link #TEXT} or {@link #BINARY}. */
  public static final int CONTINUATION = 0x0;

  /** A text message or its first fragment. */
  public static final int TEXT = 0x1;

  /** A binary message or its first fragment. */
  public static final int BINARY = 0x2;

  /** The close frame. */
  public static final int CLOSE = 0x8;

  /** A ping, to be answered with a {@link #PONG}. */
  public static final int PING = 0x9;

  /** The answer to a {@link #PING}, or an unsolicited sign of life. */
  public static final int PONG = 0xA;

  /** One bit per known opcode, at the position of its value. */
  private static final int KNOWN =
      1 << CONTINUATION | 1 << TEXT | 1 << BINARY | 1 << CLOSE | 1 << PING | 1 << PONG;

  private Opcode() {}

  /** Returns whether {@code opcode}, 0 to 15, belongs to a control frame, known or reserved. */
  public static boolean isControl(int opcode) {
    return (opcode & 0x8) != 0;
  }

  /** Returns whether {@code opcode}, 0 to 15, is defined by RFC 6455. */
  public static boolean isKnown(int opcode) {
    return (KNOWN >>> opcode & 1) != 0;
  }

  /** Returns the name of {@code opcode} for messages and logs. */
  public static String name(int opcode) {
    return switch (opcode) {
      case CONTINUATION -> "CONT";
      case TEXT -> "TEXT";
      case BINARY -> "BINARY";
      case CLOSE -> "CLOSE";
      case PING -> "PING";
      case PONG -> "PONG";
      default -> "opcode " + opcode;
    };
  }
}
