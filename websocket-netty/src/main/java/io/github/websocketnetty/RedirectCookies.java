package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cookies that servers set while they redirected one attempt to connect. They go with the next
 * requests of that attempt to the same scheme, host and port, and are forgotten with it.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6265#section-5">RFC 6265, section 5</a>
 */
final class RedirectCookies {
  /** As RFC 6265, section 6.1, demands of a browser at least. */
  private static final int MOST = 50;

  private static final int LONGEST = 4096;

  private final List<Cookie> cookies = new ArrayList<>();

  /** With null for a value it is over: the user's one with that name must not be sent either. */
  private record Cookie(WebSocketUri origin, String path, String name, String value) {
    boolean isSameAs(Cookie other) {
      return Redirect.isSameOrigin(origin, other.origin)
          && path.equals(other.path)
          && name.equals(other.name);
    }

    /** RFC 6265, section 5.1.4. */
    boolean matches(WebSocketUri target) {
      String wanted = pathOf(target);
      return Redirect.isSameOrigin(origin, target)
          && wanted.startsWith(path)
          && (wanted.length() == path.length()
              || path.endsWith("/")
              || wanted.charAt(path.length()) == '/');
    }

    String pair() {
      return name + '=' + value;
    }
  }

  /** Takes the cookies of a response. */
  void store(HttpHeaders response, WebSocketUri origin) {
    for (String header : response.getAll(HttpHeaderNames.SET_COOKIE)) {
      if (header.length() <= LONGEST) {
        store(header, origin);
      }
    }
  }

  /** RFC 6265, sections 5.2 and 5.3; what a browser would ignore is ignored. */
  private void store(String header, WebSocketUri origin) {
    String[] parts = header.split(";", -1);
    int equals = parts[0].indexOf('=');
    String name = equals < 0 ? "" : parts[0].substring(0, equals).strip();
    if (name.isEmpty()
        || header.chars().anyMatch(RedirectCookies::isControl)
        || isForOthers(parts, origin)) {
      return;
    }
    String path = attribute(parts, "path");
    boolean isOver = isOver(attribute(parts, "max-age"), attribute(parts, "expires"));
    Cookie cookie =
        new Cookie(
            origin,
            path != null && path.startsWith("/") ? path : defaultPath(origin),
            name,
            isOver ? null : parts[0].substring(equals + 1).strip());
    cookies.removeIf(cookie::isSameAs);
    cookies.add(cookie);
    if (cookies.size() > MOST) {
      cookies.remove(0);
    }
  }

  private static boolean isControl(int c) {
    return c < ' ' && c != '\t' || c == 0x7F;
  }

  /** Returns the value of the last attribute of a name, empty if it has none, null for none. */
  private static String attribute(String[] parts, String name) {
    for (int i = parts.length - 1; i > 0; i--) {
      int equals = parts[i].indexOf('=');
      if ((equals < 0 ? parts[i] : parts[i].substring(0, equals)).strip().equalsIgnoreCase(name)) {
        return equals < 0 ? "" : parts[i].substring(equals + 1).strip();
      }
    }
    return null;
  }

  private static boolean isForOthers(String[] parts, WebSocketUri origin) {
    boolean needsTls = attribute(parts, "secure") != null;
    return needsTls && !origin.secure() || !isDomainOf(attribute(parts, "domain"), origin.host());
  }

  /** RFC 6265, section 5.1.3; an attribute that is empty counts for nothing. */
  private static boolean isDomainOf(String attribute, String host) {
    if (attribute == null) {
      return true;
    }
    String domain = attribute.startsWith(".") ? attribute.substring(1) : attribute;
    String suffix = domain.toLowerCase(Locale.ROOT);
    String name = host.toLowerCase(Locale.ROOT);
    return suffix.isEmpty() || name.equals(suffix) || name.endsWith("." + suffix);
  }

  /** The age counts more than the date. */
  private static boolean isOver(String maxAge, String expires) {
    if (maxAge != null && maxAge.matches("-?\\d+")) {
      return maxAge.matches("-.*|0+");
    }
    Date date = expires == null ? null : DateFormatter.parseHttpDate(expires);
    return date != null && !date.toInstant().isAfter(Instant.now());
  }

  /** RFC 6265, section 5.1.4. */
  private static String defaultPath(WebSocketUri origin) {
    String path = pathOf(origin);
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  private static String pathOf(WebSocketUri uri) {
    int query = uri.resource().indexOf('?');
    return query < 0 ? uri.resource() : uri.resource().substring(0, query);
  }

  /**
   * Returns options whose request has the cookies for its URI, behind those that it has already; of
   * those with the same name, the server's, or none if the server has ended it.
   */
  ClientHandshakeOptions addTo(ClientHandshakeOptions options) {
    List<Cookie> matching =
        cookies.stream()
            .filter(cookie -> cookie.matches(options.uri()))
            .sorted(Comparator.comparing(cookie -> -cookie.path().length()))
            .toList();
    if (matching.isEmpty()) {
      return options;
    }
    Stream<String> others =
        options.headers(HttpHeaderNames.COOKIE).stream()
            .flatMap(header -> Stream.of(header.split(";")))
            .map(String::strip)
            .filter(pair -> matching.stream().noneMatch(c -> pair.startsWith(c.name() + '=')));
    Stream<String> servers =
        matching.stream().filter(cookie -> cookie.value() != null).map(Cookie::pair);
    String value = Stream.concat(others, servers).collect(Collectors.joining("; "));
    ClientHandshakeOptions.Builder builder =
        options.toBuilder().removeHeader(HttpHeaderNames.COOKIE);
    return (value.isEmpty() ? builder : builder.header(HttpHeaderNames.COOKIE, value)).build();
  }
}
