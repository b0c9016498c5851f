package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.protocol.ClientHandshake.Agreement;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHandshakeTest {
  private static final String INVALID =
      "did not receive a valid HTTP response from ws://example.com/chat?room=...";

  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final ClientHandshake.Builder client =
      ClientHandshake.builder(URI.create("ws://example.com/chat?room=1"));
  private final HttpResponse response = response(101);

  private static HttpResponse response(int status) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    response
        .headers()
        .add("Upgrade", "WebSocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return response;
  }

  private Agreement verify() {
    client.build().checkMessage(response);
    return client.build().verify(response, KEY);
  }

  private HandshakeException failed(Reason reason, String message) {
    HandshakeException e = assertThrows(HandshakeException.class, this::verify);
    assertEquals(message, e.getMessage());
    assertEquals(reason, e.reason());
    return e;
  }

  private static String head(FullHttpRequest request) {
    return request.headers().entries().stream()
        .map(header -> header.getKey() + ": " + header.getValue())
        .collect(Collectors.joining("\n", request.method() + " " + request.uri() + "\n", ""));
  }

  // HS-40
  @Test
  void requestHasItsHeadersInOrder() {
    ClientHandshake.Builder all =
        ClientHandshake.builder(URI.create("ws://user:pass@example.com:8080"))
            .origin("https://example.com")
            .subprotocols(List.of("chat", "superchat"))
            .extension(new Offering("foo"))
            .extension(new Offering("bar"))
            .header("X-Extra", "1")
            .header("X-Extra", "2");
    assertEquals(
        """
        GET /
        Host: example.com:8080
        Authorization: Basic dXNlcjpwYXNz
        Origin: https://example.com
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Extensions: foo; offered, bar; offered
        Sec-WebSocket-Protocol: chat, superchat
        X-Extra: 1
        X-Extra: 2
        User-Agent: websocket-netty\
        """,
        head(all.build().request(KEY)));
  }

  // HS-40
  @Test
  void keysAreSixteenRandomBytes() {
    String key = ClientHandshake.newKey();
    assertEquals(16, Base64.getDecoder().decode(key).length);
    assertNotEquals(key, ClientHandshake.newKey());
  }

  // HS-41
  @Test
  void additionalHeadersOverrideWhatOccursOnce() {
    ClientHandshake.Builder override =
        ClientHandshake.builder(URI.create("ws://user:pass@example.com"))
            .origin("https://example.com")
            .header("host", "other")
            .header("Authorization", "Bearer x")
            .header("Origin", "null")
            .header("User-Agent", "me");
    FullHttpRequest request = override.build().request(KEY);
    assertEquals(List.of("other"), request.headers().getAll("Host"));
    assertEquals(List.of("Bearer x"), request.headers().getAll("Authorization"));
    assertEquals(List.of("null"), request.headers().getAll("Origin"));
    assertEquals(List.of("me"), request.headers().getAll("User-Agent"));
  }

  // HS-41
  @ParameterizedTest
  @ValueSource(strings = {"Upgrade", "Connection", "Sec-WebSocket-Key", "Content-Length"})
  void headersOfTheHandshakeCannotBeOverridden(String name) {
    assertThrows(IllegalArgumentException.class, () -> client.header(name, "x"));
  }

  // HS-42
  @Test
  void noSubprotocolsMeanNoHeader() {
    client.subprotocols(List.of());
    assertFalse(client.build().request(KEY).headers().contains("Sec-WebSocket-Protocol"));
  }

  // OPT-27
  @Test
  void userAgentCanBeReplacedOrRemoved() {
    client.userAgent("mine");
    assertEquals("mine", client.build().request(KEY).headers().get("User-Agent"));
    client.userAgent(null);
    assertFalse(client.build().request(KEY).headers().contains("User-Agent"));
  }

  // OPT-28, HS-36
  @Test
  void whatIsSentIsChecked() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> client.subprotocols(List.of("a b")).build());
    assertEquals("invalid subprotocol: a b", e.getMessage());
    client.subprotocols(List.of());
    assertThrows(IllegalArgumentException.class, () -> client.origin("a\nb").build());
    assertThrows(
        IllegalArgumentException.class, () -> client.origin("https://stra\u00DFe.example").build());
    client.origin(null);
    assertThrows(IllegalArgumentException.class, () -> client.userAgent("\u20AC").build());
  }

  // HS-43
  @Test
  void whatNettyCouldNotParseIsNoValidResponse() {
    response.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("no colon")));
    HandshakeException e = failed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals("no colon", e.getCause().getMessage());
  }

  // HS-43
  @Test
  void onlyHttp11AndKnownStatusesAreValid() {
    response.setProtocolVersion(HttpVersion.HTTP_1_0);
    HandshakeException version = failed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals(
        "unsupported protocol; expected HTTP/1.1: HTTP/1.0", version.getCause().getMessage());
    response.setProtocolVersion(HttpVersion.HTTP_1_1).setStatus(HttpResponseStatus.valueOf(600));
    HandshakeException status = failed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals("invalid HTTP status code; expected 100-599: 600", status.getCause().getMessage());
  }

  // HS-44, OPT-29
  @Test
  void onlyTheStatusLineFailsWithItsLimitDirectly() {
    response.setStatus(new HttpResponseStatus(101, "a".repeat(8200)));
    failed(Reason.SECURITY, "read 8215 bytes, expected no more than 8192 bytes");
    response.setStatus(HttpResponseStatus.SWITCHING_PROTOCOLS);
    response.headers().add("X", "a".repeat(8188));
    HandshakeException line = failed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals("read 8193 bytes, expected no more than 8192 bytes", line.getCause().getMessage());
    client.limits(new HttpLimits(8192, 10_000, 3));
    HandshakeException number = failed(Reason.INVALID_MESSAGE, INVALID);
    assertEquals("expected no more than 3 headers", number.getCause().getMessage());
  }

  // HS-44
  @Test
  void limitsThatNettyFoundAreReportedAlike() {
    response.setDecoderResult(DecoderResult.failure(new TooLongHttpLineException("8190")));
    failed(Reason.SECURITY, "status line too long");
    response.setDecoderResult(DecoderResult.failure(new TooLongHttpHeaderException("65536")));
    failed(Reason.INVALID_MESSAGE, INVALID);
  }

  // HS-46
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Connection | | INVALID_UPGRADE | missing Connection header",
        "Connection | close | INVALID_UPGRADE | invalid Connection header: close",
        "Upgrade | | INVALID_UPGRADE | missing Upgrade header",
        "Connection | '' | INVALID_HEADER | empty Connection header",
        "Upgrade | h2c | INVALID_UPGRADE | invalid Upgrade header: h2c",
        "Upgrade | '' | INVALID_HEADER | empty Upgrade header",
        "Upgrade | h2c, websocket | INVALID_UPGRADE | invalid Upgrade header: h2c, websocket",
        "Sec-WebSocket-Accept | | INVALID_HEADER | missing Sec-WebSocket-Accept header",
        "Sec-WebSocket-Accept | x | INVALID_HEADER | invalid Sec-WebSocket-Accept header: x",
        // Base64: the case of letters counts
        "Sec-WebSocket-Accept | S3PPLMBITXAQ9KYGZZHZRBK+XOO= | INVALID_HEADER"
            + " | invalid Sec-WebSocket-Accept header: S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
        "Sec-WebSocket-Accept | s3pplmbitxaq9kygzzhzrbk+xoo= | INVALID_HEADER"
            + " | invalid Sec-WebSocket-Accept header: s3pplmbitxaq9kygzzhzrbk+xoo=",
        "Sec-WebSocket-Accept | '' | INVALID_HEADER | empty Sec-WebSocket-Accept header",
        "Sec-WebSocket-Extensions | '' | INVALID_HEADER | empty Sec-WebSocket-Extensions header",
        "Sec-WebSocket-Protocol | ',' | INVALID_HEADER | empty Sec-WebSocket-Protocol header",
      })
  void a101MustGrantAWebSocket(String name, String value, Reason reason, String message) {
    response.headers().remove(name);
    if (value != null) {
      response.headers().add(name, value);
    }
    failed(reason, message);
  }

  // HS-46: RFC 9110, sections 5.3 and 5.6.1
  @Test
  void emptyLinesAndElementsOfListsAreIgnored() {
    client.subprotocols(List.of("chat")).extension(new Offering("foo"));
    response
        .headers()
        .set("Connection", List.of("", "keep-alive,,Upgrade"))
        .set("Upgrade", List.of("websocket", ""))
        .set("Sec-WebSocket-Protocol", List.of("", ", chat"))
        .set("Sec-WebSocket-Extensions", List.of("foo,", ""));
    assertEquals("chat", verify().subprotocol());
    assertEquals("[foo]", verify().extensions().toString());
  }

  // HS-46, HS-60
  @Test
  void acceptIsNotRepeated() {
    response.headers().add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    failed(Reason.INVALID_HEADER, "invalid Sec-WebSocket-Accept header: multiple values");
  }

  // HS-46
  @Test
  void checksComeInTheirOrder() {
    HttpResponse bad =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
    bad.headers().add("Sec-WebSocket-Extensions", "foo").add("Sec-WebSocket-Protocol", "bar");
    assertNextProblem("missing Connection header", bad);
    bad.headers().add("Connection", "upgrade");
    assertNextProblem("missing Upgrade header", bad);
    bad.headers().add("Upgrade", "websocket");
    assertNextProblem("missing Sec-WebSocket-Accept header", bad);
    bad.headers().add("Sec-WebSocket-Accept", ServerHandshake.acceptKey(KEY));
    assertNextProblem("no extensions supported", bad);
    bad.headers().remove("Sec-WebSocket-Extensions");
    assertNextProblem("no subprotocols supported", bad);
  }

  private void assertNextProblem(String message, HttpResponse bad) {
    HandshakeException e =
        assertThrows(HandshakeException.class, () -> client.build().verify(bad, KEY));
    assertEquals(message, e.getMessage());
  }

  // HS-47
  @Test
  void extensionsKeepTheOrderOfTheServer() {
    client.extension(new Offering("foo")).extension(new Offering("bar"));
    response.headers().add("Sec-WebSocket-Extensions", List.of("bar; a=1", "foo"));
    assertEquals("[bar; a=1, foo]", verify().extensions().toString());
    response.headers().remove("Sec-WebSocket-Extensions");
    assertEquals(List.of(), verify().extensions());
  }

  // HS-47
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "baz; a=1; b | Unsupported extension: name = baz, params = [a=1, b]",
        "foo; bad | Unsupported extension: name = foo, params = [bad]",
        "foo, foo | Unsupported extension: name = foo, params = []",
        "foo; a=1, foo; a=2 | Unsupported extension: name = foo, params = [a=2]",
      })
  void anExtensionThatDoesNotMatchIsFatal(String accepted, String message) {
    client.extension(new Offering("foo"));
    response.headers().add("Sec-WebSocket-Extensions", accepted);
    failed(Reason.NEGOTIATION, message);
  }

  // HS-48
  @Test
  void subprotocolIsOneOfOursOrNone() {
    assertNull(verify().subprotocol());
    response.headers().add("Sec-WebSocket-Protocol", "chat");
    failed(Reason.NEGOTIATION, "no subprotocols supported");
    client.subprotocols(List.of("otherchat", "chat"));
    assertEquals("chat", verify().subprotocol());
    client.subprotocols(List.of("otherchat"));
    failed(Reason.NEGOTIATION, "unsupported subprotocol: chat");
    response.headers().add("Sec-WebSocket-Protocol", "otherchat");
    failed(
        Reason.INVALID_HEADER,
        "invalid Sec-WebSocket-Protocol header: multiple values: chat, otherchat");
  }

  /** Accepts any answer without the parameter "bad". */
  private record Offering(String name) implements ClientExtension {
    @Override
    public Extension offer() {
      return new Extension(name, List.of(new Extension.Parameter("offered", null)));
    }

    @Override
    public boolean accept(Extension answer, List<Extension> accepted) {
      if (answer.toString().contains("bad")) {
        throw new HandshakeException(Reason.NEGOTIATION, "bad");
      }
      return true;
    }
  }
}
