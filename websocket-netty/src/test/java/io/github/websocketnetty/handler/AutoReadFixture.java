package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.ReadingTransport;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.provider.Arguments;

/** A handshake handler behind a transport that is read, and an application that counts frames. */
abstract class AutoReadFixture {
  private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

  @Parameter(0)
  Side side;

  @Parameter(1)
  boolean compressed;

  @Parameter(2)
  boolean aggregated;

  final EmbeddedChannel channel = HttpArrangement.channel();
  final ReadingTransport transport = new ReadingTransport();
  final Outcome outcome = new Outcome();

  static Stream<Arguments> kinds(Side side) {
    return Stream.of(
        Arguments.of(side, false, false),
        Arguments.of(side, false, true),
        Arguments.of(side, true, false),
        Arguments.of(side, true, true));
  }

  final void open() {
    if (side == Side.SERVER) {
      openServer(ServerHandshakeOptions.anyPath());
    } else {
      openClient(ClientHandshakeOptions.forUri(URI.create("ws://h/")));
    }
  }

  final void openServer(ServerHandshakeOptions options) {
    WebSocketPipeline pipeline = WebSocketPipeline.server().aggregateMessages(aggregated).build();
    add(options.newHttpServerCodec(), new WebSocketServerHandshakeHandler(options, pipeline));
  }

  private void openClient(ClientHandshakeOptions options) {
    WebSocketPipeline pipeline = WebSocketPipeline.client().aggregateMessages(aggregated).build();
    add(options.newHttpClientCodec(), new WebSocketClientHandshakeHandler(options, pipeline));
  }

  private void add(ChannelHandler http, ChannelHandler handshake) {
    channel.pipeline().addLast(transport, http, handshake, outcome);
  }

  /** The peer sends its part of the handshake, and these frames right behind it. */
  final void peerOpens(byte[]... frames) {
    String head;
    if (side == Side.SERVER) {
      head =
          "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    } else {
      String key = Outcome.written(channel).replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
      head =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Accept: "
              + ServerHandshake.acceptKey(key)
              + "\r\n";
    }
    String whole = head + (compressed ? DEFLATE : "") + "\r\n";
    transport.arrives(whole.getBytes(StandardCharsets.US_ASCII), WireFrame.join(frames));
    channel.runPendingTasks();
  }

  /** Bytes arrive although they were not read, as those do that TLS had already read. */
  final void peerSendsUnasked(byte[]... frames) {
    ChannelHandlerContext front = channel.pipeline().context(transport);
    front.fireChannelRead(Unpooled.copiedBuffer(frames));
    front.fireChannelReadComplete();
    channel.runPendingTasks();
  }

  final byte[] text(String text) {
    return message(1, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a binary message that compression does not make shorter. */
  final byte[] binary(int length) {
    byte[] payload = new byte[length];
    new Random(length).nextBytes(payload);
    return message(2, payload);
  }

  private byte[] message(int opcode, byte[] payload) {
    return compressed
        ? WireFrame.of(true, 4, opcode, side == Side.SERVER, Zlib.alone(payload))
        : WireFrame.of(opcode, side == Side.SERVER, payload);
  }

  /** Switches auto-read off when the connection is open, as a proxy does that connects first. */
  final void switchOffWhenOpen() {
    outcome.whenOpen = ctx -> ctx.channel().config().setAutoRead(false);
  }

  final void assertOneForEachRead(String... messages) {
    assertFalse(channel.config().isAutoRead(), "auto-read was switched on");
    List<String> expected = new ArrayList<>(List.of("completed"));
    assertEquals(expected, outcome.events);
    for (String message : messages) {
      channel.read();
      expected.add(message);
      assertEquals(expected, outcome.events);
    }
    assertFalse(channel.config().isAutoRead(), "auto-read was switched on");
  }

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
    assertEquals(List.of(), outcome.errors);
  }
}
