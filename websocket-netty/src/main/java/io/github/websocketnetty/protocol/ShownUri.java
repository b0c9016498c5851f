package io.github.websocketnetty.protocol;

import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * URIs as messages and logs show them: without what may be a secret. That is the user info, and the
 * values in query and fragment: a browser cannot add headers to a handshake, so that many tokens
 * stand there. The text need not be a valid URI; what may be part of a password is left out.
 */
public final class ShownUri {
  private static final String HIDDEN = "...";
  private static final Pattern BEFORE_AUTHORITY = Pattern.compile("(?:[^:/?#@]*:)?//");
  private static final Pattern AUTHORITY = Pattern.compile("[^/?#\\\\]*");
  private static final Pattern PORT = Pattern.compile("(?:\\[[^\\]]*]|[^:]*)(?::\\d*)?");

  /** User info where a path is expected, because a slash is missing in front of it. */
  private static final Pattern MISPLACED = Pattern.compile("[^/@]*:[^/@]*@");

  /** A longer name of a parameter without a value may be the secret. */
  private static final int LONGEST_NAME = 20;

  private ShownUri() {}

  /** Returns a URI, absolute or relative, as it may be shown. */
  public static String of(String uri) {
    Matcher before = BEFORE_AUTHORITY.matcher(Objects.requireNonNull(uri, "uri"));
    String start = before.lookingAt() ? before.group() : "";
    String rest = uri.substring(start.length());
    int at = rest.lastIndexOf('@');
    if (at >= 0) {
      // A password may have any character if it was not encoded as it should be.
      boolean isUserInfo = !start.isEmpty() && AUTHORITY.matcher(rest.substring(0, at)).matches();
      return start + (isUserInfo ? "" : HIDDEN + '@') + withoutValues(rest.substring(at + 1));
    }
    Matcher authority = AUTHORITY.matcher(rest);
    // With something else for a port, it may be user info without a host.
    if (!start.isEmpty() && authority.lookingAt() && !PORT.matcher(authority.group()).matches()) {
      return start + HIDDEN + withoutValues(rest.substring(authority.end()));
    }
    return start + withoutValues(rest);
  }

  /** Returns a request's target, which is a path or a URI, as it may be shown. */
  public static String ofTarget(String target) {
    return Objects.requireNonNull(target, "target").startsWith("/")
        ? withoutValues(target)
        : of(target);
  }

  private static String withoutValues(String text) {
    int fragment = text.indexOf('#');
    if (fragment >= 0) {
      return withoutValues(text.substring(0, fragment)) + '#' + names(text.substring(fragment + 1));
    }
    int query = text.indexOf('?');
    String path = query < 0 ? text : text.substring(0, query);
    String shown = MISPLACED.matcher(path).replaceAll(HIDDEN + '@');
    return query < 0 ? shown : shown + '?' + names(text.substring(query + 1));
  }

  private static String names(String parameters) {
    return Arrays.stream(parameters.split("&", -1))
        .map(ShownUri::name)
        .collect(Collectors.joining("&"));
  }

  private static String name(String parameter) {
    int equals = parameter.indexOf('=');
    String name = equals < 0 ? parameter : parameter.substring(0, equals);
    String shown = name.length() > LONGEST_NAME ? HIDDEN : name;
    return equals < 0 ? shown : shown + '=' + HIDDEN;
  }
}
