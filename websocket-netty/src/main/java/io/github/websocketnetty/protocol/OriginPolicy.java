package io.github.websocketnetty.protocol;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which origins may open connections. Immutable.
 *
 * @param exact origins that match as they are, case included
 * @param patterns expressions that match a whole origin
 * @param absentAllowed whether requests without an origin pass
 */
record OriginPolicy(Set<String> exact, Set<Pattern> patterns, boolean absentAllowed) {
  private static final int MAX_ASCII = 0x7F;

  OriginPolicy {
    exact = Set.copyOf(exact);
    patterns = Set.copyOf(patterns);
  }

  /**
   * Returns an origin as browsers write it: with a host in ASCII. One in ASCII stays as it is.
   *
   * @throws IllegalArgumentException if it has a host outside ASCII that is invalid
   */
  static String ascii(String origin) {
    int begin = origin.indexOf("://") + "://".length();
    if (begin < "://".length() || origin.chars().allMatch(c -> c <= MAX_ASCII)) {
      return origin;
    }
    try {
      Authority authority = Authority.parse(origin.substring(begin));
      String port = authority.port() < 0 ? "" : ":" + authority.port();
      return origin.substring(0, begin) + authority.host() + port;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("origin " + origin + " is invalid: " + e.getMessage(), e);
    }
  }

  /**
   * Checks the origin of a request; that it is not repeated, even if every origin is allowed.
   *
   * @throws HandshakeException if it is repeated or not allowed
   */
  void check(HttpHeaders headers) {
    String origin = HandshakeHeaders.atMostOne(headers, HandshakeHeaders.ORIGIN);
    boolean everyOriginIsAllowed = exact.isEmpty() && patterns.isEmpty() && !absentAllowed;
    if (!everyOriginIsAllowed && !allows(origin)) {
      throw new HandshakeException(Reason.INVALID_ORIGIN, describe(origin));
    }
  }

  private boolean allows(String origin) {
    if (origin == null) {
      return absentAllowed;
    }
    return exact.contains(origin)
        || patterns.stream().anyMatch(pattern -> pattern.matcher(origin).matches());
  }

  private static String describe(String origin) {
    if (origin == null) {
      return "missing Origin header";
    }
    return origin.isEmpty() ? "empty Origin header" : "invalid Origin header: " + origin;
  }
}
