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
import org.junit.jupiter.params.provider.ValueSource;

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
        "ws://[0:0::0:1]/ | false | ::1 | 80 | [::1] | /",
        "ws://[::FFFF:1.2.3.4]/ | false | ::ffff:102:304 | 80 | [::ffff:102:304] | /",
        "ws://EXAMPLE.com./ | false | example.com. | 80 | example.com. | /",
        "ws://under_score:1/ | false | under_score | 1 | under_score:1 | /",
        "ws://m\u00FCller.example/ | false | xn--mller-kva.example | 80 | xn--mller-kva.example |"
            + " /",
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
        "ws://a%20b/ | hostname a%20b is invalid: character U+0020",
        "ws://a%0D%0AX/ | hostname a%0D%0AX is invalid: character U+000D",
        "ws://a%2Fb/ | hostname a%2Fb is invalid: character U+002F",
        "ws://a%40b/ | hostname a%40b is invalid: character U+0040",
        "ws://a\u2100b/ | hostname a\u2100b is invalid: character U+002F",
        "ws://localhost:0/ | port 0 isn't a number from 1 to 65535",
        "ws://localhost:65536/ | port 65536 isn't a number from 1 to 65535",
        "ws://localhost:123456/ | port 123456 isn't a number up to 65535",
      })
  void invalidUris(String uri, String problem) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> WebSocketUri.parse(URI.create(uri)));
    String shown = uri.replaceFirst("//.*@", "//");
    assertEquals(shown + " isn't a valid URI: " + problem, e.getMessage());
  }

  // RFC 6874: the zone is for the look-up alone; the percent sign may also be a bare one
  @ParameterizedTest
  @CsvSource({
    "ws://[fe80::1%25eth0]:81/a, fe80::1%eth0, [fe80::1]:81",
    "ws://[fe80::1%eth0]:81/a, fe80::1%eth0, [fe80::1]:81",
    "ws://[fe80::1%2512]:81/a, fe80::1%12, [fe80::1]:81",
    "ws://[FE80::1%25Eth_0.1]:81/a, fe80::1%Eth_0.1, [fe80::1]:81",
  })
  void zoneOfAnIpv6AddressStaysHere(String text, String host, String hostHeader) {
    WebSocketUri uri = WebSocketUri.parse(URI.create(text));
    assertEquals(host, uri.host());
    assertEquals(hostHeader, uri.hostHeader());
    assertEquals("fe80::1", uri.serverName());
    assertEquals(uri, WebSocketUri.parse(URI.create(uri.toString())));
  }

  @Test
  void certificateIsForTheNameWithoutTheDotAtItsEnd() {
    assertEquals("h.example", WebSocketUri.parse(URI.create("wss://h.example./")).serverName());
    assertEquals("h.example", WebSocketUri.parse(URI.create("wss://h.example/")).serverName());
  }

  // HS-50: browsers go to xn--strae-oqa.example, IDNA 2003 says strasse.example
  @ParameterizedTest
  @ValueSource(strings = {"stra\u00DFe", "\u03BB\u03C2", "a\u200Cb", "a\u200Db", "\u10A0x"})
  void nameThatIsAnotherDomainInBrowsersIsRefused(String name) {
    URI uri = URI.create("ws://" + name + ".example/");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> WebSocketUri.parse(uri));
    assertTrue(e.getMessage().contains("write it in ASCII, as xn--..."), e.getMessage());
    URI encoded = URI.create(uri.toASCIIString());
    assertThrows(IllegalArgumentException.class, () -> WebSocketUri.parse(encoded));
    URI ascii = URI.create("ws://xn--strae-oqa.example/");
    assertEquals("xn--strae-oqa.example", WebSocketUri.parse(ascii).host());
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
