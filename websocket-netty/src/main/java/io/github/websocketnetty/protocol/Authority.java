package io.github.websocketnetty.protocol;

import java.util.Objects;

/**
 * The authority of a URI. Unlike {@link java.net.URI#getHost}, it has hosts with underscores or
 * outside ASCII too.
 *
 * @param userInfo what stands before the host, percent-encoded; {@code null} for none
 * @param host as {@link HostName#parse} returns it
 * @param port the port, or -1 for none
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-3.2">RFC 3986, section 3.2</a>
 */
public record Authority(String userInfo, String host, int port) {
  private static final int MAX_PORT = 65535;

  /** Checks that the host is there. */
  public Authority {
    Objects.requireNonNull(host, "host");
  }

  /**
   * Reads an authority.
   *
   * @param text as {@link java.net.URI#getRawAuthority} returns it; may be {@code null}
   * @throws IllegalArgumentException if host or port are invalid; its message says why, without the
   *     user info
   */
  public static Authority parse(String text) {
    String authority = text == null ? "" : text;
    int at = authority.lastIndexOf('@');
    String hostAndPort = authority.substring(at + 1);
    int colon = hostAndPort.lastIndexOf(':');
    boolean hasPort = colon > hostAndPort.lastIndexOf(']');
    return new Authority(
        at < 0 ? null : authority.substring(0, at),
        HostName.parse(hasPort ? hostAndPort.substring(0, colon) : hostAndPort),
        hasPort ? port(hostAndPort.substring(colon + 1)) : -1);
  }

  /** Leaves out the user info. */
  @Override
  public String toString() {
    return "Authority[host=" + host + ", port=" + port + "]";
  }

  private static int port(String digits) {
    if (digits.isEmpty()) {
      return -1;
    }
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      // It may be a password, if there is no host.
      throw new IllegalArgumentException("port isn't a number up to " + MAX_PORT);
    }
    if (digits.length() > 5) {
      throw new IllegalArgumentException("port " + digits + " isn't a number up to " + MAX_PORT);
    }
    int port = Integer.parseInt(digits);
    if (port == 0 || port > MAX_PORT) {
      throw new IllegalArgumentException(
          "port " + digits + " isn't a number from 1 to " + MAX_PORT);
    }
    return port;
  }
}
