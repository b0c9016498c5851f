package io.github.websocketnetty.protocol;

import io.netty.util.NetUtil;
import java.net.IDN;
import java.net.Inet6Address;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntPredicate;

/**
 * Names of hosts: each way to write a name leads to one form, so that names can be compared as
 * text.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2">RFC 3986, section 3.2.2</a>
 */
public final class HostName {
  /** What no browser takes in a host, after percent-decoding and outside brackets. */
  private static final String FORBIDDEN = " #%/:<>?@[\\]^|";

  /**
   * The characters that IDNA 2003, which is what the JDK has, maps to other names than browsers do
   * (UTS 46, nontransitional). First the four deviation characters of UTS 46, then what Unicode
   * gave a small letter or another meaning after version 3.2. Found by comparing all characters.
   */
  private static final String MAPPED_DIFFERENTLY =
      "\u00DF\u03C2\u200C\u200D"
          + "\u04C0\u2132\u2183\u115F\u1160\u3164\uFFA0\u17B4\u17B5\u1806"
          + new String(new int[] {0x2F868, 0x2F874, 0x2F91F, 0x2F95F, 0x2F9BF}, 0, 5);

  /** What separates labels (RFC 3490, section 3.1). */
  private static final IntPredicate DOTS = c -> ".\u3002\uFF0E\uFF61".indexOf(c) >= 0;

  private static final int FIRST_GEORGIAN_CAPITAL = 0x10A0;
  private static final int LAST_GEORGIAN_CAPITAL = 0x10C5;

  private HostName() {}

  /**
   * Reads a host as it stands in a URI: a name, an IPv4 address, or an IPv6 address in brackets,
   * maybe with a zone id (RFC 6874).
   *
   * @param text percent-encoded or not; IPv6 addresses in brackets
   * @return a name in small ASCII letters, or an address without brackets, an IPv6 address in the
   *     form of RFC 5952 with its zone id behind {@code %}
   * @throws IllegalArgumentException if it is not a host; the message names it and says why
   */
  public static String parse(String text) {
    if (Objects.requireNonNull(text, "text").isEmpty()) {
      throw new IllegalArgumentException("hostname isn't provided");
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      return address(text.substring(1, text.length() - 1));
    }
    String name = PercentCode.decoded(text);
    checkForbidden(text, name);
    checkMapping(name);
    String ascii;
    try {
      ascii = IDN.toASCII(name).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw invalid(text, e.getMessage());
    }
    checkForbidden(text, ascii); // the mapping makes "a/c" of one character
    if (ascii.chars().filter(c -> c == '.').count() != name.chars().filter(DOTS).count()) {
      throw invalid(text, "a character that becomes a dot"); // inside what was mapped as one label
    }
    return ascii;
  }

  /**
   * Returns a host without the zone id of an IPv6 address, which means something on this machine
   * only.
   *
   * @param host what {@link #parse} returned
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6874#section-4">RFC 6874, section 4</a>
   */
  public static String withoutZone(String host) {
    int percent = Objects.requireNonNull(host, "host").indexOf('%');
    return percent < 0 ? host : host.substring(0, percent);
  }

  /**
   * Returns the name that a host's certificate must be for: without a zone id, and without the dot
   * at the end of an absolute name.
   *
   * @param host what {@link #parse} returned
   * @see <a href="https://www.rfc-editor.org/rfc/rfc6066#section-3">RFC 6066, section 3</a>
   */
  public static String serverName(String host) {
    String name = withoutZone(host);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** Reads what stands between brackets. */
  private static String address(String text) {
    int percent = text.indexOf('%');
    String digits = percent < 0 ? text : text.substring(0, percent);
    if (!NetUtil.isValidIpV6Address(digits)) {
      throw invalid(text, "not an IPv6 address");
    }
    String canonical = canonical(digits);
    if (percent < 0) {
      return canonical;
    }
    String zone = text.substring(percent + 1);
    // RFC 6874 writes the percent sign as %25; java.net.URI takes both.
    zone = zone.startsWith("25") ? PercentCode.decoded(zone.substring(2)) : zone;
    if (zone.isEmpty()) {
      throw invalid(text, "empty zone id");
    }
    return canonical + '%' + zone;
  }

  private static String canonical(String digits) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(digits);
    try {
      // With a scope, so that an address that stands for an IPv4 address stays IPv6.
      return NetUtil.toAddressString(Inet6Address.getByAddress(null, bytes, -1));
    } catch (UnknownHostException impossible) {
      throw invalid(digits, "not an IPv6 address");
    }
  }

  private static void checkForbidden(String text, String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c == 0x7F || FORBIDDEN.indexOf(c) >= 0) {
        throw invalid(text, String.format("character U+%04X", (int) c));
      }
    }
  }

  private static void checkMapping(String name) {
    name.codePoints()
        .filter(HostName::isMappedDifferently)
        .findFirst()
        .ifPresent(
            c -> {
              throw invalid(
                  name,
                  String.format(
                      "IDNA 2003 maps U+%04X otherwise than browsers do, so the name would be"
                          + " another domain; write it in ASCII, as xn--...",
                      c));
            });
  }

  private static boolean isMappedDifferently(int c) {
    return MAPPED_DIFFERENTLY.indexOf(c) >= 0
        || c >= FIRST_GEORGIAN_CAPITAL && c <= LAST_GEORGIAN_CAPITAL;
  }

  private static IllegalArgumentException invalid(String text, String problem) {
    return new IllegalArgumentException("hostname " + text + " is invalid: " + problem);
  }
}
