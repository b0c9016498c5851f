package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which cookies of a redirect go with the next request, and that no other server sees them. */
class RedirectCookiesTest {
  private final RedirectCookies cookies = new RedirectCookies();

  private void store(String origin, String... setCookies) {
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    for (String setCookie : setCookies) {
      headers.add("Set-Cookie", setCookie);
    }
    cookies.store(headers, WebSocketUri.parse(URI.create(origin)));
  }

  private String sentTo(String uri) {
    return sent(ClientHandshakeOptions.forUri(URI.create(uri)));
  }

  private String sent(ClientHandshakeOptions options) {
    return HandshakeRequests.of(cookies.addTo(options)).headers().get("Cookie");
  }

  // CLI-05
  @Test
  void theyGoToTheSameOriginOnly() {
    store("ws://host/login", "sid=1");
    assertEquals("sid=1", sentTo("ws://host/chat"));
    assertEquals("sid=1", sentTo("ws://HOST:80/chat"));
    assertNull(sentTo("wss://host/chat"));
    assertNull(sentTo("ws://host:81/chat"));
    assertNull(sentTo("ws://other/chat"));
    assertNull(sentTo("ws://sub.host/chat"));
    assertEquals("sid=1", sentTo("ws://host/again"), "also after it was elsewhere");
  }

  @Test
  void withoutCookiesTheOptionsStayAsTheyAre() {
    ClientHandshakeOptions options = ClientHandshakeOptions.forUri(URI.create("ws://host/"));
    assertSame(options, cookies.addTo(options));
  }

  // RFC 6265, sections 5.2 and 5.3
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "a=b | a=b",
        " a = b ; HttpOnly; SameSite=Strict; whatever | a=b",
        "a= | a=",
        "a=\"b c\" | a=\"b c\"",
        "a=b=c | a=b=c",
        "a | none",
        "=b | none",
        "'' | none",
        "; Path=/ | none",
        "a=b; Max-Age=0 | none",
        "a=b; max-age=-1 | none",
        "a=b; Max-Age=60 | a=b",
        "a=b; Max-Age=x | a=b",
        "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT | none",
        "a=b; expires=Thu, 01 Jan 2099 00:00:00 GMT | a=b",
        "a=b; Expires=soon | a=b",
        "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT | a=b",
        "a=b; Secure | none",
        "a=b; Domain=host.example | a=b",
        "a=b; Domain=.EXAMPLE | a=b",
        "a=b; Domain= | a=b",
        "a=b; Domain=other.example | none",
        "a=b; Domain=sub.host.example | none",
        "a=b; Domain=ost.example | none",
        "a=b; Path=/dir | a=b",
        "a=b; Path=/dir/ | a=b",
        "a=b; Path=/ | a=b",
        "a=b; Path=relative | a=b",
        "a=b; Path=/di | none",
        "a=b; Path=/dir/page/sub | none",
        "a=b; Path=/other; Path=/dir | a=b",
        "a=b\u0001c | none",
      })
  void attributesDecide(String setCookie, String sent) {
    store("ws://host.example/dir/login?q=/", setCookie);
    assertEquals(sent, sentTo("ws://host.example/dir/page"));
  }

  // RFC 6265, section 5.1.4
  @Test
  void withoutAPathTheyAreForThePlaceThatSetThem() {
    store("ws://host/dir/login", "a=b");
    assertEquals("a=b", sentTo("ws://host/dir"));
    assertEquals("a=b", sentTo("ws://host/dir/page/other?q"));
    assertNull(sentTo("ws://host/directory"));
    assertNull(sentTo("ws://host/"));
  }

  @Test
  void secureOnesStayInTls() {
    store("wss://host/", "a=b; Secure");
    assertEquals("a=b", sentTo("wss://host/"));
    assertNull(sentTo("ws://host/"));
  }

  @Test
  void laterOnesReplaceEarlierOnesAndEndThem() {
    store("ws://host/", "a=1", "b=2");
    store("ws://host/", "a=3");
    assertEquals("b=2; a=3", sentTo("ws://host/"));
    store("ws://host/", "b=; Max-Age=0");
    assertEquals("a=3", sentTo("ws://host/"));
  }

  // RFC 6265, section 5.4
  @Test
  void thoseWithTheLongerPathComeFirst() {
    store("ws://host/dir/a", "a=1; Path=/", "a=2");
    assertEquals("a=2; a=1", sentTo("ws://host/dir/b"));
  }

  @Test
  void thoseOfTheUserStayUnlessTheServerSetsThemAnew() {
    store("ws://host/", "sid=new");
    ClientHandshakeOptions options =
        ClientHandshakeOptions.builder(URI.create("ws://host/"))
            .header("Cookie", "sid=old; theme=dark")
            .header("cookie", "sidecar=1")
            .build();
    assertEquals("theme=dark; sidecar=1; sid=new", sent(options));
    assertEquals("sid=old; theme=dark", HandshakeRequests.of(options).headers().get("Cookie"));
  }

  // Else it would see for ever what it has just called invalid.
  @Test
  void thoseOfTheUserThatTheServerEndsAreNotSent() {
    store("ws://host/", "sid=; Max-Age=0; Path=/a");
    for (String path : List.of("/a", "/b")) {
      ClientHandshakeOptions options =
          ClientHandshakeOptions.builder(URI.create("ws://host" + path))
              .header("Cookie", "sid=old; theme=dark")
              .build();
      assertEquals(path.equals("/a") ? "theme=dark" : "sid=old; theme=dark", sent(options));
    }
    ClientHandshakeOptions alone =
        ClientHandshakeOptions.builder(URI.create("ws://host/a")).header("Cookie", "sid=1").build();
    assertNull(sent(alone));
    store("ws://host/", "sid=new; Path=/a");
    assertEquals("sid=new", sent(alone));
  }

  @Test
  void aServerCannotMakeUsKeepManyOrLongOnes() {
    String[] many = IntStream.range(0, 60).mapToObj(i -> "c" + i + "=v").toArray(String[]::new);
    store("ws://host/", many);
    String kept =
        IntStream.range(10, 60).mapToObj(i -> "c" + i + "=v").collect(Collectors.joining("; "));
    assertEquals(kept, sentTo("ws://host/"));
    store("ws://host/", "long=" + "x".repeat(4092));
    assertEquals(kept, sentTo("ws://host/"));
  }
}
