package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ServerHandshake;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds the endpoint of a request by its path. Immutable and thread-safe. */
final class PathRouter {
  private final SortedMap<PathTemplate, RoutedEndpoint> routes;

  PathRouter(SortedMap<PathTemplate, RoutedEndpoint> routes) {
    this.routes = new TreeMap<>(routes);
  }

  /**
   * An endpoint with the parameters of a request.
   *
   * @param endpoint serves the connection
   * @param parameters by name, decoded
   */
  record Match(RoutedEndpoint endpoint, Map<String, String> parameters) {}

  /**
   * Returns where a request goes, or null if nothing is there.
   *
   * @param target what stands in the request line; its query is ignored
   */
  Match find(String target) {
    List<String> path = segments(ServerHandshake.pathOf(target));
    if (path == null) {
      return null;
    }
    for (Map.Entry<PathTemplate, RoutedEndpoint> route : routes.entrySet()) {
      Map<String, String> parameters = route.getKey().match(path);
      if (parameters != null) {
        return new Match(route.getValue(), Map.copyOf(parameters));
      }
    }
    return null;
  }

  /** Returns the decoded segments, or null if it is no path or not UTF-8. */
  private static List<String> segments(String path) {
    if (!path.startsWith("/")) {
      return null;
    }
    List<String> decoded = new ArrayList<>();
    for (String segment : path.substring(1).split("/", -1)) {
      String text = decode(segment);
      if (text == null) {
        return null;
      }
      decoded.add(text);
    }
    return decoded;
  }

  /** Decodes {@code %XX}; unlike URLDecoder, leaves a plus sign alone. */
  private static String decode(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(segment.charAt(i + 2), 16);
      if (low < 0) {
        return null;
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    byte[] utf8 = bytes.toByteArray();
    return Utf8.check(utf8) == null ? new String(utf8, StandardCharsets.UTF_8) : null;
  }
}
