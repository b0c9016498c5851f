package io.github.websocketnetty.protocol;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/**
 * What a {@code ws} or {@code wss} URI says. Immutable.
 *
 * @param secure whether the connection goes through TLS
 * @param host the host as {@link HostName#parse} returns it: in small ASCII letters, without the
 *     brackets of an IPv6 address, but with its zone id if it has one
 * @param port the port, the scheme's default if the URI has none
 * @param resource path and query as they stand in a request line, never empty
 * @param authorization the value of the {@code Authorization} header, or {@code null}
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-3">RFC 6455, section 3</a>
 */
public record WebSocketUri(
    boolean secure, String host, int port, String resource, String authorization) {
  private static final int WS_PORT = 80;
  private static final int WSS_PORT = 443;

  /** Checks that all but the authorization is there. */
  public WebSocketUri {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(resource, "resource");
  }

  /**
   * Reads a URI. Its user info is percent-decoded for {@code Authorization}, a host outside ASCII
   * becomes IDNA, a path or query outside ASCII becomes percent-encoded UTF-8. An IPv6 address may
   * have a zone id, {@code [fe80::1%25eth0]}, of letters, digits, dots and underscores; other
   * interfaces can be named by their number.
   *
   * @throws IllegalArgumentException if it is not the URI of a WebSocket
   */
  public static WebSocketUri parse(URI uri) {
    Objects.requireNonNull(uri, "uri");
    boolean secure = "wss".equalsIgnoreCase(uri.getScheme());
    if (!secure && !"ws".equalsIgnoreCase(uri.getScheme())) {
      throw invalid(uri, "scheme isn't ws or wss");
    }
    if (uri.getRawFragment() != null) {
      throw invalid(uri, "fragment identifier is meaningless");
    }
    Authority authority = authority(uri);
    int port = authority.port() < 0 ? secure ? WSS_PORT : WS_PORT : authority.port();
    String userInfo = authority.userInfo();
    String authorization = userInfo == null ? null : authorization(uri, userInfo);
    return new WebSocketUri(secure, authority.host(), port, resource(uri), authorization);
  }

  /** Returns the value of the {@code Host} header: without a zone id and without a default port. */
  public String hostHeader() {
    return authority(HostName.withoutZone(host));
  }

  /** Returns the name that the server's certificate must be for. */
  public String serverName() {
    return HostName.serverName(host);
  }

  private String authority(String name) {
    String shown = name.indexOf(':') < 0 ? name : '[' + name + ']';
    return port == (secure ? WSS_PORT : WS_PORT) ? shown : shown + ':' + port;
  }

  /** Returns the URI for messages and logs: without the credentials and the values in the query. */
  @Override
  public String toString() {
    String shown = ShownUri.ofTarget(resource);
    return (secure ? "wss://" : "ws://") + authority(host.replace("%", "%25")) + shown;
  }

  private static IllegalArgumentException invalid(URI uri, String problem) {
    return new IllegalArgumentException(
        ShownUri.of(uri.toString()) + " isn't a valid URI: " + problem);
  }

  private static Authority authority(URI uri) {
    try {
      return Authority.parse(uri.getRawAuthority());
    } catch (IllegalArgumentException e) {
      throw invalid(uri, e.getMessage());
    }
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
    String user = PercentCode.decoded(userInfo.substring(0, colon));
    if (user.indexOf(':') >= 0) {
      throw invalid(uri, "a username cannot have a colon");
    }
    String credentials = user + ':' + PercentCode.decoded(userInfo.substring(colon + 1));
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
}
