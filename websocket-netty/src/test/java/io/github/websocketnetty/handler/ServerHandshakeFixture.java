package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ChannelEnd;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;

/** A server's handshake handler behind HTTP on an embedded channel, and a recorder behind it. */
abstract class ServerHandshakeFixture {
  static final Instant NOW = Instant.parse("2026-11-22T01:02:03Z");
  static final String FIELDS =
      "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  static final String REQUEST = "GET /echo HTTP/1.1\r\n" + FIELDS;
  static final String GENERIC =
      "Failed to open a WebSocket connection.\nSee server log for more information.\n";

  final ServerHandshakeOptions.Builder options =
      ServerHandshakeOptions.builder().path("/echo").clock(Clock.fixed(NOW, ZoneOffset.UTC));
  Outcome outcome = new Outcome();
  EmbeddedChannel channel;

  final void open(HttpArrangement http, ChannelHandler... between) {
    open(WebSocketPipeline.server().build(), http, between);
  }

  final void open(WebSocketPipeline webSocket) {
    open(webSocket, HttpArrangement.CODEC);
  }

  private void open(WebSocketPipeline webSocket, HttpArrangement http, ChannelHandler... between) {
    finish();
    outcome = new Outcome();
    channel = HttpArrangement.channel();
    channel.pipeline().addLast(http.server()).addLast(between);
    channel
        .pipeline()
        .addLast(new WebSocketServerHandshakeHandler(options.build(), webSocket))
        .addLast(outcome);
  }

  final void open() {
    open(HttpArrangement.CODEC);
  }

  final void receive(String text) {
    receive(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  final void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  final String written() {
    return Outcome.written(channel);
  }

  final String assertRefused(int status) {
    String written = written();
    assertTrue(written.startsWith("HTTP/1.1 " + status + " "), written);
    assertTrue(written.toLowerCase(Locale.ROOT).contains("\r\nconnection: close\r\n"), written);
    assertFalse(channel.isOpen());
    assertEquals(List.of(), outcome.events);
    return written;
  }

  @AfterEach
  void finish() {
    if (channel != null) {
      ChannelEnd.check(channel);
    }
    assertEquals(List.of(), outcome.errors);
  }
}
