package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * However the bytes of a handshake and of the frames behind it are cut, the outcome is the same.
 */
@ExtendWith(LeakCheck.class)
class HandshakeBytesTest {
  private static final String REQUEST =
      """
      GET /echo HTTP/1.1\r
      Host: example.com\r
      Upgrade: websocket\r
      Connection: keep-alive, Upgrade\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      Sec-WebSocket-Version: 13\r
      \r
      """;

  private static final List<String> EXPECTED =
      List.of("completed", "text first", "binary of 300", "text last");

  // HS-27
  @ParameterizedTest
  @EnumSource
  void requestAndFramesMayBeCutAnywhere(HttpArrangement http) {
    byte[] bytes = join(REQUEST, frames(true));
    for (int cut = 1; cut < bytes.length; cut++) {
      assertServed(http, null, bytes, cut);
    }
  }

  // HS-27
  @ParameterizedTest
  @EnumSource
  void requestAndFramesMayArriveInOneRead(HttpArrangement http) {
    byte[] bytes = join(REQUEST, frames(true));
    assertServed(http, null, bytes, bytes.length);
  }

  // HS-27
  @ParameterizedTest
  @EnumSource
  void requestAndFramesMayArriveByteByByte(HttpArrangement http) {
    assertServed(http, null, join(REQUEST, frames(true)), 1);
  }

  // HS-27, HS-30
  @ParameterizedTest
  @EnumSource
  void framesWaitForTheHookHoweverTheyAreCut(HttpArrangement http) {
    byte[] bytes = join(REQUEST, frames(true));
    for (int cut = 1; cut <= bytes.length; cut++) {
      CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
      assertServed(http, hook, bytes, cut);
    }
  }

  private void assertServed(
      HttpArrangement http, CompletableFuture<FullHttpResponse> hook, byte[] bytes, int step) {
    ServerHandshakeOptions options =
        ServerHandshakeOptions.builder().processRequest(request -> hook).build();
    Outcome outcome = new Outcome();
    EmbeddedChannel channel = HttpArrangement.channel();
    channel.pipeline().addLast(http.server());
    channel
        .pipeline()
        .addLast(new WebSocketServerHandshakeHandler(options, WebSocketPipeline.server().build()))
        .addLast(outcome);
    feed(channel, bytes, step);
    if (hook != null) {
      assertEquals(List.of(), outcome.events, "before the hook is done, cut at " + step);
      assertEquals("", Outcome.written(channel), "nothing is written before the 101");
      hook.complete(null);
    }
    assertEquals(EXPECTED, outcome.events, "cut at " + step);
    assertEquals(List.of(), outcome.errors);
    String written = Outcome.written(channel);
    assertTrue(written.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), written);
    assertTrue(written.endsWith("\r\n\r\n\u008A\u0000"), "the pong comes behind the 101");
    assertTrue(channel.config().isAutoRead());
    assertOnlyWebSocketHandlersAreLeft(channel);
    ChannelEnd.check(channel);
  }

  // HS-49
  @ParameterizedTest
  @EnumSource
  void responseAndFramesMayBeCutAnywhere(HttpArrangement http) {
    int length = response("dGhlIHNhbXBsZSBub25jZQ==").length;
    for (int cut = 1; cut < length; cut++) {
      assertConnected(http, cut, false);
    }
  }

  // HS-49
  @ParameterizedTest
  @EnumSource
  void responseAndFramesMayArriveInOneRead(HttpArrangement http) {
    assertConnected(http, Integer.MAX_VALUE, false);
  }

  // HS-49
  @ParameterizedTest
  @EnumSource
  void responseAndFramesMayArriveByteByByte(HttpArrangement http) {
    assertConnected(http, 1, true);
  }

  // HS-43
  @Test
  void interimResponsesMayBeCutAnywhere() {
    for (HttpArrangement http : HttpArrangement.values()) {
      assertConnected(http, 70, true);
    }
  }

  private void assertConnected(HttpArrangement http, int step, boolean interim) {
    ClientHandshakeOptions options =
        ClientHandshakeOptions.forUri(URI.create("ws://example.com/echo"));
    WebSocketClientHandshakeHandler handshake =
        new WebSocketClientHandshakeHandler(options, WebSocketPipeline.client().build());
    Outcome outcome = new Outcome();
    EmbeddedChannel channel = HttpArrangement.channel();
    channel.pipeline().addLast(http.client());
    channel.pipeline().addLast(handshake).addLast(outcome);
    String request = Outcome.written(channel);
    byte[] response = response(request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1"));
    if (interim) {
      String early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
      feed(channel, early.getBytes(StandardCharsets.ISO_8859_1), step);
    }
    feed(channel, response, step);
    assertEquals(EXPECTED, outcome.events, "cut at " + step);
    assertEquals(List.of(), outcome.errors);
    assertEquals(outcome.completed, handshake.handshakeFuture().getNow());
    assertOnlyWebSocketHandlersAreLeft(channel);
    ChannelEnd.check(channel);
  }

  private static byte[] response(String key) {
    return join(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + ServerHandshake.acceptKey(key)
            + "\r\n\r\n",
        frames(false));
  }

  private static byte[] frames(boolean masked) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(WireFrame.text(masked, "first"));
    out.writeBytes(WireFrame.of(9, masked, new byte[0]));
    out.writeBytes(WireFrame.of(2, masked, new byte[300]));
    out.writeBytes(WireFrame.text(masked, "last"));
    return out.toByteArray();
  }

  private static byte[] join(String head, byte[] frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(frames);
    return out.toByteArray();
  }

  /** Feeds the first {@code step} bytes and then the rest; or all of them one by one. */
  private static void feed(EmbeddedChannel channel, byte[] bytes, int step) {
    int start = 0;
    while (start < bytes.length) {
      boolean first = start == 0 || step == 1;
      int end = first ? (int) Math.min(bytes.length, (long) start + step) : bytes.length;
      channel.writeInbound(Unpooled.copiedBuffer(bytes, start, end - start));
      start = end;
    }
  }

  private static void assertOnlyWebSocketHandlersAreLeft(EmbeddedChannel channel) {
    channel
        .pipeline()
        .forEach(entry -> assertTrue(!entry.getValue().getClass().getName().contains("Http")));
    assertNull(channel.pipeline().get(WebSocketServerHandshakeHandler.class));
    assertNull(channel.pipeline().get(WebSocketClientHandshakeHandler.class));
  }
}
