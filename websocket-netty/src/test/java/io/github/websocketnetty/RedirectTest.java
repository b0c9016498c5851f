package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where redirects lead, and where not. */
class RedirectTest {
  private static InvalidStatusException answer(int status, String... locations) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER);
    for (String location : locations) {
      response.headers().add(HttpHeaderNames.LOCATION, location);
    }
    return new InvalidStatusException(response);
  }

  private static ClientHandshakeOptions client(String uri) {
    return ClientHandshakeOptions.forUri(URI.create(uri));
  }

  private static Redirect redirect(String from, int status, String location) {
    return Redirect.of(answer(status, location), client(from), null);
  }

  // RFC 6874: the server never saw the zone
  @ParameterizedTest
  @CsvSource({
    "/b, fe80::1%eth0",
    "ws://[fe80::1]:81/b, fe80::1%eth0",
    "ws://[FE80::1]:82/b, fe80::1%eth0",
    "ws://[fe80::2]:81/b, fe80::2",
    "ws://other/b, other",
  })
  void zoneOfAnAddressIsKept(String location, String host) {
    Redirect redirect = redirect("ws://[fe80::1%25eth0]:81/a", 302, location);
    assertEquals(host, redirect.options().uri().host());
    assertEquals("/b", redirect.options().uri().resource());
  }

  // CLI-02: test_redirect, test_cross_origin_redirect; CLI-03: http is ws, https is wss
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ws://host/a/b?q | /c | ws://host/c",
        "ws://host/a/b?q | c | ws://host/a/c",
        "ws://host/a/b?q | ../c | ws://host/c",
        "ws://host/a/b?q | ?r | ws://host/a/b?r",
        "ws://host | c | ws://host/c",
        "ws://host:8080/ | /c | ws://host:8080/c",
        "wss://host/ | /c#part | wss://host/c",
        "ws://host/ | ws://other:81/c?q | ws://other:81/c?q",
        "ws://host/ | //other/c | ws://other/c",
        "ws://host/ | wss://host/ | wss://host/",
        "ws://host/ | http://other/c | ws://other/c",
        "ws://host/ | https://other/c | wss://other/c",
        "wss://host/ | HTTPS://other/c | wss://other/c",
        "ws://[::1]:80/ | /c | ws://[::1]/c",
      })
  void locationIsRelativeToTheUri(String from, String location, String to) {
    assertEquals(to, redirect(from, 302, location).options().uri().toString());
  }

  // CLI-02: the examples of RFC 3986, section 5.4
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "g | ws://a/b/c/g",
        "./g | ws://a/b/c/g",
        "g/ | ws://a/b/c/g/",
        "/g | ws://a/g",
        "//g | ws://g/",
        "?y | ws://a/b/c/d;p?y",
        "g?y | ws://a/b/c/g?y",
        "#s | ws://a/b/c/d;p?q",
        "g#s | ws://a/b/c/g",
        "g?y#s | ws://a/b/c/g?y",
        ";x | ws://a/b/c/;x",
        "g;x | ws://a/b/c/g;x",
        "g;x?y#s | ws://a/b/c/g;x?y",
        ". | ws://a/b/c/",
        "./ | ws://a/b/c/",
        ".. | ws://a/b/",
        "../ | ws://a/b/",
        "../g | ws://a/b/g",
        "../.. | ws://a/",
        "../../ | ws://a/",
        "../../g | ws://a/g",
        "../../../g | ws://a/g",
        "../../../../g | ws://a/g",
        "/./g | ws://a/g",
        "/../g | ws://a/g",
        "g. | ws://a/b/c/g.",
        ".g | ws://a/b/c/.g",
        "g.. | ws://a/b/c/g..",
        "..g | ws://a/b/c/..g",
        "./../g | ws://a/b/g",
        "./g/. | ws://a/b/c/g/",
        "g/./h | ws://a/b/c/g/h",
        "g/../h | ws://a/b/c/h",
        "g;x=1/./y | ws://a/b/c/g;x=1/y",
        "g;x=1/../y | ws://a/b/c/y",
        "g?y/./x | ws://a/b/c/g?y/./x",
        "g?y/../x | ws://a/b/c/g?y/../x",
        "g#s/./x | ws://a/b/c/g",
        "g#s/../x | ws://a/b/c/g",
        "http:g | ws://a/b/c/g",
      })
  void theExamplesOfRfc3986LeadWhereItSays(String location, String to) {
    assertEquals(to, redirect("ws://a/b/c/d;p?q", 302, location).options().uri().toString());
  }

  // CLI-02: RFC 3986, section 5.4: g:h is a URI of its own
  @Test
  void anotherSchemeIsNotRelative() {
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> redirect("ws://a/b/c/d;p?q", 302, "g:h"));
    assertEquals("invalid Location header: g:h", refusal.getMessage());
  }

  // CLI-02: as browsers do
  @ParameterizedTest
  @CsvSource(
      delimiterString = " > ",
      quoteCharacter = '_',
      value = {
        "/a b > /a%20b",
        "/{id}/[1]/a^b|c`d > /%7Bid%7D/%5B1%5D/a%5Eb%7Cc%60d",
        "/?q={a b}&r[]=<1>\"'^|` > /?q=%7Ba%20b%7D&r[]=%3C1%3E%22'%5E%7C%60",
        "/m\u00C3\u00BCller?\u00E2\u0082\u00AC > /m%C3%BCller?%E2%82%AC",
        "/m\u00FCller > /m%FCller",
        "/100%/%zz/%41%e4 > /100%25/%25zz/%41%e4",
        "/a\\b?c\\d > /a/b?c%5Cd",
        "\\\\host\\a > /a",
        "/a\tb > /ab",
        "/a/../b/./c?d/../e > /b/c?d/../e",
        "ws://host/a/../b > /b",
        "//host > /",
        "ws://host?q > /?q",
        "/a?b?c > /a?b?c",
        "/a/b/%2e%2E/.%2e/%2e./c/%2E > /c/",
        "/a/%2e%2e%2e/b?%2e > /a/%2e%2e%2e/b?%2e",
      })
  void whatMayNotStandInAUriIsPercentEncoded(String location, String resource) {
    WebSocketUri uri = redirect("ws://host/x", 302, location).options().uri();
    assertEquals(resource, uri.resource());
    assertEquals("host", uri.host());
  }

  // CLI-02
  @Test
  void userInfoMayHaveCharactersThatAreUsuallyEncoded() {
    Redirect redirect = redirect("ws://host/x", 302, "ws://us er:p@ss|w\u00C3\u00B6rd@other:81/");
    assertEquals("ws://other:81/", redirect.options().uri().toString());
    byte[] credentials = "us er:p@ss|w\u00F6rd".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        "Basic " + Base64.getEncoder().encodeToString(credentials),
        sent(redirect.options(), "Authorization"));
  }

  // CLI-02
  @Test
  void namesOfHostsMayBeInUtf8() {
    assertEquals(
        "ws://xn--mller-kva.example/a",
        redirect("ws://host/x", 302, "//m\u00C3\u00BCller.example/a").options().uri().toString());
  }

  // CLI-02
  @ParameterizedTest
  @ValueSource(ints = {300, 301, 302, 303, 307, 308})
  void statusLeadsOn(int status) {
    assertEquals("/c", redirect("ws://host/", status, "/c").options().uri().resource());
  }

  // CLI-02: others are no redirects
  @Test
  void otherAnswersLeadNowhere() {
    for (int status : new int[] {200, 304, 305, 306, 401, 503}) {
      assertNull(redirect("ws://host/", status, "/c"));
    }
    assertNull(Redirect.of(answer(302), client("ws://host/"), null));
    assertNull(Redirect.of(answer(302, ""), client("ws://host/"), null));
    assertNull(Redirect.of(answer(302, "/a", "/b"), client("ws://host/"), null));
    assertNotNull(Redirect.of(answer(302, "", "/a", "/a"), client("ws://host/"), null));
  }

  // CLI-06: remembered if permanent
  @ParameterizedTest
  @CsvSource({"300, false", "301, true", "302, false", "303, false", "307, false", "308, true"})
  void someArePermanent(int status, boolean permanent) {
    assertEquals(permanent, redirect("ws://host/", status, "/c").permanent());
  }

  // CLI-04: test_redirect_to_insecure_uri
  @ParameterizedTest
  @ValueSource(strings = {"ws://host/", "http://host/", "ws://other/"})
  void nobodyIsLedOutOfTls(String location) {
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> redirect("wss://host/", 302, location));
    assertEquals(Reason.SECURITY, refusal.reason());
    String place = location.replace("http:", "ws:");
    assertEquals("cannot follow redirect to non-secure URI " + place, refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host/", "ws:///", "mailto:me", "wss:g", "ws://user@host/"})
  void otherPlacesAreRefused(String location) {
    HandshakeException refusal =
        assertThrows(HandshakeException.class, () -> redirect("ws://host/", 302, location));
    String shown = location.replace("user@", "");
    assertEquals("invalid Location header: " + shown, refusal.getMessage());
  }

  private static String sent(ClientHandshakeOptions options, String header) {
    return HandshakeRequests.of(options).headers().get(header);
  }

  // CLI-05: test_cross_origin_redirect_strips_credentials
  @ParameterizedTest
  @ValueSource(strings = {"ws://other/", "ws://host:81/", "wss://host/", "http://other/"})
  void credentialsStayAtTheirOrigin(String location) {
    ClientHandshakeOptions client =
        ClientHandshakeOptions.builder(URI.create("ws://host/"))
            .header("Authorization", "Bearer secret")
            .header("Cookie", "a=b")
            .header("proxy-authorization", "Basic secret")
            .header("X-Other", "kept")
            .origin("https://page")
            .build();
    ClientHandshakeOptions next = Redirect.of(answer(301, location), client, null).options();
    assertNull(sent(next, "Authorization"));
    assertNull(sent(next, "Cookie"));
    assertNull(sent(next, "Proxy-Authorization"));
    assertEquals("kept", sent(next, "X-Other"));
    assertEquals("https://page", sent(next, "Origin"));
    assertEquals("Bearer secret", sent(client, "Authorization"));
    String userInfo = "ws://user:pw@host/";
    assertNull(sent(redirect(userInfo, 302, location).options(), "Authorization"));
    // Nor do they come back.
    ClientHandshakeOptions back = Redirect.of(answer(301, "wss://host/"), next, null).options();
    assertNull(sent(back, "Authorization"));
  }

  // CLI-05: else another server would be asked for the first one's name
  @Test
  void aNameInHostIsForItsOriginOnly() {
    ClientHandshakeOptions client =
        ClientHandshakeOptions.builder(URI.create("ws://127.0.0.1/"))
            .header("host", "name")
            .build();
    ClientHandshakeOptions same = Redirect.of(answer(302, "/c"), client, null).options();
    assertEquals("name", sent(same, "Host"));
    ClientHandshakeOptions other =
        Redirect.of(answer(302, "ws://other:81/"), client, null).options();
    assertEquals("other:81", sent(other, "Host"));
  }

  // CLI-05: test_same_origin_redirect_preserves_credentials
  @ParameterizedTest
  @ValueSource(strings = {"/c", "ws://host/c", "ws://HOST:80/c", "http://host/c"})
  void credentialsStayWithTheirOrigin(String location) {
    ClientHandshakeOptions client =
        ClientHandshakeOptions.builder(URI.create("ws://host/"))
            .header("Authorization", "Bearer secret")
            .header("Cookie", "a=b")
            .build();
    ClientHandshakeOptions next =
        Redirect.of(answer(302, location), client, "a Unix socket").options();
    assertEquals("Bearer secret", sent(next, "Authorization"));
    assertEquals("a=b", sent(next, "Cookie"));
    String basic = sent(redirect("ws://user:pw@host/", 302, location).options(), "Authorization");
    assertEquals("Basic dXNlcjpwdw==", basic);
    assertEquals(
        "Basic bmV3OnB3",
        sent(redirect("ws://u:pw@host/", 302, "ws://new:pw@host/").options(), "Authorization"));
  }

  // CLI-05: test_cross_origin_redirect_with_explicit_host_port, UnixClientTests
  // test_cross_origin_redirect
  @ParameterizedTest
  @ValueSource(strings = {"a Unix socket", "an explicit host or port"})
  void fixedAddressServesOneOrigin(String fixed) {
    InvalidStatusException elsewhere = answer(302, "ws://other/");
    HandshakeException refusal =
        assertThrows(
            HandshakeException.class, () -> Redirect.of(elsewhere, client("ws://host/"), fixed));
    assertEquals(
        "cannot follow cross-origin redirect to ws://other/ with " + fixed, refusal.getMessage());
    assertTrue(refusal.reason() == Reason.SECURITY);
  }
}
