package io.github.websocketnetty;

import io.github.websocketnetty.protocol.WebSocketUri;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code Location} header says, in its parts: a URI, or one that is relative to another.
 * Each part but the scheme is null if it is absent.
 *
 * <p>It is read as browsers do. A byte that may not stand in a URI is percent-encoded, tabs are
 * left out, a backslash in front of the query is a slash. {@code http} and {@code https} are {@code
 * ws} and {@code wss}. The fragment is dropped, because no request has one.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-5">RFC 3986, section 5</a>
 */
record UriReference(String scheme, String authority, String path, String query) {
  /** RFC 3986, appendix B, with the characters of a scheme. */
  private static final Pattern PARTS =
      Pattern.compile(
          "(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\\?([^#]*))?(?:#.*)?",
          Pattern.DOTALL);

  private static final Pattern ESCAPED_DOT = Pattern.compile("%2[Ee]");

  private static final String UNRESERVED_MARKS = "-._~";
  private static final String SUB_DELIMITERS = "!$&'()*+,;=";
  private static final String IN_HOST = SUB_DELIMITERS + ":[]";
  private static final String IN_USER_INFO = SUB_DELIMITERS + ":";
  private static final String IN_PATH = SUB_DELIMITERS + ":@/";
  private static final String IN_QUERY = IN_PATH + "?[]";

  /** Reads the value of a header, in which each character is a byte. */
  static UriReference parse(String text) {
    String tidy = text.replace("\t", "").strip();
    int query = tidy.indexOf('?');
    int end = query < 0 ? tidy.length() : query;
    Matcher parts = PARTS.matcher(tidy.substring(0, end).replace('\\', '/') + tidy.substring(end));
    if (!parts.matches()) {
      throw new IllegalStateException("matches everything");
    }
    return new UriReference(
        scheme(parts.group(1)),
        authority(parts.group(2)),
        encoded(parts.group(3), IN_PATH),
        encoded(parts.group(4), IN_QUERY));
  }

  private static String scheme(String name) {
    if (name == null) {
      return null;
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "http" -> "ws";
      case "https" -> "wss";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }

  private static String authority(String text) {
    if (text == null) {
      return null;
    }
    int at = text.lastIndexOf('@');
    String host = encoded(text.substring(at + 1), IN_HOST);
    return at < 0 ? host : encoded(text.substring(0, at), IN_USER_INFO) + '@' + host;
  }

  /**
   * Returns the URI that this is, seen from another.
   *
   * @throws URISyntaxException if the result is no URI
   */
  URI resolve(WebSocketUri base) throws URISyntaxException {
    String baseScheme = base.secure() ? "wss" : "ws";
    int query = base.resource().indexOf('?');
    UriReference from =
        new UriReference(
            baseScheme,
            parse(base.toString()).authority,
            query < 0 ? base.resource() : base.resource().substring(0, query),
            query < 0 ? null : base.resource().substring(query + 1));
    // As browsers do, and RFC 3986 allows: a relative path may follow the scheme of the base.
    boolean isRelative = scheme == null || scheme.equals(baseScheme) && authority == null;
    UriReference target =
        isRelative
            ? relativeTo(from)
            : new UriReference(scheme, authority, dotless(path), this.query);
    return new URI(target.toString());
  }

  /** RFC 3986, section 5.2.2, without the scheme. */
  private UriReference relativeTo(UriReference base) {
    if (authority != null) {
      return new UriReference(base.scheme, authority, dotless(path), query);
    }
    if (path.isEmpty()) {
      String kept = query == null ? base.query : query;
      return new UriReference(base.scheme, base.authority, base.path, kept);
    }
    String merged =
        path.startsWith("/") ? path : base.path.substring(0, base.path.lastIndexOf('/') + 1) + path;
    return new UriReference(base.scheme, base.authority, dotless(merged), query);
  }

  /**
   * Removes the segments {@code .} and {@code ..}, percent-encoded or not: RFC 3986, sections 5.2.4
   * and 6.2.2.2.
   */
  private static String dotless(String path) {
    if (!path.startsWith("/")) {
      return path;
    }
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      boolean isLast = i == segments.length - 1;
      String decoded = ESCAPED_DOT.matcher(segments[i]).replaceAll(".");
      boolean isParent = decoded.equals("..");
      if (isParent) {
        kept.pollLast();
      }
      if (!isParent && !decoded.equals(".")) {
        kept.add(segments[i]);
      } else if (isLast) {
        kept.add(""); // such a path ends with a slash
      }
    }
    return '/' + String.join("/", kept);
  }

  /** Percent-encodes what is neither allowed nor percent-encoded already. */
  private static String encoded(String text, String allowed) {
    if (text == null) {
      return null;
    }
    StringBuilder encoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isUnreserved(c) || allowed.indexOf(c) >= 0 || c == '%' && isEscape(text, i)) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }

  private static boolean isUnreserved(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || UNRESERVED_MARKS.indexOf(c) >= 0;
  }

  private static boolean isEscape(String text, int percent) {
    return percent + 2 < text.length()
        && Character.digit(text.charAt(percent + 1), 16) >= 0
        && Character.digit(text.charAt(percent + 2), 16) >= 0;
  }

  /** Puts the parts together. */
  @Override
  public String toString() {
    return (scheme == null ? "" : scheme + ":")
        + (authority == null ? "" : "//" + authority)
        + path
        + (query == null ? "" : "?" + query);
  }
}
