package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.ServerHandshake.Acceptance;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerHandshakeTest {
  private static final Instant NOW = Instant.parse("2026-11-02T03:04:05Z");
  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final HttpRequest request = request(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
  private final ServerHandshake.Builder server = ServerHandshake.builder();

  private static HttpRequest request(HttpVersion version, HttpMethod method, String uri) {
    HttpRequest request = new DefaultHttpRequest(version, method, uri);
    request
        .headers()
        .add("Host", "example.com")
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Key", KEY)
        .add("Sec-WebSocket-Version", "13");
    return request;
  }

  private Acceptance accept() {
    server.build().checkMessage(request);
    return server.build().accept(request, NOW);
  }

  private HandshakeException refused(int status, Reason reason, String message) {
    HandshakeException e = assertThrows(HandshakeException.class, this::accept);
    assertEquals(message, e.getMessage());
    assertEquals(reason, e.reason());
    assertEquals(status, e.status().code());
    return e;
  }

  private static String headers(FullHttpResponse response) {
    return response.headers().entries().stream()
        .map(header -> header.getKey() + ": " + header.getValue())
        .collect(Collectors.joining("\n"));
  }

  // HS-25: the example of RFC 6455, section 1.3
  @Test
  void acceptAnswersTheKey() {
    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", ServerHandshake.acceptKey(KEY));
  }

  // HS-25
  @Test
  void responseHasItsHeadersInOrder() {
    server
        .subprotocols(List.of("chat"))
        .header("X-Extra", "1")
        .extension(new Accepting("foo", "bar"));
    request.headers().add("Sec-WebSocket-Protocol", "chat").add("Sec-WebSocket-Extensions", "foo");
    Acceptance acceptance = accept();
    server.build().addServerHeader(acceptance.response());
    assertEquals(101, acceptance.response().status().code());
    assertEquals("Switching Protocols", acceptance.response().status().reasonPhrase());
    assertEquals(
        """
        Date: Mon, 02 Nov 2026 03:04:05 GMT
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
        Sec-WebSocket-Extensions: foo; bar
        Sec-WebSocket-Protocol: chat
        X-Extra: 1
        Server: websocket-netty\
        """,
        headers(acceptance.response()));
    assertEquals("chat", acceptance.subprotocol());
  }

  // OPT-27
  @Test
  void serverHeaderCanBeReplacedOrRemoved() {
    FullHttpResponse response = accept().response();
    server.server(null).build().addServerHeader(response);
    assertFalse(response.headers().contains("Server"));
    server.server("mine").build().addServerHeader(response);
    server.server("other").build().addServerHeader(response);
    assertEquals(List.of("mine"), response.headers().getAll("Server"));
    assertThrows(IllegalArgumentException.class, () -> server.server("a\nb").build());
  }

  // HS-01, HS-02
  @Test
  void whatNettyCouldNotParseIsABadRequest() {
    request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("no colon")));
    HandshakeException e =
        refused(400, Reason.INVALID_MESSAGE, "did not receive a valid HTTP request");
    assertEquals(
        "Failed to open a WebSocket connection: did not receive a valid HTTP request; no colon.\n",
        e.text());
  }

  // HS-01
  @Test
  void otherVersionsThanHttp1AreABadRequest() {
    HttpRequest http2 = request(HttpVersion.valueOf("HTTP/2.0"), HttpMethod.valueOf("PRI"), "*");
    HandshakeException e =
        assertThrows(HandshakeException.class, () -> server.build().checkMessage(http2));
    assertEquals(400, e.status().code());
    assertEquals(
        "unsupported protocol; expected HTTP/1.1 or HTTP/1.0: HTTP/2.0", e.getCause().getMessage());
  }

  // HS-01
  @Test
  void thePathIsAsciiButOtherwiseUnchecked() {
    for (String uri : List.of("*", "foo", "http://example.com/", "/a//b?c=%ZZ")) {
      server.build().checkMessage(request.setUri(uri));
    }
    for (String uri : List.of("/\u00E9", "/\u007F")) {
      HttpRequest malformed = requestWith(uri);
      HandshakeException e =
          assertThrows(HandshakeException.class, () -> server.build().checkMessage(malformed));
      assertEquals("did not receive a valid HTTP request", e.getMessage());
      assertEquals(Reason.INVALID_MESSAGE, e.reason());
      assertEquals(400, e.status().code());
    }
  }

  /** Netty 4.2.20 refuses such URIs itself, but a request can be made by others. */
  private static HttpRequest requestWith(String uri) {
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/") {
      @Override
      public String uri() {
        return uri;
      }
    };
  }

  // HS-03
  @Test
  void bodiesAreRefused() {
    request.headers().set("Content-Length", "0");
    accept();
    request.headers().set("Content-Length", "1");
    refused(400, Reason.INVALID_MESSAGE, "did not receive a valid HTTP request");
    request.headers().set("Content-Length", "-0");
    refused(400, Reason.INVALID_MESSAGE, "did not receive a valid HTTP request");
    request.headers().set("Transfer-Encoding", "chunked");
    refused(501, Reason.INVALID_MESSAGE, "transfer codings aren't supported");
  }

  // HS-10, OPT-29
  @Test
  void requestLinesMayHave8192BytesWithTheirEnd() {
    int fixed = "GET  HTTP/1.1\r\n".length();
    request.setUri("/" + "a".repeat(8192 - fixed - 1));
    accept();
    request.setUri(request.uri() + "a");
    HandshakeException e =
        refused(414, Reason.SECURITY, "read 8193 bytes, expected no more than 8192 bytes");
    assertEquals(
        "Failed to open a WebSocket connection:"
            + " read 8193 bytes, expected no more than 8192 bytes.\n",
        e.text());
  }

  // HS-10, OPT-29
  @Test
  void headerLinesMayHave8192BytesWithTheirEnd() {
    String value = "a".repeat(8192 - "Cookie: \r\n".length());
    request.headers().set("Cookie", value);
    accept();
    request.headers().set("Cookie", value + "a");
    refused(431, Reason.SECURITY, "read 8193 bytes, expected no more than 8192 bytes");
  }

  // HS-10, OPT-29
  @Test
  void requestsMayHave128Headers() {
    for (int i = request.headers().size(); i < 128; i++) {
      request.headers().add("X-" + i, "");
    }
    accept();
    request.headers().add("X-129", "");
    refused(431, Reason.SECURITY, "expected no more than 128 headers");
  }

  // HS-10
  @Test
  void limitsThatNettyFoundHaveTheSameStatus() {
    request.setDecoderResult(DecoderResult.failure(new TooLongHttpLineException("8190")));
    refused(414, Reason.SECURITY, "request line too long");
    request.setDecoderResult(DecoderResult.failure(new TooLongHttpHeaderException("65536")));
    refused(431, Reason.SECURITY, "headers too long");
  }

  // OPT-29
  @Test
  void limitsAreOptions() {
    server.limits(new HttpLimits(8192, 8192, 5));
    accept();
    request.headers().add("X", "");
    refused(431, Reason.SECURITY, "expected no more than 5 headers");
    assertEquals(16, new HttpLimits(16, 64, 1).maxStartLine());
    assertThrows(IllegalArgumentException.class, () -> new HttpLimits(15, 8192, 128));
    assertThrows(IllegalArgumentException.class, () -> new HttpLimits(8192, 63, 128));
    assertThrows(IllegalArgumentException.class, () -> new HttpLimits(8192, 8192, 0));
  }

  // HS-11
  @ParameterizedTest
  @ValueSource(strings = {"POST", "HEAD", "get"})
  void onlyGetOpensConnections(String method) {
    request.setMethod(HttpMethod.valueOf(method));
    HandshakeException e =
        refused(405, Reason.INVALID_METHOD, "unsupported HTTP method: " + method);
    assertEquals("GET", e.headers().get("Allow"));
  }

  // HS-12
  @Test
  void onlyHttp11OpensConnections() {
    request.setProtocolVersion(HttpVersion.HTTP_1_0);
    refused(505, Reason.INVALID_PROTOCOL, "unsupported HTTP version: HTTP/1.0");
  }

  // HS-13, HS-14
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Connection | | missing Connection header",
        "Connection | close | invalid Connection header: close",
        "Connection | a, b | invalid Connection header: a, b",
        "Upgrade | | missing Upgrade header",
        "Upgrade | h2c | invalid Upgrade header: h2c",
        "Upgrade | h2c, h3 | invalid Upgrade header: h2c, h3",
        "Upgrade | websocket/13 | invalid Upgrade header: websocket/13",
      })
  void otherRequestsAreToldToUpgrade(String name, String value, String message) {
    request.headers().remove(name);
    if (value != null) {
      request.headers().add(name, value);
    }
    HandshakeException e = refused(426, Reason.INVALID_UPGRADE, message);
    assertEquals("websocket", e.headers().get("Upgrade"));
    assertEquals(
        "Failed to open a WebSocket connection: "
            + message
            + ".\n\nYou cannot access a WebSocket server directly with a browser."
            + " You need a WebSocket client.\n",
        e.text());
  }

  // HS-13, HS-14
  @Test
  void caseAndPlaceOfUpgradeDoNotMatter() {
    request
        .headers()
        .set("Connection", List.of("keep-alive", "foo, uPGRADE"))
        .set("Upgrade", "WebSocket");
    accept();
  }

  // HS-14: RFC 9110, section 7.8: a server takes one of the protocols that a client names
  @ParameterizedTest
  @ValueSource(strings = {"h2c, websocket", "websocket, h2c", "HTTP/2.0,WebSocket", ",,websocket,"})
  void websocketMayStandAmongOtherProtocols(String upgrade) {
    request.headers().set("Upgrade", upgrade);
    accept();
    request.headers().set("Upgrade", List.of("", "h2c", upgrade));
    accept();
  }

  // HS-13, HS-15: RFC 9110, sections 5.3 and 5.6.1
  @Test
  void emptyLinesAndElementsOfListsAreIgnored() {
    server.subprotocols(List.of("chat")).extension(new Accepting("foo", null));
    request
        .headers()
        .set("Connection", List.of("", "Upgrade"))
        .set("Upgrade", List.of("websocket", ""))
        .set("Sec-WebSocket-Protocol", List.of("", "superchat,, chat"))
        .set("Sec-WebSocket-Extensions", List.of(",foo", ""));
    Acceptance accepted = accept();
    assertEquals("chat", accepted.subprotocol());
    assertEquals("[foo]", accepted.extensions().toString());
  }

  // HS-15
  @ParameterizedTest
  @ValueSource(
      strings = {"Connection", "Upgrade", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"})
  void malformedListsAreABadRequest(String name) {
    server.extension(new Accepting("foo", null));
    request.headers().set(name, "???");
    refused(400, Reason.INVALID_HEADER, "invalid " + name + " header: expected token at 0 in ???");
    request.headers().set(name, "");
    refused(400, Reason.INVALID_HEADER, "empty " + name + " header");
  }

  // HS-16, HS-17
  @ParameterizedTest
  @ValueSource(strings = {"Sec-WebSocket-Key", "Sec-WebSocket-Version"})
  void emptyValuesAreCalledEmpty(String name) {
    request.headers().set(name, "");
    HandshakeException e = refused(400, Reason.INVALID_HEADER, "empty " + name + " header");
    assertEquals("Failed to open a WebSocket connection: empty " + name + " header.\n", e.text());
    assertEquals(name.endsWith("Version"), "13".equals(e.headers().get("Sec-WebSocket-Version")));
  }

  // HS-16
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "!@#$%^&*() | ; Only base64 data is allowed",
        "'dGhlIHNhbXBsZSBub25jZQ== x' | ; Only base64 data is allowed",
        "dGhlIHNhbXBsZSBub25jZQ | ''",
        "dGhlIHNhbXBsZSBub25jZ | ; Only base64 data is allowed",
        "AAAA | ''",
        "AAAAAAAAAAAAAAAAAAAAAAAA | ''",
      })
  void keysAreSixteenBytesInBase64(String key, String problem) {
    request.headers().set("Sec-WebSocket-Key", key);
    refused(400, Reason.INVALID_HEADER, "invalid Sec-WebSocket-Key header: " + key + problem);
  }

  // HS-16, HS-60
  @Test
  void thereIsOneKey() {
    request.headers().add("sec-websocket-key", KEY);
    refused(400, Reason.INVALID_HEADER, "invalid Sec-WebSocket-Key header: multiple values");
    request.headers().remove("SEC-WEBSOCKET-KEY");
    refused(400, Reason.INVALID_HEADER, "missing Sec-WebSocket-Key header");
  }

  // HS-17, HS-60: RFC 6455, section 4.4
  @Test
  void theVersionIs13AndRefusalsSayIt() {
    request.headers().set("Sec-WebSocket-Version", "11");
    HandshakeException other =
        refused(426, Reason.INVALID_HEADER, "invalid Sec-WebSocket-Version header: 11");
    assertEquals("13", other.headers().get("Sec-WebSocket-Version"));
    assertEquals("websocket", other.headers().get("Upgrade"));
    request.headers().set("Sec-WebSocket-Version", List.of("13", "13"));
    HandshakeException repeated =
        refused(
            400, Reason.INVALID_HEADER, "invalid Sec-WebSocket-Version header: multiple values");
    assertEquals("13", repeated.headers().get("Sec-WebSocket-Version"));
    request.headers().remove("Sec-WebSocket-Version");
    HandshakeException missing =
        refused(400, Reason.INVALID_HEADER, "missing Sec-WebSocket-Version header");
    assertEquals("13", missing.headers().get("Sec-WebSocket-Version"));
  }

  // HS-18, HS-60
  @Test
  void theOriginIsNotRepeated() {
    request.headers().add("Origin", List.of("https://a", "https://a"));
    refused(400, Reason.INVALID_HEADER, "invalid Origin header: multiple values");
  }

  // HS-19
  @ParameterizedTest
  @CsvSource({
    "https://example.com, true",
    "https://EXAMPLE.com, false",
    "https://a.example.org, true",
    "https://a.example.org.evil.com, false",
    "https://other.example, false",
  })
  void originsMatchExactlyOrAsAWhole(String origin, boolean allowed) {
    server.origin("https://example.com").origin(Pattern.compile("https://\\w+\\.example\\.org"));
    request.headers().add("Origin", origin);
    if (allowed) {
      accept();
    } else {
      refused(403, Reason.INVALID_ORIGIN, "invalid Origin header: " + origin);
    }
  }

  // HS-19: browsers send hosts in ASCII
  @ParameterizedTest
  @ValueSource(strings = {"https://xn--mller-kva.example:81", "https://xn--strae-oqa.example"})
  void originsOutsideAsciiAreComparedAsBrowsersSendThem(String origin) {
    server.origin("https://m\u00FCller.example:81").origin("https://xn--strae-oqa.example");
    request.headers().add("Origin", origin);
    accept();
  }

  @Test
  void originThatIsAnotherDomainInBrowsersIsRefused() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> server.origin("https://stra\u00DFe.example"));
    assertEquals(
        "origin https://stra\u00DFe.example is invalid: hostname stra\u00DFe.example is invalid:"
            + " IDNA 2003 maps U+00DF otherwise than browsers do, so the name would be another"
            + " domain; write it in ASCII, as xn--...",
        refusal.getMessage());
  }

  // HS-19
  @Test
  void absentOriginsAreAllowedOnlyIfListed() {
    server.origin("https://example.com");
    refused(403, Reason.INVALID_ORIGIN, "missing Origin header");
    server.absentOrigin();
    accept();
    request.headers().add("Origin", "");
    refused(403, Reason.INVALID_ORIGIN, "empty Origin header");
  }

  // HS-19
  @Test
  void withoutAListEveryOriginIsAllowed() {
    request.headers().add("Origin", "https://anything");
    accept();
  }

  // HS-20
  @Test
  void extensionsAreAcceptedInTheOrderOfTheClient() {
    server
        .extension(new Accepting("b", "first"))
        .extension(new Accepting("b", "second"))
        .extension(new Accepting("a", null));
    request.headers().add("Sec-WebSocket-Extensions", List.of("c, a; decline", "b; x=1, a"));
    assertEquals("[b; first, a]", accept().extensions().toString());
  }

  // HS-20
  @Test
  void extensionsAreNotEvenParsedWithoutAnyOfOurs() {
    request.headers().add("Sec-WebSocket-Extensions", "???");
    assertEquals(List.of(), accept().extensions());
    assertFalse(accept().response().headers().contains("Sec-WebSocket-Extensions"));
  }

  // HS-21
  @Test
  void unexpectedExceptionsAreWithheldFromTheClient() {
    RuntimeException bug = new IllegalStateException("secret");
    server.subprotocolSelector(
        (r, offered) -> {
          throw bug;
        });
    HandshakeException e = refused(500, Reason.INTERNAL, "opening handshake failed");
    assertSame(bug, e.getCause());
    assertEquals(
        "Failed to open a WebSocket connection.\nSee server log for more information.\n", e.text());
  }

  // HS-22
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | a, b | null",
        "'' | | null",
        "a,b | b, a | a",
        "a,b | c, b | b",
        "a,b | B | invalid subprotocol; expected one of a, b",
        "a,b | c | invalid subprotocol; expected one of a, b",
        "a,b | | missing subprotocol",
      })
  void subprotocolIsTheFirstOfOursThatIsOffered(String ours, String offered, String outcome) {
    server.subprotocols(ours.isEmpty() ? List.of() : List.of(ours.split(",")));
    if (offered != null) {
      request.headers().add("Sec-WebSocket-Protocol", List.of(offered.split(", ")));
    }
    if (outcome.contains("subprotocol")) {
      refused(400, Reason.NEGOTIATION, outcome);
    } else {
      assertEquals(outcome, String.valueOf(accept().subprotocol()));
    }
  }

  // HS-23
  @Test
  void aSelectorReplacesTheDefaultSelection() {
    server.subprotocols(List.of("a")).subprotocolSelector((r, offered) -> offered.get(1));
    request.headers().add("Sec-WebSocket-Protocol", "a, b");
    assertEquals("b", accept().subprotocol());
    server.subprotocolSelector((r, offered) -> null);
    assertNull(accept().subprotocol());
    server.subprotocolSelector(
        (r, offered) -> {
          throw new HandshakeException(Reason.NEGOTIATION, "not today");
        });
    refused(400, Reason.NEGOTIATION, "not today");
    server.subprotocolSelector((r, offered) -> "c");
    refused(500, Reason.INTERNAL, "opening handshake failed");
  }

  // HS-24, HS-60: RFC 9112, section 3.2
  @Test
  void thereIsOneHost() {
    request.headers().add("Host", "example.com");
    refused(400, Reason.INVALID_HEADER, "invalid Host header: multiple values");
    request.headers().remove("Host");
    refused(400, Reason.INVALID_HEADER, "missing Host header");
  }

  // HS-11, HS-12, HS-13, HS-14, HS-16, HS-17, HS-18
  @Test
  void checksComeInTheirOrder() {
    HttpRequest bad = new DefaultHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.POST, "/");
    bad.headers().add("Origin", List.of("a", "b"));
    assertNextProblem(bad, 405);
    bad.setMethod(HttpMethod.GET);
    assertNextProblem(bad, 505);
    bad.setProtocolVersion(HttpVersion.HTTP_1_1);
    assertNextProblem(bad, 400);
    bad.headers().add("Host", "example.com");
    assertNextProblem(bad, 426);
    bad.headers().add("Connection", "Upgrade");
    assertNextProblem(bad, 426);
    bad.headers().add("Upgrade", "websocket");
    assertEquals("missing Sec-WebSocket-Key header", assertNextProblem(bad, 400));
    bad.headers().add("Sec-WebSocket-Key", KEY);
    assertEquals("missing Sec-WebSocket-Version header", assertNextProblem(bad, 400));
    bad.headers().add("Sec-WebSocket-Version", "13");
    assertEquals("invalid Origin header: multiple values", assertNextProblem(bad, 400));
  }

  private String assertNextProblem(HttpRequest bad, int status) {
    HandshakeException e =
        assertThrows(HandshakeException.class, () -> server.build().accept(bad, NOW));
    assertEquals(status, e.status().code());
    return e.getMessage();
  }

  // HS-26
  @Test
  void refusalsExplainThemselvesInPlainText() {
    request.setMethod(HttpMethod.POST);
    HandshakeException e = assertThrows(HandshakeException.class, this::accept);
    FullHttpResponse response = ServerHandshake.refuse(e, NOW);
    assertEquals(
        """
        Date: Mon, 02 Nov 2026 03:04:05 GMT
        Connection: close
        Content-Length: 70
        Content-Type: text/plain; charset=utf-8
        Allow: GET\
        """,
        headers(response));
    assertEquals(
        "Failed to open a WebSocket connection: unsupported HTTP method: POST.\n",
        response.content().toString(StandardCharsets.UTF_8));
    response.release();
  }

  // HS-34
  @Test
  void whoeverAnswersHimselfCanUseThePlainText() {
    FullHttpResponse response = ServerHandshake.respond(418, "short and stout\n", NOW);
    assertEquals(418, response.status().code());
    assertEquals("16", response.headers().get("Content-Length"));
    response.release();
    assertThrows(IllegalArgumentException.class, () -> ServerHandshake.respond(999, "", NOW));
  }

  // HS-36
  @Test
  void headersSetByCodeAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> server.header("X", "a\r\nb"));
    assertThrows(IllegalArgumentException.class, () -> server.header("X Y", "a"));
    for (String name : List.of("Upgrade", "connection", "Sec-WebSocket-Accept")) {
      assertThrows(IllegalArgumentException.class, () -> server.header(name, "x"), name);
    }
    assertThrows(IllegalArgumentException.class, () -> server.header("X", "\u0100"));
  }

  // HS-36
  @Test
  void responsesOfOthersAreCheckedAndCompleted() {
    FullHttpResponse response = ServerHandshake.respond(200, "hi", NOW);
    response.headers().remove("Content-Length").remove("Connection");
    ServerHandshake.complete(response);
    assertEquals("2", response.headers().get("Content-Length"));
    assertEquals("close", response.headers().get("Connection"));
    response.headers().add("X", "\u20AC");
    assertThrows(IllegalArgumentException.class, () -> ServerHandshake.complete(response));
    response.release();
  }

  // OPT-28
  @Test
  void subprotocolsAreTokens() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> server.subprotocols(List.of("ok", "not ok")).build());
    assertEquals("invalid subprotocol: not ok", e.getMessage());
  }

  // HS-60
  @Test
  void headersAreAMultiMapThatIgnoresCaseAndKeepsOrder() {
    request.headers().add("x-A", "1").add("X-a", "2");
    assertEquals(List.of("1", "2"), request.headers().getAll("X-A"));
    List<String> names = request.headers().entries().stream().map(Map.Entry::getKey).toList();
    assertEquals(List.of("x-A", "X-a"), names.subList(5, 7));
    request.headers().remove("X-A");
    assertFalse(request.headers().contains("x-a"));
  }

  /** Answers with a fixed parameter, unless told to decline. */
  private record Accepting(String name, String parameter) implements ServerExtension {
    @Override
    public Extension accept(Extension offer, List<Extension> accepted) {
      if (offer.toString().contains("decline")) {
        throw new HandshakeException(Reason.NEGOTIATION, "declined");
      }
      if ("second".equals(parameter)) {
        throw new AssertionError("the first one accepts");
      }
      return new Extension(
          name, parameter == null ? List.of() : List.of(new Extension.Parameter(parameter, null)));
    }
  }
}
