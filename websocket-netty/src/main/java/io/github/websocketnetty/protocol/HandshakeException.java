package io.github.websocketnetty.protocol;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.ReadOnlyHttpHeaders;
import java.util.Objects;

/**
 * The opening handshake failed. On a server it also says how to answer: with {@link #status()},
 * {@link #headers()} and {@link #text()}.
 *
 * <p>It has no stack trace: the mistake was usually made by the peer, and a hostile one could make
 * us collect many. What a user's callback threw is the {@linkplain #getCause() cause}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-4">RFC 6455, section 4</a>
 */
public class HandshakeException extends RuntimeException {
  /** What kind of rule the handshake broke. */
  public enum Reason {
    /** The request's method is not GET. */
    INVALID_METHOD,
    /** The request's version is not HTTP/1.1. */
    INVALID_PROTOCOL,
    /** {@code Connection} or {@code Upgrade} do not ask for, or grant, a WebSocket. */
    INVALID_UPGRADE,
    /** A header is missing, repeated, malformed, or has the wrong value. */
    INVALID_HEADER,
    /** The server does not allow the request's origin. */
    INVALID_ORIGIN,
    /** No agreement on the subprotocol or the extensions. */
    NEGOTIATION,
    /** What arrived is not a valid HTTP message, or the connection ended inside it. */
    INVALID_MESSAGE,
    /** A limit on the size of the HTTP message was exceeded. */
    SECURITY,
    /** The server answered with another status than 101. */
    INVALID_STATUS,
    /** Nothing is served at the request's path. */
    INVALID_PATH,
    /** The server is shutting down. */
    UNAVAILABLE,
    /** The handshake took longer than the open timeout. */
    TIMEOUT,
    /** A proxy between client and server refused, or did not understand. */
    PROXY,
    /** A callback failed or broke a rule itself; details are withheld from the peer. */
    INTERNAL
  }

  /** How every explanation of a refusal begins. */
  private static final String FAILED = "Failed to open a WebSocket connection";

  private static final String NO_BROWSER =
      "\nYou cannot access a WebSocket server directly with a browser."
          + " You need a WebSocket client.\n";

  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final int status;
  private final transient HttpHeaders headers;

  /**
   * Creates an exception that a server answers with a status of its reason's, without extra
   * headers.
   *
   * @param reason the kind of failure
   * @param message what was wrong, with the value and the limit
   */
  public HandshakeException(Reason reason, String message) {
    this(
        reason,
        message,
        statusOf(Objects.requireNonNull(reason, "reason")),
        EmptyHttpHeaders.INSTANCE,
        null);
  }

  /**
   * Creates an exception with a cause, that a server answers with a status of its reason's.
   *
   * @param reason the kind of failure
   * @param message what was wrong, with the value and the limit
   * @param cause the deeper reason, or {@code null}
   */
  public HandshakeException(Reason reason, String message, Throwable cause) {
    this(
        reason,
        message,
        statusOf(Objects.requireNonNull(reason, "reason")),
        EmptyHttpHeaders.INSTANCE,
        cause);
  }

  /**
   * Creates an exception, saying all about a server's answer.
   *
   * @param reason the kind of failure
   * @param message what was wrong, with the value and the limit
   * @param status the status of a server's answer
   * @param headers further headers of a server's answer
   * @param cause the deeper reason, or {@code null}
   */
  public HandshakeException(
      Reason reason,
      String message,
      HttpResponseStatus status,
      HttpHeaders headers,
      Throwable cause) {
    super(message, cause, false, false);
    this.reason = Objects.requireNonNull(reason, "reason");
    this.status = Objects.requireNonNull(status, "status").code();
    this.headers = Objects.requireNonNull(headers, "headers");
  }

  /** Returns the kind of failure. */
  public final Reason reason() {
    return reason;
  }

  /** Returns the status with which a server answers. */
  public final HttpResponseStatus status() {
    return HttpResponseStatus.valueOf(status);
  }

  /** Returns the further headers of a server's answer, often none. */
  public final HttpHeaders headers() {
    return headers == null ? EmptyHttpHeaders.INSTANCE : headers;
  }

  /** Returns the body of a server's answer: plain text, ending with a newline. */
  public String text() {
    return switch (reason) {
      case INTERNAL -> FAILED + ".\nSee server log for more information.\n";
      case UNAVAILABLE -> "Server is shutting down.\n";
      case INVALID_UPGRADE -> FAILED + ": " + chain() + ".\n" + NO_BROWSER;
      default -> FAILED + ": " + chain() + ".\n";
    };
  }

  private String chain() {
    StringBuilder text = new StringBuilder(getMessage());
    for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null) {
        text.append("; ").append(cause.getMessage());
      }
    }
    int last = text.length() - 1;
    return last >= 0 && text.charAt(last) == '.' ? text.substring(0, last) : text.toString();
  }

  private static HttpResponseStatus statusOf(Reason reason) {
    return switch (reason) {
      case INVALID_METHOD -> HttpResponseStatus.METHOD_NOT_ALLOWED;
      case INVALID_PROTOCOL -> HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
      case INVALID_UPGRADE -> HttpResponseStatus.UPGRADE_REQUIRED;
      case INVALID_ORIGIN -> HttpResponseStatus.FORBIDDEN;
      case SECURITY -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
      case INVALID_PATH -> HttpResponseStatus.NOT_FOUND;
      case UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case TIMEOUT -> HttpResponseStatus.REQUEST_TIMEOUT;
      case INTERNAL, INVALID_STATUS, PROXY -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
      case INVALID_HEADER, NEGOTIATION, INVALID_MESSAGE -> HttpResponseStatus.BAD_REQUEST;
    };
  }

  static HandshakeException missing(CharSequence header) {
    return new HandshakeException(Reason.INVALID_HEADER, "missing " + header + " header");
  }

  static HandshakeException empty(CharSequence header) {
    return new HandshakeException(Reason.INVALID_HEADER, "empty " + header + " header");
  }

  static HandshakeException invalid(CharSequence header, String problem) {
    return new HandshakeException(
        Reason.INVALID_HEADER, "invalid " + header + " header: " + problem);
  }

  static HandshakeException multiple(CharSequence header) {
    return invalid(header, "multiple values");
  }

  /** Creates the exception that a server answers with one more header. */
  static HandshakeException answered(
      Reason reason,
      String message,
      HttpResponseStatus status,
      CharSequence name,
      CharSequence value) {
    return new HandshakeException(
        reason, message, status, new ReadOnlyHttpHeaders(false, name, value), null);
  }
}
