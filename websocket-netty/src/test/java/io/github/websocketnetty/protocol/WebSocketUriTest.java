package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketUriTest {
  // HS-40, HS-50
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ws://localhost | false | localhost | 80 | localhost | /",
        "WS://localhost/ | false | localhost | 80 | localhost | /",
        "wss://localhost/path?q=1&r | true | localhost | 443 | localhost | /path?q=1&r",
        "ws://localhost?q | false | localhost | 80 | localhost | /?q",
        "ws://localhost:80/ | false | localhost | 80 | localhost | /",
        "wss://localhost:80/ | true | localhost | 80 | localhost:80 | /",
        "ws://localhost:/ | false | localhost | 80 | localhost | /",
        "ws://[::1]:8080/a | false | ::1 | 8080 | [::1]:8080 | /a",
        "wss://[::1] | true | ::1 | 443 | [::1] | /",
        "ws://under_score:1/ | false | under_score | 1 | under_score:1 | /",
        "ws://m\u00FCller.example/ | false | xn--mller-kva.example | 80 | xn--mller-kva.example | /",
        "ws://h/\u00FC%20b?\u20AC | false | h | 80 | h | /%C3%BC%20b?%E2%82%AC",
      })
  void validUris(
      String uri, boolean secure, String host, int port, String hostHeader, String resource) {
    WebSocketUri parsed = WebSocketUri.parse(URI.create(uri));
    assertEquals(secure, parsed.secure());
    assertEquals(host, parsed.host());
    assertEquals(port, parsed.port());
    assertEquals(hostHeader, parsed.hostHeader());
    assertEquals(resource, parsed.resource());
  }

  // HS-50
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://localhost/ | scheme isn't ws or wss",
        "//localhost/ | scheme isn't ws or wss",
        "ws:///path | hostname isn't provided",
        "ws:opaque | hostname isn't provided",
        "ws://localhost/path#fragment | fragment identifier is meaningless",
        "ws://user@localhost/ | username provided without password",
        "ws://us%3Aer:pw@localhost/ | a username cannot have a colon",
        "ws://localhost:0/ | port 0 isn't a number from 1 to 65535",
        "ws://localhost:65536/ | port 65536 isn't a number from 1 to 65535",
        "ws://localhost:123456/ | port 123456 isn't a number up to 65535",
      })
  void invalidUris(String uri, String problem) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> WebSocketUri.parse(URI.create(uri)));
    assertEquals(uri + " isn't a valid URI: " + problem, e.getMessage());
  }

  // HS-50
  @ParameterizedTest
  @CsvSource({
    "user:pass, user:pass",
    "us%40er:p%3Aa%2Fs+s, us@er:p:a/s+s",
    "%C3%BC:%E2%82%AC, \u00FC:\u20AC",
    "user:, user:",
  })
  void userInfoIsDecodedForBasicAuthorization(String userInfo, String credentials) {
    WebSocketUri uri = WebSocketUri.parse(URI.create("ws://" + userInfo + "@host/"));
    String basic = uri.authorization();
    assertTrue(basic.startsWith("Basic "));
    byte[] bytes = Base64.getDecoder().decode(basic.substring("Basic ".length()));
    assertEquals(credentials, new String(bytes, StandardCharsets.UTF_8));
  }

  @Test
  void logsDoNotShowCredentials() {
    WebSocketUri uri = WebSocketUri.parse(URI.create("ws://user:secret@host:81/a"));
    assertEquals("ws://host:81/a", uri.toString());
    assertFalse(uri.toString().contains("secret"));
  }
}
