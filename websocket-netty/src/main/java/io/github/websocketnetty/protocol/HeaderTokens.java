package io.github.websocketnetty.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads the comma lists of the handshake's headers, strictly: a wrong character fails. All headers
 * of a name are one list; its empty elements are skipped, but it needs one that is not empty.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-5.6">RFC 9110, section 5.6</a> and
 *     RFC 6455, section 9.1
 */
final class HeaderTokens {
  private final CharSequence header;
  private final String text;
  private int position;

  private HeaderTokens(CharSequence header, String text) {
    this.header = header;
    this.text = text;
  }

  /** Reads the tokens in all occurrences of a header, for example {@code Connection}. */
  static List<String> tokens(CharSequence header, List<String> values) {
    return list(header, values, HeaderTokens::token);
  }

  /** Reads the protocols, each {@code name} or {@code name/version}, of {@code Upgrade}. */
  static List<String> protocols(CharSequence header, List<String> values) {
    return list(header, values, HeaderTokens::protocol);
  }

  /** Reads the extensions in all occurrences of {@code Sec-WebSocket-Extensions}. */
  static List<Extension> extensions(CharSequence header, List<String> values) {
    return list(header, values, HeaderTokens::extension);
  }

  private static <T> List<T> list(
      CharSequence header, List<String> values, Function<HeaderTokens, T> item) {
    List<T> items = new ArrayList<>();
    for (String value : values) {
      new HeaderTokens(header, value).list(item, items);
    }
    if (items.isEmpty() && !values.isEmpty()) {
      throw HandshakeException.empty(header);
    }
    return items;
  }

  /** Returns whether {@code text} is a token: at least one character, none of them special. */
  static boolean isToken(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isTokenChar(text.charAt(i))) {
        return false;
      }
    }
    return text.length() > 0;
  }

  /** Returns where the first character stands that cannot be sent in a value, -1 for nowhere. */
  static int indexOfInvalid(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7F || c > 0xFF) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isTokenChar(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }

  private <T> void list(Function<HeaderTokens, T> item, List<T> items) {
    skipCommas();
    while (!atEnd()) {
      items.add(item.apply(this));
      skipSpace();
      if (!atEnd() && !at(',')) {
        throw expected("comma");
      }
      skipCommas();
    }
  }

  private String token() {
    int start = position;
    while (!atEnd() && isTokenChar(text.charAt(position))) {
      position++;
    }
    if (start == position) {
      throw expected("token");
    }
    return text.substring(start, position);
  }

  private String protocol() {
    String name = token();
    return skip('/') ? name + '/' + token() : name;
  }

  private Extension extension() {
    String name = token();
    List<Extension.Parameter> parameters = new ArrayList<>();
    skipSpace();
    while (skip(';')) {
      skipSpace();
      parameters.add(parameter());
      skipSpace();
    }
    return new Extension(name, parameters);
  }

  private Extension.Parameter parameter() {
    String name = token();
    skipSpace();
    if (!skip('=')) {
      return new Extension.Parameter(name, null);
    }
    skipSpace();
    return new Extension.Parameter(name, at('"') ? quoted() : token());
  }

  private String quoted() {
    int start = position++;
    StringBuilder value = new StringBuilder();
    while (!atEnd() && !at('"')) {
      skip('\\');
      if (!atEnd()) {
        value.append(text.charAt(position++));
      }
    }
    if (!skip('"')) {
      position = start;
      throw expected("quoted string");
    }
    // RFC 6455, section 9.1: what is inside the quotes must be a token, too.
    if (!isToken(value)) {
      position = start;
      throw problem("invalid quoted header content");
    }
    return value.toString();
  }

  private boolean atEnd() {
    return position == text.length();
  }

  private boolean at(char c) {
    return !atEnd() && text.charAt(position) == c;
  }

  private boolean skip(char c) {
    boolean found = at(c);
    if (found) {
      position++;
    }
    return found;
  }

  private void skipSpace() {
    while (at(' ') || at('\t')) {
      position++;
    }
  }

  private void skipCommas() {
    skipSpace();
    while (skip(',')) {
      skipSpace();
    }
  }

  private HandshakeException expected(String what) {
    return problem("expected " + what);
  }

  private HandshakeException problem(String what) {
    return HandshakeException.invalid(header, what + " at " + position + " in " + text);
  }
}
