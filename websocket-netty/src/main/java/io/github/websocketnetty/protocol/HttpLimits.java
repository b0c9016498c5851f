package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Iterator;
import java.util.Map;

/**
 * How large the head of an HTTP message may be. Immutable.
 *
 * <p>Lines are measured in bytes including their CRLF, headers as if one space stood behind the
 * colon.
 *
 * @param maxStartLine the longest request or status line
 * @param maxHeaderLine the longest header line
 * @param maxHeaders the largest number of headers
 */
public record HttpLimits(int maxStartLine, int maxHeaderLine, int maxHeaders) {
  /** Lines of 8192 bytes and 128 headers. */
  public static final HttpLimits DEFAULT = new HttpLimits(8192, 8192, 128);

  /** The longest body of a response that refuses a handshake: 1 MiB. */
  public static final int MAX_BODY = 1 << 20;

  /** The smallest {@link #maxStartLine}. */
  public static final int MIN_START_LINE = 16;

  /** The smallest {@link #maxHeaderLine}. */
  public static final int MIN_HEADER_LINE = 64;

  private static final int CRLF = 2;

  /** How many lines of the greatest length fit into the header section as a whole. */
  private static final int LONG_LINES = 8;

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is too small for any handshake
   */
  public HttpLimits {
    checkAtLeast("maxStartLine", maxStartLine, MIN_START_LINE);
    checkAtLeast("maxHeaderLine", maxHeaderLine, MIN_HEADER_LINE);
    checkAtLeast("maxHeaders", maxHeaders, 1);
  }

  /** Returns the longest start line without its CRLF, as Netty's decoder counts. */
  public int maxInitialLineLength() {
    return maxStartLine - CRLF;
  }

  /**
   * Returns the limit for all header lines together without their CRLFs, as Netty's decoder counts:
   * eight of the longest lines, so that a client that stalls cannot make us hold more.
   */
  public int maxHeaderSize() {
    return (int)
        Math.min(Integer.MAX_VALUE, (long) maxHeaderLine * Math.min(maxHeaders, LONG_LINES));
  }

  /**
   * Checks a request that was parsed.
   *
   * @throws HandshakeException with status 414 or 431 if it exceeds a limit
   */
  void check(HttpRequest request) {
    int method = request.method().name().length();
    int version = request.protocolVersion().text().length();
    checkStartLine(method + 1 + request.uri().length() + 1 + version + CRLF);
    checkHeaders(request.headers());
  }

  /**
   * Checks a response that was parsed.
   *
   * @throws HandshakeException if it exceeds a limit
   */
  void check(HttpResponse response) {
    int version = response.protocolVersion().text().length();
    checkStartLine(version + 1 + 3 + 1 + response.status().reasonPhrase().length() + CRLF);
    checkHeaders(response.headers());
  }

  private void checkStartLine(int length) {
    if (length > maxStartLine) {
      throw startLineTooLong("read " + length + " bytes, " + expected(maxStartLine), null);
    }
  }

  private void checkHeaders(HttpHeaders headers) {
    if (headers.size() > maxHeaders) {
      throw new HandshakeException(
          Reason.SECURITY, "expected no more than " + maxHeaders + " headers");
    }
    Iterator<Map.Entry<CharSequence, CharSequence>> all = headers.iteratorCharSequence();
    while (all.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = all.next();
      int length = header.getKey().length() + ": ".length() + header.getValue().length() + CRLF;
      if (length > maxHeaderLine) {
        throw new HandshakeException(
            Reason.SECURITY, "read " + length + " bytes, " + expected(maxHeaderLine));
      }
    }
  }

  static HandshakeException startLineTooLong(String message, Throwable cause) {
    return new HandshakeException(
        Reason.SECURITY,
        message,
        HttpResponseStatus.REQUEST_URI_TOO_LONG,
        EmptyHttpHeaders.INSTANCE,
        cause);
  }

  private static String expected(int limit) {
    return "expected no more than " + limit + " bytes";
  }

  private static void checkAtLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
    }
  }
}
