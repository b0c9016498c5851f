package io.github.websocketnetty.protocol;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One element of a {@code Sec-WebSocket-Extensions} header: what a client offers or what a server
 * accepts. Immutable.
 *
 * @param name the extension's registered name, for example {@code permessage-deflate}
 * @param parameters its parameters in the order in which they are written, possibly repeated
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-9.1">RFC 6455, section 9.1</a>
 */
public record Extension(String name, List<Parameter> parameters) {
  /**
   * A parameter of an extension.
   *
   * @param name the parameter's name
   * @param value its value, a token, or {@code null} if it has none
   */
  public record Parameter(String name, String value) {
    /**
     * Checks what would be sent.
     *
     * @throws IllegalArgumentException if the name or the value is not a token
     */
    public Parameter {
      checkToken("name", Objects.requireNonNull(name, "name"));
      if (value != null) {
        checkToken("value", value);
      }
    }

    /** Returns the parameter as it stands in the header. */
    @Override
    public String toString() {
      return value == null ? name : name + '=' + value;
    }
  }

  /**
   * Checks what would be sent and copies the parameters.
   *
   * @throws IllegalArgumentException if the name is not a token
   */
  public Extension {
    checkToken("name", Objects.requireNonNull(name, "name"));
    for (Parameter parameter : Objects.requireNonNull(parameters, "parameters")) {
      Objects.requireNonNull(parameter, "parameter of parameters");
    }
    parameters = List.copyOf(parameters);
  }

  /** Returns the extension as it stands in the header. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    parameters.forEach(parameter -> text.append("; ").append(parameter));
    return text.toString();
  }

  /** Returns whether one of {@code others} has the same name. */
  boolean isNamedIn(List<Extension> others) {
    for (Extension other : others) {
      if (other.name.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the value of a header with all of {@code extensions}. */
  static String join(List<Extension> extensions) {
    return extensions.stream().map(Extension::toString).collect(Collectors.joining(", "));
  }

  private static void checkToken(String what, String text) {
    if (!HeaderTokens.isToken(text)) {
      throw new IllegalArgumentException("invalid extension " + what + ": " + text);
    }
  }
}
