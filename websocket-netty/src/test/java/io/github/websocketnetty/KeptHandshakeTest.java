package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptHandshakeTest {
  private final HttpRequest request =
      new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat?room=" + "1".repeat(300));
  private final HttpResponse response =
      new DefaultHttpResponse(HttpVersion.HTTP_1_1, new HttpResponseStatus(101, "Yes, go on"));

  private KeptHandshake kept(String subprotocol) {
    return KeptHandshake.of(new HandshakeCompleted(request, response, subprotocol, List.of()));
  }

  @Test
  void requestAndResponseAreWhatTheyWere() {
    request.headers().add("Host", "localhost").add("Cookie", "a=b; ü=\u20ac").add("cookie", "");
    request.headers().add("X-Long", "x".repeat(70_000)).add("X-Edge", "y".repeat(127));
    request.headers().add("X-Beyond", "z".repeat(128)).add("X-Byte", "z".repeat(255));
    response.headers().add("Upgrade", "websocket").add("Upgrade", "again").add("upgrade", "13");
    KeptHandshake kept = kept("chat");
    assertEquals(request, kept.request());
    assertEquals(List.of("a=b; ü=\u20ac", ""), kept.request().headers().getAll("COOKIE"));
    assertEquals(response, kept.response());
    assertEquals("Yes, go on", kept.response().status().reasonPhrase());
    assertEquals("chat", kept.subprotocol());
  }

  @Test
  void eachCallerGetsACopy() {
    KeptHandshake kept = kept(null);
    kept.request().headers().add("X-Mine", "1");
    assertEquals(request, kept.request());
    assertNotSame(kept.response(), kept.response());
    assertNull(kept.subprotocol());
  }
}
