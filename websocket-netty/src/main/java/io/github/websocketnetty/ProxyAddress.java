package io.github.websocketnetty;

import io.github.websocketnetty.protocol.Authority;
import io.github.websocketnetty.protocol.HostName;
import io.github.websocketnetty.protocol.ShownUri;
import io.github.websocketnetty.protocol.WebSocketUri;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * What the URI of a proxy says.
 *
 * @param scheme how to speak to it
 * @param host the host as {@link HostName#parse} returns it
 * @param port the port, the scheme's default if the URI has none
 * @param username null for none
 * @param password null for none
 */
record ProxyAddress(Scheme scheme, String host, int port, String username, String password) {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  /** The protocols, and who looks up the server's address. */
  enum Scheme {
    /** The proxy looks it up. */
    SOCKS5H,
    /** We look it up. */
    SOCKS5,
    /** The proxy looks it up. */
    SOCKS4A,
    /** We look it up. */
    SOCKS4,
    /** The proxy looks it up. */
    HTTP,
    /** The proxy looks it up; we speak to it through TLS. */
    HTTPS;

    boolean resolvesHere() {
      return this == SOCKS5 || this == SOCKS4;
    }
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException if it is not the URI of a proxy
   */
  static ProxyAddress parse(URI uri) {
    Scheme scheme = scheme(uri);
    String path = uri.getRawPath();
    boolean hasPath = path != null && !path.isEmpty() && !path.equals("/");
    if (hasPath || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw invalid(uri, "path, query and fragment are meaningless");
    }
    Authority authority = authority(uri);
    String host = authority.host();
    int port = authority.port();
    if (port < 0) {
      port = scheme == Scheme.HTTPS ? HTTPS_PORT : HTTP_PORT;
    }
    String userInfo = authority.userInfo();
    if (userInfo == null) {
      return new ProxyAddress(scheme, host, port, null, null);
    }
    int colon = userInfo.indexOf(':');
    if (colon < 0) {
      throw invalid(uri, "username provided without password");
    }
    return new ProxyAddress(
        scheme,
        host,
        port,
        decoded(userInfo.substring(0, colon)),
        decoded(userInfo.substring(colon + 1)));
  }

  private static Authority authority(URI uri) {
    try {
      return Authority.parse(uri.getRawAuthority());
    } catch (IllegalArgumentException e) {
      throw invalid(uri, e.getMessage());
    }
  }

  private static Scheme scheme(URI uri) {
    String name = uri.getScheme() == null ? "" : uri.getScheme();
    return Arrays.stream(Scheme.values())
        .filter(scheme -> scheme.name().equalsIgnoreCase(name))
        .findFirst()
        // What is no scheme may be a user's name.
        .orElseThrow(
            () -> invalid(uri, "scheme" + (uri.isOpaque() ? "" : ' ' + name) + " isn't supported"));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException invalid(URI uri, String problem) {
    return invalid(uri.toString(), problem);
  }

  /** The message leaves out the user and the password. */
  private static IllegalArgumentException invalid(String uri, String problem) {
    return new IllegalArgumentException(ShownUri.of(uri) + " isn't a valid proxy: " + problem);
  }

  /**
   * Returns the proxy that the variables of an environment name for a server, or null for none.
   *
   * <p>{@code no_proxy} comes first, see {@link ProxyExceptions}. Then {@code wss_proxy} or {@code
   * ws_proxy}, {@code socks_proxy}, {@code https_proxy}, for {@code ws} only {@code http_proxy},
   * and {@code all_proxy}; in small letters or, where that is empty, in capitals, but {@code
   * http_proxy} only in small ones, because CGI sets the other from a request.
   *
   * @throws IllegalArgumentException if a variable that counts is invalid
   */
  static ProxyAddress find(Map<String, String> environment, WebSocketUri server) {
    if (ProxyExceptions.parse(variable(environment, "no_proxy")).contains(server)) {
      return null;
    }
    String found = variable(environment, server.secure() ? "wss_proxy" : "ws_proxy");
    if (found.isEmpty()) {
      // What is called http here is how some desktops write that it is SOCKS.
      found = variable(environment, "socks_proxy").replaceFirst("^(?i)http://", "socks5h://");
    }
    if (found.isEmpty()) {
      found = variable(environment, "https_proxy");
    }
    if (found.isEmpty() && !server.secure()) {
      found = value(environment, "http_proxy");
    }
    if (found.isEmpty()) {
      found = variable(environment, "all_proxy");
    }
    if (found.isEmpty()) {
      return null;
    }
    // Desktops write socks for SOCKS 5, and browsers read it so.
    String uri = found.replaceFirst("^(?i)socks://", "socks5h://");
    return parse(uri.contains("://") ? uri : "http://" + uri);
  }

  private static ProxyAddress parse(String text) {
    try {
      return parse(new URI(text));
    } catch (URISyntaxException e) {
      throw invalid(text, e.getReason()); // its message would have all of the text
    }
  }

  private static String variable(Map<String, String> environment, String name) {
    String small = value(environment, name);
    return small.isEmpty() ? value(environment, name.toUpperCase(Locale.ROOT)) : small;
  }

  private static String value(Map<String, String> environment, String name) {
    return environment.getOrDefault(name, "").strip();
  }

  /** Returns where to connect to, not looked up. */
  InetSocketAddress address() {
    return InetSocketAddress.createUnresolved(host, port);
  }

  /** Returns the name that the proxy's certificate must be for. */
  String serverName() {
    return HostName.serverName(host);
  }

  /** Hides the credentials. */
  @Override
  public String toString() {
    String shown = host.indexOf(':') < 0 ? host : '[' + host.replace("%", "%25") + ']';
    return scheme.name().toLowerCase(Locale.ROOT) + "://" + shown + ":" + port;
  }
}
