package io.github.websocketnetty.protocol;

import java.util.Objects;

/**
 * The peer violated a rule or a limit: carries the close code and the reason that tell it so.
 *
 * <p>It has no stack trace, because the mistake was made elsewhere and a hostile peer could make us
 * collect many.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.1.7">RFC 6455, section 7.1.7</a>
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int closeCode;

  /**
   * Creates an exception.
   *
   * @param closeCode the code for the close frame, one of {@link CloseCode}'s that may be sent
   * @param reason what was wrong, with the value and the limit; also the reason of the close frame,
   *     at most {@link CloseStatus#MAX_REASON_BYTES} bytes of it
   * @throws IllegalArgumentException if the code may not stand in a close frame
   */
  public ProtocolException(int closeCode, String reason) {
    super(Objects.requireNonNull(reason, "reason"), null, false, false);
    if (!CloseCode.isValidOnWire(closeCode)) {
      throw new IllegalArgumentException(
          "close code is " + closeCode + ", must be 1000 to 1003, 1007 to 1014 or 3000 to 4999");
    }
    this.closeCode = closeCode;
  }

  /** Returns the close code that names the kind of violation to the peer. */
  public int closeCode() {
    return closeCode;
  }

  /** Creates the exception for a violation of the protocol, code 1002. */
  public static ProtocolException violation(String reason) {
    return new ProtocolException(CloseCode.PROTOCOL_ERROR, reason);
  }

  /** Creates the exception for data that contradicts its type, code 1007. */
  public static ProtocolException invalidPayload(String reason) {
    return new ProtocolException(CloseCode.INVALID_PAYLOAD, reason);
  }

  /** Creates the exception for a message beyond a limit, code 1009. */
  public static ProtocolException tooBig(String reason) {
    return new ProtocolException(CloseCode.MESSAGE_TOO_BIG, reason);
  }
}
