package io.github.websocketnetty.examples;

import java.util.ArrayList;
import java.util.List;

/** Writes JSON; what the chat reads is plain text. */
final class Json {
  private Json() {}

  /**
   * Returns an object.
   *
   * @param namesAndValues alternating; values are numbers, strings, or lists of such
   */
  static String object(Object... namesAndValues) {
    List<String> members = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.add(value(namesAndValues[i]) + ":" + value(namesAndValues[i + 1]));
    }
    return "{" + String.join(",", members) + "}";
  }

  private static String value(Object value) {
    if (value instanceof List<?> list) {
      return "[" + String.join(",", list.stream().map(Json::value).toList()) + "]";
    }
    return value instanceof Number ? value.toString() : quoted(value.toString());
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
