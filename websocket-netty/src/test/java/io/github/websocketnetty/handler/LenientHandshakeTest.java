package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ClientHandshake;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths by prefix, and subprotocols as the application wants them. */
@ExtendWith(LeakCheck.class)
class LenientHandshakeTest extends ServerHandshakeFixture {
  private void request(String path, String offered) {
    open();
    String header = offered == null ? "" : "Sec-WebSocket-Protocol: " + offered + "\r\n";
    receive("GET " + path + " HTTP/1.1\r\n" + header + FIELDS);
  }

  private String subprotocol(String offered) {
    request("/echo", offered);
    String written = written();
    assertTrue(written.startsWith("HTTP/1.1 101 "), written);
    return written.contains("Sec-WebSocket-Protocol: ")
        ? written.replaceFirst("(?s).*Sec-WebSocket-Protocol: ([^\r]*)\r.*", "$1")
        : null;
  }

  @ParameterizedTest
  @CsvSource({
    "/game, /game, true",
    "/game, /game/, true",
    "/game, /game/room, true",
    "/game, /game/room/7?x=/y, true",
    "/game, /game?room=7, true",
    "/game, http://h/game/room, true",
    "/game, /games, false",
    "/game, /gam, false",
    "/game, /other/game, false",
    "/game, /other?/game, false",
    "/game/, /game/room, true",
    "/game/, /game, false",
    "/, /anything, true",
    "/, /, true",
  })
  void aPrefixEndsWhereASegmentDoes(String prefix, String target, boolean served) {
    options.pathPrefix(prefix);
    request(target, null);
    String written = written();
    assertTrue(written.startsWith(served ? "HTTP/1.1 101 " : "HTTP/1.1 404 "), written);
  }

  @Test
  void thePathIsTheLastThatWasSet() {
    options.pathPrefix("/echo").path("/echo");
    request("/echo/room", null);
    assertRefused(404);
    options.path("/other").pathPrefix("/echo");
    request("/echo/room", null);
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    ServerHandshakeOptions copy = options.build().toBuilder().build();
    assertTrue(copy.matches("/echo/room"));
    assertFalse(copy.matches("/other"));
  }

  @Test
  void aPrefixStartsWithASlash() {
    assertThrows(IllegalArgumentException.class, () -> options.pathPrefix("echo"));
    assertThrows(NullPointerException.class, () -> options.pathPrefix(null));
  }

  @Test
  void requestsOutsideThePrefixPassToTheHandlersBehind() {
    options.pathPrefix("/echo").passOtherRequests(true);
    request("/echoes", null);
    assertEquals("GET /echoes", outcome.events.get(0));
    request("/echo/room", null);
    assertEquals("completed", outcome.events.get(0));
  }

  // HS-22
  @Test
  void aClientWithoutACommonSubprotocolIsRefusedUnlessThatIsAllowed() {
    options.subprotocols(List.of("mqtt"));
    for (String offered : new String[] {null, "stomp"}) {
      request("/echo", offered);
      assertRefused(400);
    }
    options.requireSubprotocol(false);
    for (String offered : new String[] {null, "stomp"}) {
      assertEquals(null, subprotocol(offered));
      assertEquals(null, outcome.completed.subprotocol());
    }
    assertEquals("mqtt", subprotocol("stomp, mqtt"));
  }

  @Test
  void theOrderOfSubprotocolsIsTheServersOrTheClients() {
    options.subprotocols(List.of("v12", "v11", "v10"));
    assertEquals("v12", subprotocol("v10, v11, v12"));
    options.subprotocolsInClientOrder(true);
    assertEquals("v10", subprotocol("v10, v11, v12"));
    assertEquals("v11", subprotocol("v9, v11, v12"));
    assertEquals("v11", outcome.completed.subprotocol());
    request("/echo", "v9");
    assertRefused(400);
    ServerHandshakeOptions copy = options.build().toBuilder().build();
    assertEquals("v10", select(copy, "v10", "v12"));
  }

  private static String select(ServerHandshakeOptions options, String... offered) {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/echo");
    for (String line : FIELDS.strip().split("\r\n")) {
      String[] parts = line.split(": ", 2);
      request.headers().add(parts[0], parts[1]);
    }
    request.headers().add("Sec-WebSocket-Protocol", String.join(", ", offered));
    ServerHandshake.Acceptance acceptance = options.handshake().accept(request, NOW);
    return acceptance.subprotocol();
  }

  @Test
  void withoutSubprotocolsOfTheServersNoneIsChosenInEitherOrder() {
    assertEquals(null, subprotocol("chat"));
    options.subprotocolsInClientOrder(true);
    assertEquals(null, subprotocol("chat"));
  }

  @Test
  void aSelectorTakesWhateverTheClientPrefers() {
    options.subprotocolSelector((request, offered) -> offered.isEmpty() ? null : offered.get(0));
    assertEquals("anything", subprotocol("anything, else"));
    assertEquals(null, subprotocol(null));
  }

  // HS-46
  @Test
  void aClientMayInsistOnASubprotocol() {
    URI uri = URI.create("ws://example.com/");
    ClientHandshakeOptions.Builder client =
        ClientHandshakeOptions.builder(uri).subprotocols(List.of("a", "b"));
    String key = ClientHandshake.newKey();
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    response
        .headers()
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Accept", ServerHandshake.acceptKey(key));
    assertEquals(null, client.build().handshake().verify(response, key).subprotocol());
    ClientHandshakeOptions strict = client.requireSubprotocol(true).build().toBuilder().build();
    Exception e =
        assertThrows(HandshakeException.class, () -> strict.handshake().verify(response, key));
    assertEquals("server chose no subprotocol of a, b", e.getMessage());
    response.headers().add("Sec-WebSocket-Protocol", "b");
    assertEquals("b", strict.handshake().verify(response, key).subprotocol());
    ClientHandshakeOptions none =
        ClientHandshakeOptions.builder(uri).requireSubprotocol(true).build();
    response.headers().remove("Sec-WebSocket-Protocol");
    assertEquals(null, none.handshake().verify(response, key).subprotocol());
  }
}
