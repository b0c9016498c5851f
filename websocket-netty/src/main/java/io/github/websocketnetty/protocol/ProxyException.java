package io.github.websocketnetty.protocol;

import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.OptionalInt;

/**
 * A proxy between client and server refused, could not reach the server, or did not answer in a way
 * that is understood. What it answered can be read as a number. If it ended the connection before
 * its answer, the {@linkplain #getCause() cause} is a {@link java.io.EOFException}, or what the
 * operating system said.
 */
public final class ProxyException extends HandshakeException {
  private static final long serialVersionUID = 1L;
  private static final int NONE = -1;

  private final int httpStatus;
  private final int socksReply;
  private final transient HttpHeaders responseHeaders;

  private ProxyException(
      String message, int httpStatus, int socksReply, HttpHeaders headers, Throwable cause) {
    super(Reason.PROXY, message, cause);
    this.httpStatus = httpStatus;
    this.socksReply = socksReply;
    responseHeaders = headers;
  }

  /**
   * Creates an exception for a proxy that gave no answer, or none that is understood.
   *
   * @param message what was wrong
   * @param cause the deeper reason, or {@code null}
   */
  public ProxyException(String message, Throwable cause) {
    this(message, NONE, NONE, null, cause);
  }

  /**
   * Creates an exception for an HTTP proxy that answered {@code CONNECT} with another status than
   * 200.
   *
   * @param status the status
   * @param headers the headers of the answer, or {@code null} if they are not known
   * @param cause the deeper reason, or {@code null}
   */
  public static ProxyException ofHttpStatus(int status, HttpHeaders headers, Throwable cause) {
    return new ProxyException(
        "proxy rejected connection: HTTP " + status, status, NONE, headers, cause);
  }

  /**
   * Creates an exception for a SOCKS proxy that answered with another reply than success.
   *
   * @param reply the number in the reply
   * @param cause the deeper reason, or {@code null}
   */
  public static ProxyException ofSocksReply(int reply, Throwable cause) {
    return new ProxyException(
        "proxy rejected connection: SOCKS reply " + reply + ", " + meaning(reply),
        NONE,
        reply,
        null,
        cause);
  }

  /**
   * Returns the status with which an HTTP proxy answered {@code CONNECT}; empty if it did not, or
   * if it is a SOCKS proxy. Not to be confused with {@link #status}.
   */
  public OptionalInt httpStatus() {
    return httpStatus == NONE ? OptionalInt.empty() : OptionalInt.of(httpStatus);
  }

  /**
   * Returns the reply of a SOCKS proxy; empty if there was none, or if it is an HTTP proxy. SOCKS 5
   * has 1 to 8, SOCKS 4 has 91 to 93.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc1928#section-6">RFC 1928, section 6</a>
   */
  public OptionalInt socksReply() {
    return socksReply == NONE ? OptionalInt.empty() : OptionalInt.of(socksReply);
  }

  /** Returns the headers of an HTTP proxy's answer; none if there are none, or not any more. */
  public HttpHeaders responseHeaders() {
    return responseHeaders == null ? EmptyHttpHeaders.INSTANCE : responseHeaders;
  }

  private static String meaning(int reply) {
    return switch (reply) {
      case 1 -> "general failure";
      case 2 -> "not allowed by the proxy's rules";
      case 3 -> "network unreachable";
      case 4 -> "host unreachable";
      case 5 -> "connection refused";
      case 6 -> "TTL expired";
      case 7 -> "command not supported";
      case 8 -> "address type not supported";
      case 91 -> "rejected or failed";
      case 92 -> "the proxy cannot ask this machine who the user is";
      case 93 -> "this machine says that the user is another";
      default -> "unknown";
    };
  }
}
