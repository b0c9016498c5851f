package io.github.websocketnetty.protocol;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** The headers of the handshake, spelled as they are written, and what both roles do with them. */
final class HandshakeHeaders {
  static final AsciiString ALLOW = AsciiString.cached("Allow");
  static final AsciiString AUTHORIZATION = AsciiString.cached("Authorization");
  static final AsciiString CONNECTION = AsciiString.cached("Connection");
  static final AsciiString CONTENT_LENGTH = AsciiString.cached("Content-Length");
  static final AsciiString CONTENT_TYPE = AsciiString.cached("Content-Type");
  static final AsciiString DATE = AsciiString.cached("Date");
  static final AsciiString HOST = AsciiString.cached("Host");
  static final AsciiString ORIGIN = AsciiString.cached("Origin");
  static final AsciiString SERVER = AsciiString.cached("Server");
  static final AsciiString TRANSFER_ENCODING = AsciiString.cached("Transfer-Encoding");
  static final AsciiString UPGRADE = AsciiString.cached("Upgrade");
  static final AsciiString USER_AGENT = AsciiString.cached("User-Agent");
  static final AsciiString ACCEPT = AsciiString.cached("Sec-WebSocket-Accept");
  static final AsciiString EXTENSIONS = AsciiString.cached("Sec-WebSocket-Extensions");
  static final AsciiString KEY = AsciiString.cached("Sec-WebSocket-Key");
  static final AsciiString PROTOCOL = AsciiString.cached("Sec-WebSocket-Protocol");
  static final AsciiString VERSION = AsciiString.cached("Sec-WebSocket-Version");

  static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  /** The only version of the protocol. */
  static final AsciiString VERSION_13 = AsciiString.cached("13");

  /** Headers by which the handshake itself works, in lower case; nobody else may write them. */
  private static final Set<String> OURS =
      Set.of(
          "connection",
          "upgrade",
          "content-length",
          "transfer-encoding",
          "sec-websocket-accept",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version");

  // Not RFC_1123_DATE_TIME, which writes the days 1 to 9 with one digit.
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private HandshakeHeaders() {}

  static String date(Instant now) {
    return HTTP_DATE.format(now);
  }

  /**
   * Checks that a header can be sent.
   *
   * @throws IllegalArgumentException if the name is not a token or the value not Latin-1 text
   */
  static void checkSendable(CharSequence name, CharSequence value) {
    if (!HeaderTokens.isToken(name)) {
      throw new IllegalArgumentException("invalid header name: " + name);
    }
    int wrong = HeaderTokens.indexOfInvalid(value);
    if (wrong >= 0) { // the value may be a secret
      throw new IllegalArgumentException(
          String.format(
              "invalid value of header %s: character U+%04X at %d",
              name, (int) value.charAt(wrong), wrong));
    }
  }

  /**
   * Checks a header that a user wants to add to a handshake.
   *
   * @throws IllegalArgumentException also if the handshake writes that header
   */
  static void checkAdditional(CharSequence name, CharSequence value) {
    checkSendable(name, value);
    if (OURS.contains(name.toString().toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("header " + name + " is written by the handshake");
    }
  }

  /**
   * Checks that {@code Connection} and {@code Upgrade} of a request ask for WebSocket, maybe among
   * other protocols.
   *
   * @throws HandshakeException if they do not
   * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-7.8">RFC 9110, section 7.8</a>
   */
  static void checkUpgradeOffered(HttpHeaders headers) {
    List<String> upgrade = checkUpgrade(headers);
    if (!containsIgnoringCase(upgrade, WEBSOCKET)) {
      throw noUpgrade(UPGRADE, upgrade);
    }
  }

  /**
   * Checks that {@code Connection} and {@code Upgrade} of a response switch to WebSocket and
   * nothing else.
   *
   * @throws HandshakeException if they do not
   */
  static void checkUpgradeGranted(HttpHeaders headers) {
    List<String> upgrade = checkUpgrade(headers);
    if (upgrade.size() != 1 || !WEBSOCKET.contentEqualsIgnoreCase(upgrade.get(0))) {
      throw noUpgrade(UPGRADE, upgrade);
    }
  }

  /** Checks {@code Connection} and returns the protocols of {@code Upgrade}. */
  private static List<String> checkUpgrade(HttpHeaders headers) {
    List<String> connection = HeaderTokens.tokens(CONNECTION, headers.getAll(CONNECTION));
    if (!containsIgnoringCase(connection, UPGRADE)) {
      throw noUpgrade(CONNECTION, connection);
    }
    return HeaderTokens.protocols(UPGRADE, headers.getAll(UPGRADE));
  }

  private static boolean containsIgnoringCase(List<String> items, AsciiString item) {
    return items.stream().anyMatch(item::contentEqualsIgnoreCase);
  }

  private static HandshakeException noUpgrade(AsciiString name, List<String> values) {
    String what =
        values.isEmpty()
            ? "missing " + name + " header"
            : "invalid " + name + " header: " + String.join(", ", values);
    return HandshakeException.answered(
        HandshakeException.Reason.INVALID_UPGRADE,
        what,
        HttpResponseStatus.UPGRADE_REQUIRED,
        UPGRADE,
        WEBSOCKET);
  }

  /**
   * Returns the value of a header that must occur exactly once, with a value.
   *
   * @throws HandshakeException if it is missing, repeated or empty
   */
  static String singleValue(HttpHeaders headers, CharSequence name) {
    String value = single(headers, name);
    if (value.isEmpty()) {
      throw HandshakeException.empty(name);
    }
    return value;
  }

  /**
   * Returns the value of a header that must occur exactly once.
   *
   * @throws HandshakeException if it is missing or repeated
   */
  static String single(HttpHeaders headers, CharSequence name) {
    String value = atMostOne(headers, name);
    if (value == null) {
      throw HandshakeException.missing(name);
    }
    return value;
  }

  /**
   * Returns the value of a header that may occur once, or {@code null}.
   *
   * @throws HandshakeException if it is repeated
   */
  static String atMostOne(HttpHeaders headers, CharSequence name) {
    List<String> values = headers.getAll(name);
    if (values.size() > 1) {
      throw HandshakeException.multiple(name);
    }
    return values.isEmpty() ? null : values.get(0);
  }

  /** Checks the names of subprotocols and copies their list. */
  static List<String> checkSubprotocols(List<String> subprotocols) {
    for (String subprotocol : subprotocols) {
      Objects.requireNonNull(subprotocol, "subprotocol of subprotocols");
      if (!HeaderTokens.isToken(subprotocol)) {
        throw new IllegalArgumentException("invalid subprotocol: " + subprotocol);
      }
    }
    return List.copyOf(subprotocols);
  }
}
