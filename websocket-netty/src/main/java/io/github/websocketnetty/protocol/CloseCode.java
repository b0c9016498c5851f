package io.github.websocketnetty.protocol;

/**
 * Close codes, and which of them may travel in a close frame.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7.4">RFC 6455, section 7.4</a> and
 *     the IANA registry of close codes
 */
public final class CloseCode {
  /** The purpose of the connection was fulfilled. */
  public static final int NORMAL_CLOSURE = 1000;

  /** A server goes down or a browser leaves the page. */
  public static final int GOING_AWAY = 1001;

  /** The peer violated the protocol. */
  public static final int PROTOCOL_ERROR = 1002;

  /** The peer sent a type of message that cannot be accepted. */
  public static final int UNSUPPORTED_DATA = 1003;

  /** Reported when a close frame had no code; never sent. */
  public static final int NO_STATUS_RECEIVED = 1005;

  /** Reported when no close frame was received; never sent. */
  public static final int ABNORMAL_CLOSURE = 1006;

  /** A message contradicts its type, for example text that is not UTF-8. */
  public static final int INVALID_PAYLOAD = 1007;

  /** A message violates a policy, when no other code fits. */
  public static final int POLICY_VIOLATION = 1008;

  /** A message is larger than the receiver accepts. */
  public static final int MESSAGE_TOO_BIG = 1009;

  /** The server did not negotiate an extension that the client needs. */
  public static final int MANDATORY_EXTENSION = 1010;

  /** The endpoint met a condition it did not expect. */
  public static final int INTERNAL_ERROR = 1011;

  /** The server restarts. */
  public static final int SERVICE_RESTART = 1012;

  /** The server is overloaded; try again later. */
  public static final int TRY_AGAIN_LATER = 1013;

  /** A gateway got an invalid answer from the server behind it. */
  public static final int BAD_GATEWAY = 1014;

  /** Reported when the TLS handshake failed; never sent. */
  public static final int TLS_HANDSHAKE = 1015;

  private CloseCode() {}

  /**
   * Returns whether {@code code} may stand in a close frame, in either direction: 1000 to 1003,
   * 1007 to 1014, 3000 to 4999.
   */
  public static boolean isValidOnWire(int code) {
    return code >= NORMAL_CLOSURE && code <= UNSUPPORTED_DATA
        || code >= INVALID_PAYLOAD && code <= BAD_GATEWAY
        || code >= 3000 && code <= 4999;
  }

  /** Returns whether a connection that ended with {@code code} in both directions ended well. */
  public static boolean isOk(int code) {
    return code == NORMAL_CLOSURE || code == GOING_AWAY || code == NO_STATUS_RECEIVED;
  }

  /** Returns a short explanation of {@code code}, for example {@code "going away"} for 1001. */
  public static String explain(int code) {
    return switch (code) {
      case NORMAL_CLOSURE -> "OK";
      case GOING_AWAY -> "going away";
      case PROTOCOL_ERROR -> "protocol error";
      case UNSUPPORTED_DATA -> "unsupported data";
      case NO_STATUS_RECEIVED -> "no status received [internal]";
      case ABNORMAL_CLOSURE -> "abnormal closure [internal]";
      case INVALID_PAYLOAD -> "invalid frame payload data";
      case POLICY_VIOLATION -> "policy violation";
      case MESSAGE_TOO_BIG -> "message too big";
      case MANDATORY_EXTENSION -> "mandatory extension";
      case INTERNAL_ERROR -> "internal error";
      case SERVICE_RESTART -> "service restart";
      case TRY_AGAIN_LATER -> "try again later";
      case BAD_GATEWAY -> "bad gateway";
      case TLS_HANDSHAKE -> "TLS handshake failure [internal]";
      default -> explainRange(code);
    };
  }

  private static String explainRange(int code) {
    if (code >= 3000 && code <= 3999) {
      return "registered";
    }
    return code >= 4000 && code <= 4999 ? "private use" : "unknown";
  }
}
