package io.github.websocketnetty;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path with places for parameters: {@code /rooms/{room}} or {@code /files/{path...}}. Immutable.
 *
 * <p>Templates are ordered by how narrow they are: segment by segment, a text comes before a
 * parameter and a parameter before the rest of the path.
 */
final class PathTemplate implements Comparable<PathTemplate> {
  private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z_]\\w*)(\\.\\.\\.)?}");

  private enum Kind {
    TEXT,
    PARAMETER,
    REST
  }

  private record Segment(Kind kind, String text) {}

  private final String source;
  private final List<Segment> segments;

  private PathTemplate(String source, List<Segment> segments) {
    this.source = source;
    this.segments = segments;
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if it does not begin with a slash, has braces that are no
   *     parameter, a name twice, or something behind the rest of the path
   */
  static PathTemplate parse(String source) {
    if (!source.startsWith("/")) {
      throw new IllegalArgumentException("path must start with a slash: " + source);
    }
    List<Segment> segments = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String text : source.substring(1).split("/", -1)) {
      Segment segment = segment(source, text);
      int before = segments.size() - 1;
      boolean isBehindRest = before >= 0 && segments.get(before).kind == Kind.REST;
      if (isBehindRest || segment.kind != Kind.TEXT && !names.add(segment.text)) {
        throw new IllegalArgumentException("path has a wrong parameter at " + text + ": " + source);
      }
      segments.add(segment);
    }
    return new PathTemplate(source, List.copyOf(segments));
  }

  private static Segment segment(String source, String text) {
    Matcher parameter = PARAMETER.matcher(text);
    if (parameter.matches()) {
      return new Segment(
          parameter.group(2) == null ? Kind.PARAMETER : Kind.REST, parameter.group(1));
    }
    if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
      throw new IllegalArgumentException(
          "a parameter is a whole segment, such as {name} or {rest...}: " + source);
    }
    return new Segment(Kind.TEXT, text);
  }

  /**
   * Returns the parameters of a path, or null if it does not match.
   *
   * @param path its segments, decoded
   */
  Map<String, String> match(List<String> path) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (i >= path.size()) {
        return null;
      }
      if (segment.kind == Kind.REST) {
        parameters.put(segment.text, String.join("/", path.subList(i, path.size())));
        return parameters;
      }
      String actual = path.get(i);
      if (segment.kind == Kind.TEXT ? !segment.text.equals(actual) : actual.isEmpty()) {
        return null;
      }
      if (segment.kind == Kind.PARAMETER) {
        parameters.put(segment.text, actual);
      }
    }
    return path.size() == segments.size() ? parameters : null;
  }

  @Override
  public int compareTo(PathTemplate other) {
    int common = Math.min(segments.size(), other.segments.size());
    for (int i = 0; i < common; i++) {
      Segment mine = segments.get(i);
      Segment theirs = other.segments.get(i);
      int order = mine.kind.compareTo(theirs.kind);
      if (order == 0 && mine.kind == Kind.TEXT) {
        order = mine.text.compareTo(theirs.text);
      }
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(segments.size(), other.segments.size());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PathTemplate template && compareTo(template) == 0;
  }

  @Override
  public int hashCode() {
    return segments.size();
  }

  @Override
  public String toString() {
    return source;
  }
}
