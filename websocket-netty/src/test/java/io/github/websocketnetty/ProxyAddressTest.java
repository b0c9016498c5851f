package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.WebSocketUri;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy a URI or an environment names. */
class ProxyAddressTest {
  // CLI-11: test_parse_valid_proxies
  @ParameterizedTest
  @CsvSource({
    "http://proxy:8080, http://proxy:8080",
    "http://proxy, http://proxy:80",
    "https://proxy/, https://proxy:443",
    "SOCKS5H://proxy:1080, socks5h://proxy:1080",
    "socks5://proxy, socks5://proxy:80",
    "socks4a://proxy:1080, socks4a://proxy:1080",
    "socks4://proxy:1080, socks4://proxy:1080",
    "http://[::1]:8080, http://[::1]:8080",
    "http://[fe80::1%25eth0]:8080, http://[fe80::1%25eth0]:8080",
    "http://squid_proxy:3128, http://squid_proxy:3128",
    "http://squid_proxy, http://squid_proxy:80",
    "socks5h://user:pw@squid_proxy:1080, socks5h://squid_proxy:1080",
    "http://m\u00FCller.example:1, http://xn--mller-kva.example:1",
    "http://m%C3%BCller.example:1, http://xn--mller-kva.example:1",
  })
  void validUris(String uri, String expected) {
    assertEquals(expected, ProxyAddress.parse(URI.create(uri)).toString());
  }

  // CLI-11: test_parse_proxy_user_info
  @Test
  void userInfoIsDecodedAndHidden() {
    ProxyAddress proxy = ProxyAddress.parse(URI.create("http://us%65r:p+%C3%A4%3A@proxy:1"));
    assertEquals("user", proxy.username());
    assertEquals("p+ä:", proxy.password());
    assertEquals("http://proxy:1", proxy.toString());
  }

  // CLI-11: test_parse_invalid_proxies; ACL test_unsupported_proxy
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "other://proxy:8080 | other://proxy:8080 isn't a valid proxy: scheme other isn't supported",
        "http:///p | http:///p isn't a valid proxy: path, query and fragment are meaningless",
        "http://proxy/p | http://proxy/p isn't a valid proxy: path, query and fragment are"
            + " meaningless",
        "http://proxy?q | http://proxy?q isn't a valid proxy: path, query and fragment are"
            + " meaningless",
        "http://proxy#f | http://proxy#f isn't a valid proxy: path, query and fragment are"
            + " meaningless",
        "http://u:secret@proxy:99999 | http://proxy:99999 isn't a valid proxy: port 99999 isn't a"
            + " number from 1 to 65535",
        "http://a%20b | http://a%20b isn't a valid proxy: hostname a%20b is invalid: character"
            + " U+0020",
        "http:/// | http:/// isn't a valid proxy: hostname isn't provided",
        "http://u@proxy | http://proxy isn't a valid proxy: username provided without password",
        "http://u:secret@proxy/p | http://proxy/p isn't a valid proxy: path, query and fragment"
            + " are meaningless",
      })
  void invalidUris(String uri, String problem) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> ProxyAddress.parse(URI.create(uri)));
    assertEquals(problem, refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"stra\u00DFe", "a\u200Db"})
  void nameThatIsAnotherDomainInBrowsersIsRefused(String name) {
    URI uri = URI.create("http://" + name + ".example:3128");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ProxyAddress.parse(uri));
    assertTrue(e.getMessage().contains("write it in ASCII, as xn--..."), e.getMessage());
  }

  @Test
  void someProxiesLookUpTheServerThemselves() {
    assertTrue(ProxyAddress.Scheme.SOCKS5.resolvesHere());
    assertTrue(ProxyAddress.Scheme.SOCKS4.resolvesHere());
    assertFalse(ProxyAddress.Scheme.SOCKS5H.resolvesHere());
    assertFalse(ProxyAddress.Scheme.HTTP.resolvesHere());
  }

  private static String find(String environment, String server) {
    Map<String, String> variables =
        Arrays.stream(environment.split(" "))
            .filter(pair -> !pair.isEmpty())
            .collect(
                Collectors.toMap(
                    pair -> pair.substring(0, pair.indexOf('=')),
                    pair -> pair.substring(pair.indexOf('=') + 1)));
    ProxyAddress found = ProxyAddress.find(variables, WebSocketUri.parse(URI.create(server)));
    return found == null ? null : found.toString();
  }

  // CLI-10: test_get_proxy
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ws_proxy=http://a:1 wss_proxy=http://b:2 | ws://host/ | http://a:1",
        "ws_proxy=http://a:1 wss_proxy=http://b:2 | wss://host/ | http://b:2",
        "ws_proxy=http://a:1 socks_proxy=socks5://b:2 | ws://host/ | http://a:1",
        "socks_proxy=http://a:1 https_proxy=http://b:2 | ws://host/ | socks5h://a:1",
        "https_proxy=http://a:1 http_proxy=http://b:2 | ws://host/ | http://a:1",
        "https_proxy=http://a:1 http_proxy=http://b:2 | wss://host/ | http://a:1",
        "http_proxy=http://a:1 | ws://host/ | http://a:1",
        "https_proxy=a:1 | ws://host/ | http://a:1",
        "HTTPS_PROXY=http://a:1 | ws://host/ | http://a:1",
        "https_proxy=http://a:1 all_proxy=http://b:2 | wss://host/ | http://a:1",
        "http_proxy=http://a:1 all_proxy=http://b:2 | ws://host/ | http://a:1",
        "http_proxy=http://a:1 all_proxy=http://b:2 | wss://host/ | http://b:2",
        "HTTP_PROXY=http://a:1 all_proxy=http://b:2 | ws://host/ | http://b:2",
        "ws_proxy=http://a:1 ALL_PROXY=http://b:2 | wss://host/ | http://b:2",
        "ws_proxy=http://a:1 ALL_PROXY=http://b:2 | ws://host/ | http://a:1",
        "ALL_PROXY=socks5://a:1 | ws://host/ | socks5://a:1",
        "all_proxy=socks://a:1/ | wss://host/ | socks5h://a:1",
        "all_proxy=a:1 | wss://host/ | http://a:1",
        "all_proxy=http://a:1 ALL_PROXY=http://b:2 | ws://host/ | http://a:1",
        "all_proxy= ALL_PROXY=http://b:2 | ws://host/ | http://b:2",
        "https_proxy= all_proxy=http://b:2 | ws://host/ | http://b:2",
        "all_proxy=squid_proxy:3128 | wss://host/ | http://squid_proxy:3128",
        "no_proxy=other https_proxy=http://a:1 | ws://host/ | http://a:1",
        "no_proxy=host:81 https_proxy=http://a:1 | ws://host/ | http://a:1",
        "no_proxy=ost https_proxy=http://a:1 | ws://host/ | http://a:1",
      })
  void proxyIsFoundInTheEnvironment(String environment, String server, String expected) {
    assertEquals(expected, find(environment, server));
  }

  // CLI-10: as a line of a file of settings leaves it
  @Test
  void spaceAroundAProxyInTheEnvironmentMeansNothing() {
    WebSocketUri server = WebSocketUri.parse(URI.create("wss://host/"));
    for (String value : List.of(" http://a:1", "http://a:1 ", "\ta:1\r")) {
      assertEquals(
          "http://a:1", ProxyAddress.find(Map.of("https_proxy", value), server).toString());
    }
    assertNull(ProxyAddress.find(Map.of("https_proxy", " "), server));
  }

  // CLI-10
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | ws://host/",
        "http_proxy=http://a:1 | wss://host/",
        "HTTP_PROXY=http://a:1 | ws://host/",
        "no_proxy=host all_proxy=http://a:1 | wss://host/",
        "no_proxy=* https_proxy=http://a:1 | ws://host/",
        "no_proxy=x,,host https_proxy=http://a:1 | ws://HOST/",
        "NO_PROXY=.example https_proxy=http://a:1 | ws://www.example/",
        "no_proxy=example https_proxy=http://a:1 | ws://www.example:81/",
        "no_proxy=host:81 https_proxy=http://a:1 | ws://host:81/",
      })
  void noProxyIsFoundInTheEnvironment(String environment, String server) {
    assertNull(find(environment, server));
  }
}
