package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.WebSocketUri;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CLI-10: which servers no_proxy lists. */
class ProxyExceptionsTest {
  private static boolean contains(String list, String server) {
    return ProxyExceptions.parse(list).contains(WebSocketUri.parse(URI.create(server)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "* | ws://host/",
        "*:81 | ws://host:81/",
        "HOST | ws://host/",
        "x, host | ws://host/",
        "x host | ws://host/",
        "example. | ws://www.example/",
        "example | ws://www.example./",
        ".example | ws://example/",
        ".example. | ws://a.b.example/",
        "*.internal | ws://a.internal/",
        "*.internal | ws://a.b.internal:81/",
        "*.internal. | ws://a.internal./",
        "*.internal:81 | ws://a.internal:81/",
        "host:81 | ws://host:81/",
        ".host:81 | ws://www.host:81/",
        "host:443 | wss://host/",
        "under_score | ws://under_score/",
        "m\u00FCller.example | ws://xn--mller-kva.example/",
        "xn--mller-kva.example | ws://m\u00FCller.example/",
        "*.M\u00DCLLER.example | ws://a.m\u00FCller.example/",
        "xn--strae-oqa.example | ws://xn--strae-oqa.example/",
        "::1 | ws://[::1]/",
        "[::1] | ws://[0::1]/",
        "[0:0:0:0:0:0:0:1] | ws://[::1]/",
        "[::1]:81 | ws://[::1]:81/",
        "fe80::1 | ws://[fe80::1%25eth0]/",
        "[fe80::1%25eth0] | ws://[fe80::1%25eth0]/",
        "127.0.0.1 | ws://127.0.0.1/",
        "127.0.0.1 | ws://127.0.0.1./",
        "127.0.0.1:81 | ws://127.0.0.1:81/",
        "127.0.0.1 | ws://[::ffff:127.0.0.1]/",
        "::ffff:127.0.0.1 | ws://127.0.0.1/",
        "10.0.0.0/8 | ws://10.255.1.2/",
        "10.0.0.0/9 | ws://10.127.1.2/",
        "192.168.1.77/24 | ws://192.168.1.2:81/",
        "10.1.2.3/32 | ws://10.1.2.3/",
        "0.0.0.0/0 | ws://10.1.2.3/",
        "::ffff:10.0.0.0/104 | ws://10.1.2.3/",
        "fd00::/8 | ws://[fd12::1]/",
        "[fd00::]/8 | ws://[fd12::1]/",
        "[fd00::/8] | ws://[fd12::1]/",
        "fe80::/10 | ws://[fe80::1%25eth0]/",
        "2001:db8::/33 | ws://[2001:db8:7fff::]/",
        "::/0 | ws://[::1]/",
      })
  void serverIsListed(String list, String server) {
    assertTrue(contains(list, server));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | ws://host/",
        "', ,' | ws://host/",
        "*:81 | ws://host/",
        "ost | ws://host/",
        "*.internal | ws://internal/",
        "*.internal | ws://xinternal/",
        "*.internal:81 | ws://a.internal/",
        "host:81 | ws://host/",
        "host:443 | ws://host/",
        "[::1]:81 | ws://[::1]/",
        "::1:81 | ws://[::1]:81/",
        "0.0.1 | ws://127.0.0.1/",
        "127.0.0.1 | ws://127.0.0.1.example/",
        "127.0.0.1 | ws://example.127.0.0.1.x/",
        "10.0.0.0/8 | ws://11.0.0.1/",
        "10.0.0.0/9 | ws://10.128.1.2/",
        "10.0.0.0/8 | ws://10.example/",
        "10.1.2.3/33 | ws://10.1.2.3/",
        "10.1.2.3/ | ws://10.1.2.3/",
        "10.1.2.3/x | ws://10.1.2.3/",
        "10.1.2.3/-1 | ws://10.1.2.3/",
        "/8 | ws://10.1.2.3/",
        "::/0 | ws://10.1.2.3/",
        "::ffff:10.0.0.0/90 | ws://10.1.2.3/",
        "0.0.0.0/0 | ws://[::1]/",
        "0.0.0.0/0 | ws://host/",
        "fd00::/8 | ws://[fe00::1]/",
        "2001:db8::/33 | ws://[2001:db8:8000::]/",
        "::/129 | ws://[::1]/",
        "a%b, [::1, host:x, http://host/, :81, . | ws://host/",
      })
  void serverIsNotListed(String list, String server) {
    assertFalse(contains(list, server));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stra\u00DFe.example", "*.stra\u00DFe.example:81"})
  void nameThatIsAnotherDomainInBrowsersIsRefused(String entry) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> contains("a," + entry + ",b", "ws://b/"));
    assertEquals(
        "no_proxy: hostname stra\u00DFe.example is invalid: IDNA 2003 maps U+00DF otherwise than"
            + " browsers do, so the name would be another domain; write it in ASCII, as xn--...",
        refusal.getMessage());
  }
}
