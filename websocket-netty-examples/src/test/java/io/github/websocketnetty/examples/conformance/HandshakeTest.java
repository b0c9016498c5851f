package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawClient.REQUEST;
import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static io.github.websocketnetty.examples.support.RawFrame.utf8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The opening handshake as a client sees it on the wire. */
class HandshakeTest extends ConformanceSuite {
  /** A request, the status it gets, and a header line that must be in the response. */
  record Refusal(String what, String request, int status, String header) {
    @Override
    public String toString() {
      return status + " " + what;
    }
  }

  // HS-01, HS-02, HS-10 to HS-17, HS-26
  static List<Refusal> refusals() {
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    String version = "Sec-WebSocket-Version: 13\r\n";
    String offer = "sec-websocket-version: 13\r\n";
    String upgrade = "upgrade: websocket\r\n";
    String longValue = "*".repeat(10_000);
    return List.of(
        changed("POST", "GET ", "POST ", 405, "allow: get\r\n"),
        changed("PUT", "GET ", "PUT ", 405, "allow: get\r\n"),
        changed("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", 505, ""),
        changed("no Connection", "Connection: Upgrade\r\n", "", 426, upgrade),
        changed("no upgrading", "Connection: Upgrade", "Connection: keep-alive", 426, upgrade),
        changed("no Upgrade", "Upgrade: websocket\r\n", "", 426, upgrade),
        changed("other protocol", "Upgrade: websocket", "Upgrade: h2c", 426, upgrade),
        changed("no key", key, "", 400, ""),
        changed("two keys", key, key + key, 400, ""),
        changed("empty key", "dGhlIHNhbXBsZSBub25jZQ==", "", 400, ""),
        changed("key that is not base64", "dGhlIHNhbXBsZSBub25jZQ==", "?", 400, ""),
        changed("key of 15 bytes", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 400, ""),
        refusal("no version", REQUEST.replace(version, ""), offer),
        refusal("version 8", REQUEST.replace("Version: 13", "Version: 8"), offer),
        refusal("version 14", REQUEST.replace("Version: 13", "Version: 14"), offer),
        changed("long request line", "/any/path", "/" + longValue, 414, ""),
        changed("long header", "Host:", "X-Long: " + longValue + "\r\nHost:", 431, ""),
        changed("many headers", "Host:", "X: y\r\n".repeat(200) + "Host:", 431, ""),
        new Refusal("words", "hello world\r\n\r\n", 400, ""),
        new Refusal("one word", "hello\r\n\r\n", 400, ""),
        new Refusal("binary", "\0\1\2\3\4\5\6\7\r\n\r\n", 400, ""),
        changed("space before the colon", "Host:", "Host :", 400, ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void badRequestGetsAnHttpAnswerAndTheEnd(Refusal refusal) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(refusal.request());
      String response = client.readHead();
      String status = "HTTP/1.1 " + (refusal.status() == 0 ? "4" : refusal.status() + " ");
      assertTrue(response.startsWith(status), response);
      assertTrue(response.toLowerCase(Locale.ROOT).contains(refusal.header()), response);
      client.readToEnd();
    }
  }

  @Test
  void requestMayComeOctetByOctet() throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.sendChopped(utf8(REQUEST), 1);
      client.expectSwitch();
      client.send(text("open"));
      client.expect(text("open"));
      client.closeNormally();
    }
  }

  // HS-27
  @Test
  void framesGluedToTheRequestAreAnsweredAfterTheSwitch() throws IOException {
    byte[] frames = concat(ping("early").bytes(), text("early too").bytes());
    try (RawClient client = RawClient.connect(port)) {
      client.send(concat(utf8(REQUEST), frames));
      client.expectSwitch();
      client.expect(pong("early"));
      client.expect(text("early too"));
      client.closeNormally();
    }
  }

  @Test
  void gluedFrameMayBeCutAnywhere() throws IOException {
    byte[] all = concat(utf8(REQUEST), text("early").bytes());
    for (int cut = REQUEST.length() - 4; cut < all.length; cut++) {
      try (RawClient client = RawClient.connect(port)) {
        client.send(Arrays.copyOf(all, cut));
        client.send(Arrays.copyOfRange(all, cut, all.length));
        client.expectSwitch();
        client.expect(text("early"));
        client.closeNormally();
      }
    }
  }

  @Test
  void closeGluedToTheRequestIsAnswered() throws IOException {
    RawFrame bye = close(1000, "early");
    try (RawClient client = RawClient.connect(port)) {
      client.send(concat(utf8(REQUEST), bye.bytes()));
      client.expectSwitch();
      client.expect(bye);
      client.expectEnd();
    }
  }

  @Test
  void violationGluedToTheRequestIsAnsweredAfterTheSwitch() throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(concat(utf8(REQUEST), text("x").reserved(1).bytes()));
      client.expectSwitch();
      client.expectClose(1002);
    }
  }

  @Test
  void secondRequestIsNotReadAsHttp() throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(REQUEST + REQUEST);
      client.expectSwitch();
      client.expectClose(1002);
    }
  }

  // HS-05
  @Test
  void endInsideTheRequestIsAnsweredWithTheEndOnly() throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(REQUEST.substring(0, 100));
      client.endOutput();
      client.expectEnd();
    }
  }

  private static Refusal changed(
      String what, String target, String replacement, int status, String header) {
    return new Refusal(what, REQUEST.replace(target, replacement), status, header);
  }

  /** A refusal with any status from 400 to 499. */
  private static Refusal refusal(String what, String request, String header) {
    return new Refusal(what, request, 0, header);
  }
}
