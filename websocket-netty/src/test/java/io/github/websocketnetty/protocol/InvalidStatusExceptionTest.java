package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HS-45: what a refusal says, in one line and without secrets. */
class InvalidStatusExceptionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "404 | Not Found | \"\" | 404 Not Found at ws://h/",
        "404 | \"\" | \"\" | 404 at ws://h/",
        "404 | \"a\tb\u0001\t c\" | \"\" | 404 a b c at ws://h/",
        "404 | Not Found | /a | 404 Not Found at ws://h/",
        "302 | Found | \"\" | 302 Found at ws://h/, without Location",
        "302 | Found | /a?token=sesame | 302 Found at ws://h/, Location: '/a?token=...'",
        "302 | Found | /a ws://duke:sesame@b/ | 302 Found at ws://h/, Location: '/a' and 'ws://b/'",
      })
  void messageNamesStatusAndPlace(int status, String phrase, String locations, String message) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, new HttpResponseStatus(status, phrase));
    if (!locations.isEmpty()) {
      response.headers().add("Location", List.of(locations.split(" ")));
    }
    WebSocketUri uri = WebSocketUri.parse(URI.create("ws://duke:sesame@h/"));
    assertEquals(
        "server rejected WebSocket connection: HTTP " + message,
        new InvalidStatusException(uri, response).getMessage());
  }
}
