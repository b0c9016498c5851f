package io.github.websocketnetty.protocol;

import java.io.ByteArrayOutputStream;
import java.net.IDN;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a {@code ws} or {@code wss} URI says. Immutable.
 *
 * @param secure whether the connection goes through TLS
 * @param host the host in ASCII, without the brackets of an IPv6 address
 * @param port the port, the scheme's default if the URI has none
 * @param resource path and query as they stand in a request line, never empty
 * @param authorization the value of the {@code Authorization} header, or {@code null}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-3">RFC 6455, section 3</a>
 */
public record WebSocketUri(
    boolean secure, String host, int port, String resource, String authorization) {
  private static final int WS_PORT = 80;
  private static final int WSS_PORT = 443;
  private static final int MAX_PORT = 65535;

  /**
   * Reads a URI. Its user info is percent-decoded for {@code Authorization}, a host outside ASCII
   * becomes IDNA, a path or query outside ASCII becomes percent-encoded UTF-8.
   *
   * @throws IllegalArgumentException if it is not the URI of a WebSocket
   */
  public static WebSocketUri parse(URI uri) {
    boolean secure = "wss".equalsIgnoreCase(uri.getScheme());
    if (!secure && !"ws".equalsIgnoreCase(uri.getScheme())) {
      throw invalid(uri, "scheme isn't ws or wss");
    }
    if (uri.getRawFragment() != null) {
      throw invalid(uri, "fragment identifier is meaningless");
    }
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    // Not URI.getHost(), which gives up at hosts with an underscore or outside ASCII.
    int at = authority.lastIndexOf('@');
    String hostAndPort = authority.substring(at + 1);
    int colon = hostAndPort.lastIndexOf(':');
    boolean hasPort = colon > hostAndPort.lastIndexOf(']');
    String host = host(uri, hasPort ? hostAndPort.substring(0, colon) : hostAndPort);
    String digits = hasPort ? hostAndPort.substring(colon + 1) : "";
    int port = port(uri, digits, secure ? WSS_PORT : WS_PORT);
    String authorization = at < 0 ? null : authorization(uri, authority.substring(0, at));
    return new WebSocketUri(secure, host, port, resource(uri), authorization);
  }

  /** Returns the value of the {@code Host} header: without a default port. */
  public String hostHeader() {
    String name = host.indexOf(':') < 0 ? host : '[' + host + ']';
    return port == (secure ? WSS_PORT : WS_PORT) ? name : name + ':' + port;
  }

  /** Hides the credentials. */
  @Override
  public String toString() {
    return (secure ? "wss://" : "ws://") + hostHeader() + resource;
  }

  private static IllegalArgumentException invalid(URI uri, String problem) {
    return new IllegalArgumentException(uri + " isn't a valid URI: " + problem);
  }

  private static String host(URI uri, String host) {
    if (host.isEmpty()) {
      throw invalid(uri, "hostname isn't provided");
    }
    if (host.startsWith("[") && host.endsWith("]")) {
      return host.substring(1, host.length() - 1);
    }
    try {
      return IDN.toASCII(percentDecoded(host));
    } catch (IllegalArgumentException e) {
      throw invalid(uri, "hostname " + host + " is invalid");
    }
  }

  private static int port(URI uri, String digits, int otherwise) {
    if (digits.isEmpty()) {
      return otherwise;
    }
    if (digits.length() > 5 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw invalid(uri, "port " + digits + " isn't a number up to " + MAX_PORT);
    }
    int port = Integer.parseInt(digits);
    if (port == 0 || port > MAX_PORT) {
      throw invalid(uri, "port " + digits + " isn't a number from 1 to " + MAX_PORT);
    }
    return port;
  }

  private static String resource(URI uri) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return percentEncoded(uri.getRawQuery() == null ? path : path + '?' + uri.getRawQuery());
  }

  private static String authorization(URI uri, String userInfo) {
    int colon = userInfo.indexOf(':');
    if (colon < 0) {
      throw invalid(uri, "username provided without password");
    }
    String user = percentDecoded(userInfo.substring(0, colon));
    if (user.indexOf(':') >= 0) {
      throw invalid(uri, "a username cannot have a colon");
    }
    String credentials = user + ':' + percentDecoded(userInfo.substring(colon + 1));
    byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  private static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(String.format("%02X", b));
      }
    }
    return encoded.toString();
  }

  /** Decodes {@code %XX}; unlike URLDecoder, leaves a plus sign alone. */
  private static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        decoded.write(encoded[i]);
      } else {
        // Two digits follow: java.net.URI refuses anything else.
        decoded.write(Character.digit(encoded[++i], 16) << 4 | Character.digit(encoded[++i], 16));
      }
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }
}
