package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.BasicAuthentication;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.Authority;
import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No exception, whatever its causes, and no {@code toString} shows a password or a token. */
class SecretsTest {
  private static final List<String> SCHEMES =
      List.of("ws", "wss", "http", "https", "socks5h", "socks5", "socks4", "ftp", "WSS", "w$s");

  private static final List<String> FORMS =
      List.of(
          "S://duke:sesame@host/",
          "S://duke:sesame@host:99999/",
          "S://duke:sesame@host:0/",
          "S://duke:sesame@host:port/",
          "S://duke:sesame@host:/p?q#f",
          "S://duke:sesame@/",
          "S://duke:sesame@",
          "S://duke:sesame@:80/",
          "S:duke:sesame@host",
          "S:/duke:sesame@host/",
          "S:///duke:sesame@host/",
          "//duke:sesame@host/",
          "duke:sesame@host:80",
          "S://sesame@host/",
          "S://:sesame@host/",
          "S://du%3Ake:sesame@host/",
          "S://duke:sesame@[::1/",
          "S://duke:sesame@[::1]:99999/",
          "S://duke:sesame@[host]/",
          "S://duke:sesame@under_score:99999/",
          "S://duke:sesame@a..b/",
          "S://duke:sesame@" + "x".repeat(64) + "/",
          "S://duke:sesame@xn--\u00FC/",
          "S://duke:sesame@stra\u00DFe/",
          "S://duke:sesame@h%00st/",
          "S://duke:sesame@h st/",
          "S://duke:ses@me:sesame@host:99999/",
          "S://duke:sesame /@host/",
          "S://duke:sesame/1@host:99999/",
          "S://duke:sesame?1@host/",
          "S://duke:sesame#1@host/",
          "S://duke:sesame%zz@host/",
          "S://duke:sesame%40host/",
          "S://duke:sesame/",
          "S://duke:sesame\\@host/",
          "S://duke:sesame\u20AC@host/{a}",
          "S://host:99999/?access_token=sesame",
          "S://host/{?access_token=sesame",
          "S://host/#access_token=sesame",
          "S://ho st/?a=b&access_token=sesame#b=sesame",
          "S://duke:sesame@host/a\nb",
          " S://duke:sesame@host/");

  /** What was said. */
  private final List<String> texts = new ArrayList<>();

  static Stream<String> uris() {
    return SCHEMES.stream()
        .flatMap(scheme -> FORMS.stream().map(form -> form.replace("S:", scheme + ":")))
        .distinct();
  }

  static List<String> forms() {
    return uris().toList();
  }

  /** The stack trace has the causes, and what was suppressed. */
  static String textOf(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The name, the password, and both in Base64. */
  static void assertNoSecret(String text) {
    String small = text.toLowerCase(Locale.ROOT);
    for (String secret : List.of("sesame", "duke", "zhvrztpzzxnhbwu")) {
      assertFalse(small.contains(secret), () -> secret + " in " + text);
    }
  }

  private void say(Callable<Object> action) {
    try {
      Object made = action.call();
      if (made != null) {
        texts.add(made.toString());
        if (made instanceof WebSocketClient client) {
          client.close();
        }
      }
    } catch (Throwable failure) {
      texts.add(textOf(failure));
    }
  }

  private void assertNothingToldASecret() {
    assertFalse(texts.isEmpty());
    texts.forEach(SecretsTest::assertNoSecret);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void urisOfServersAndProxiesShowNone(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (Exception notForUs) {
      return;
    }
    say(() -> Authority.parse(uri.getRawAuthority()));
    say(() -> WebSocketUri.parse(uri));
    say(() -> ClientHandshake.builder(uri));
    say(() -> ClientHandshake.builder(uri).build());
    say(() -> ClientHandshakeOptions.builder(uri));
    say(() -> ClientHandshakeOptions.forUri(uri));
    ClientHandshakeOptions other = ClientHandshakeOptions.forUri(URI.create("ws://host/"));
    say(() -> other.toBuilder(uri).build());
    say(() -> new WebSocketClientHandler(uri));
    say(() -> new WebSocketClientHandler(uri, connection -> null));
    say(() -> ReconnectingClient.builder(null, uri, connection -> null));
    say(() -> ProxyAddress.parse(uri));
    say(() -> WebSocketClient.builder().proxy(uri));
    assertNothingToldASecret();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void proxiesOfTheEnvironmentShowNone(String text) {
    for (String server : List.of("ws://host/", "wss://host/")) {
      WebSocketUri uri = WebSocketUri.parse(URI.create(server));
      for (String name :
          List.of("ws_proxy", "WSS_PROXY", "socks_proxy", "https_proxy", "all_proxy")) {
        texts.add("nothing");
        say(() -> ProxyAddress.find(Map.of(name, text), uri));
      }
    }
    assertNothingToldASecret();
  }

  private static InvalidStatusException redirect(String location) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.FOUND, Unpooled.EMPTY_BUFFER);
    response.headers().add("Location", location.replace("\n", "").replaceAll("[^\0-\u00FF]", ""));
    return new InvalidStatusException(response);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void redirectsShowNone(String location) {
    if (location.startsWith("w$s")) {
      return; // it is a path
    }
    for (String from : List.of("ws://host/", "wss://duke:sesame@host/?access_token=sesame")) {
      ClientHandshakeOptions options = ClientHandshakeOptions.forUri(URI.create(from));
      for (String fixedAddress : new String[] {null, "a Unix socket"}) {
        say(() -> redirect(location));
        say(() -> Redirect.of(redirect(location), options, fixedAddress));
        say(
            () -> {
              Redirect to = Redirect.of(redirect(location), options, fixedAddress);
              return to == null ? null : to.options().uri();
            });
      }
    }
    texts.forEach(text -> assertFalse(text.contains("NullPointerException"), text));
    assertNothingToldASecret();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "Origin"})
  void headersThatCannotBeSentShowNone(String name) {
    for (String value : List.of("sesame\n", "sesame\u20AC", "\0sesame", "sesame\u007F")) {
      ClientHandshakeOptions.Builder client =
          ClientHandshakeOptions.builder(URI.create("ws://host/"));
      say(() -> client.header(name, value).build());
      say(() -> client.origin(value).build());
      say(() -> client.userAgentHeader(value).build());
      say(() -> ServerHandshakeOptions.builder().header(name, value).build());
      say(() -> ServerHandshakeOptions.builder().serverHeader(value).build());
    }
    assertEquals(20, texts.size());
    texts.forEach(text -> assertTrue(text.contains("IllegalArgumentException"), text));
    assertNothingToldASecret();
  }

  @Test
  void theHandshakeThatIsOverShowsNone() {
    ClientHandshakeOptions options =
        ClientHandshakeOptions.builder(
                URI.create("ws://duke:sesame@host/?access_token=sesame&room=1"))
            .header("Cookie", "sid=sesame")
            .build();
    HttpRequest request = HandshakeRequests.of(options);
    FullHttpResponse response = redirect("ws://duke:sesame@host/").response();
    response.headers().add("Set-Cookie", "sid=sesame");
    String text = new HandshakeCompleted(request, response, "chat", List.of("x")).toString();
    texts.add(text);
    assertTrue(text.contains("subprotocol=chat"), text);
    texts.add(new ServerHandshake.Acceptance(response, "chat", List.of()).toString());
    texts.add(options.toString());
    texts.add(options.uri().toString());
    texts.add(BasicAuthentication.of("realm", "duke", "sesame").toString());
    assertNothingToldASecret();
    assertEquals("ws://host/?access_token=...&room=...", options.uri().toString());
  }

  @Test
  void usersThatAreNoneShowNone() {
    say(() -> BasicAuthentication.of("realm", "du:ke", "sesame"));
    say(() -> ServerHandshake.respond(999, "sesame", Instant.EPOCH));
    texts.forEach(text -> assertFalse(text.contains("sesame"), text));
  }
}
