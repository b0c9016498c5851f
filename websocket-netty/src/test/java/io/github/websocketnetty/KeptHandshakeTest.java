package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptHandshakeTest {
  // The example of RFC 6455, section 1.3.
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  private static final List<String> NAMES =
      List.of("Upgrade", "Connection", "Host", "Date", "Sec-WebSocket-Key", "Sec-WebSocket-Accept");
  private static final List<String> VALUES =
      List.of(
          "websocket",
          "keep-alive, Upgrade",
          "13",
          KEY,
          ACCEPT,
          "Sun, 06 Nov 1994 08:49:37 GMT",
          "\u00fc\u00ff\u0080 \u20ac \ud83d\ude00.",
          "y".repeat(127));

  private final HttpRequest request =
      new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat?room=" + "1".repeat(300));
  private final HttpResponse response =
      new DefaultHttpResponse(HttpVersion.HTTP_1_1, new HttpResponseStatus(101, "Yes, go on"));

  private byte[] kept(String subprotocol) {
    return KeptHandshake.bytesOf(new HandshakeCompleted(request, response, subprotocol, List.of()));
  }

  private void assertKept() {
    byte[] kept = kept("chat");
    assertEquals(lines(request.headers()), lines(KeptHandshake.request(kept).headers()));
    assertEquals(request, KeptHandshake.request(kept));
    assertEquals(lines(response.headers()), lines(KeptHandshake.response(kept).headers()));
    assertEquals(response, KeptHandshake.response(kept));
    assertEquals("chat", KeptHandshake.subprotocol(kept));
  }

  /** Headers are equal whatever the case of their names; their lines are not. */
  private static List<String> lines(HttpHeaders headers) {
    return headers.entries().stream().map(Object::toString).toList();
  }

  @Test
  void requestAndResponseAreWhatTheyWere() {
    request.headers().add("Host", "localhost").add("Cookie", "a=b; ü=\u20ac").add("cookie", "");
    request.headers().add("X-Long", "x".repeat(70_000)).add("X-Edge", "y".repeat(127));
    request.headers().add("X-Beyond", "z".repeat(128)).add("X-Byte", "z".repeat(255));
    response.headers().add("Upgrade", "websocket").add("Upgrade", "again").add("upgrade", "13");
    byte[] kept = kept("chat");
    assertKept();
    assertEquals(
        List.of("a=b; ü=\u20ac", ""), KeptHandshake.request(kept).headers().getAll("COOKIE"));
    assertEquals("Yes, go on", KeptHandshake.response(kept).status().reasonPhrase());
  }

  @Test
  void anOrdinaryHandshakeIsShort() {
    request.setUri("/");
    request.headers().add("Host", "localhost").add("Upgrade", "websocket");
    request.headers().add("Connection", "Upgrade").add("Sec-WebSocket-Version", "13");
    request.headers().add("Sec-WebSocket-Key", KEY);
    response.setStatus(HttpResponseStatus.SWITCHING_PROTOCOLS);
    response.headers().add("Date", "Sun, 06 Nov 1994 08:49:37 GMT").add("Upgrade", "websocket");
    response.headers().add("Connection", "Upgrade").add("Sec-WebSocket-Accept", ACCEPT);
    response.headers().add("Server", "websocket-netty");
    assertKept();
    assertEquals(61, kept(null).length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        KEY,
        ACCEPT,
        "dGhlIHNhbXBsZSBub25jZR==", // bits behind the end
        "dGhlIHNhbXBsZSBub25jZQ= ",
        "dGhlIHNhbXBsZSBub25jZQAA", // 18 bytes
        "dGhlIHNhbXBsZSBub25jZQA=", // 17 bytes
        "dGhlIHNhbXBsZSBub25j-_==", // for URLs
        "not base64 in any way...",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT", // was a Sunday
        "sun, 06 nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:3 GMT",
        "Sun, 36 Nov 1994 08:49:37 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 07 Feb 2106 06:28:15 GMT", // the last second of 32 bits
        "Sun, 07 Feb 2106 06:28:16 GMT",
        "websocket",
        "WebSocket"
      })
  void valuesThatLookLikeThoseKeptShortAreWhatTheyWere(String value) {
    for (String key : Arrays.asList(null, KEY, value)) {
      for (HttpHeaders headers : List.of(request.headers(), response.headers())) {
        headers.clear();
        for (String name : List.of("Date", "Sec-WebSocket-Accept", "sec-websocket-accept", "X")) {
          headers.add(name, value);
        }
      }
      if (key != null) {
        request.headers().add("sec-WebSocket-key", key).add("Sec-WebSocket-Key", value);
      }
      assertKept();
    }
  }

  @Test
  void anyHandshakeIsWhatItWas() {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      for (HttpHeaders headers : List.of(request.headers(), response.headers())) {
        headers.clear();
        for (int count = random.nextInt(8); count > 0; count--) {
          headers.add(varied(random, NAMES), (Object) varied(random, VALUES));
        }
      }
      assertKept();
    }
  }

  /** Returns one of the texts, or something close to it. */
  private static String varied(Random random, List<String> texts) {
    String text = texts.get(random.nextInt(texts.size()));
    int length = text.codePointCount(0, text.length()); // cuts leave characters whole
    return switch (random.nextInt(5)) {
      case 0 -> text.toLowerCase(Locale.ROOT);
      case 1 -> text.toUpperCase(Locale.ROOT);
      case 2 -> text + texts.get(random.nextInt(texts.size())).replaceAll("[^A-Za-z]", "");
      case 3 -> text.substring(0, text.offsetByCodePoints(0, 1 + random.nextInt(length)));
      default -> text;
    };
  }

  @Test
  void subprotocolsAreWhatTheyWere() {
    for (String subprotocol : Arrays.asList(null, "", "chat", "websocket", "x".repeat(300))) {
      assertEquals(subprotocol, KeptHandshake.subprotocol(kept(subprotocol)));
      assertEquals(request, KeptHandshake.request(kept(subprotocol)));
    }
  }

  @Test
  void eachCallerGetsACopy() {
    byte[] kept = kept(null);
    KeptHandshake.request(kept).headers().add("X-Mine", "1");
    assertEquals(request, KeptHandshake.request(kept));
    assertNotSame(KeptHandshake.response(kept), KeptHandshake.response(kept));
  }
}
