package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.ReadingTransport;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Auto-read belongs to the application: it gets no frame that it did not ask for. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass(name = "{0} compressed={1} aggregated={2}")
@MethodSource("kinds")
class AutoReadTest {
  private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

  @Parameter(0)
  Side side;

  @Parameter(1)
  boolean compressed;

  @Parameter(2)
  boolean aggregated;

  private final EmbeddedChannel channel = HttpArrangement.channel();
  private final ReadingTransport transport = new ReadingTransport();
  private final Outcome outcome = new Outcome();

  static Stream<Arguments> kinds() {
    return Stream.of(Side.values())
        .flatMap(
            side ->
                Stream.of(
                    Arguments.of(side, false, false),
                    Arguments.of(side, false, true),
                    Arguments.of(side, true, false),
                    Arguments.of(side, true, true)));
  }

  private void open() {
    channel.pipeline().addLast(transport);
    if (side == Side.SERVER) {
      ServerHandshakeOptions options = ServerHandshakeOptions.anyPath();
      channel
          .pipeline()
          .addLast(options.newHttpServerCodec())
          .addLast(
              new WebSocketServerHandshakeHandler(
                  options, WebSocketPipeline.server().aggregateMessages(aggregated).build()));
    } else {
      ClientHandshakeOptions options = ClientHandshakeOptions.forUri(URI.create("ws://h/"));
      channel
          .pipeline()
          .addLast(options.newHttpClientCodec())
          .addLast(
              new WebSocketClientHandshakeHandler(
                  options, WebSocketPipeline.client().aggregateMessages(aggregated).build()));
    }
    channel.pipeline().addLast(outcome);
  }

  /** The peer sends its part of the handshake, and these frames right behind it. */
  private void peerOpens(byte[]... frames) {
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

  private byte[] text(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    return compressed
        ? WireFrame.of(true, 4, 1, side == Side.SERVER, Zlib.alone(payload))
        : WireFrame.of(1, side == Side.SERVER, payload);
  }

  @AfterEach
  void finish() {
    if (channel.pipeline().firstContext() != null) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
    assertEquals(List.of(), outcome.errors);
  }

  @Test
  void framesThatCameWithTheHandshakeAreHandedOnOneForEachRead() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    peerOpens(text("one"), text("two"));
    assertEquals(List.of("completed"), outcome.events);
    channel.read();
    assertEquals(List.of("completed", "text one"), outcome.events);
    channel.read();
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
    assertFalse(channel.config().isAutoRead());
  }

  @Test
  void framesThatCameWithTheHandshakeComeAtOnceWithAutoRead() {
    open();
    peerOpens(text("one"), text("two"));
    assertEquals(List.of("completed", "text one", "text two"), outcome.events);
    assertTrue(channel.config().isAutoRead());
  }

  /** Switches auto-read off when the connection is open, as a proxy does that connects first. */
  private void switchOffWhenOpen() {
    channel
        .pipeline()
        .addBefore(
            channel.pipeline().context(outcome).name(),
            null,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof HandshakeCompleted) {
                  ctx.channel().config().setAutoRead(false);
                }
                ctx.fireUserEventTriggered(event);
              }
            });
  }

  private void assertOneForEachRead(String... texts) {
    List<String> expected = new ArrayList<>(List.of("completed"));
    assertEquals(expected, outcome.events);
    for (String text : texts) {
      channel.read();
      expected.add("text " + text);
      assertEquals(expected, outcome.events);
    }
    assertFalse(channel.config().isAutoRead());
  }

  @Test
  void applicationThatSwitchesItOffWhenTheConnectionIsOpenGetsWhatItAsksFor() {
    open();
    switchOffWhenOpen();
    peerOpens(text("one"), text("two"));
    transport.arrives(text("three"));
    assertOneForEachRead("one", "two", "three");
  }

  @Test
  void controlFramesThatCameWithTheHandshakeNeedNoRead() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    byte[] ping = WireFrame.of(9, side == Side.SERVER, new byte[] {'p'});
    peerOpens(ping, Arrays.copyOf(ping, 1));
    assertTrue(Outcome.written(channel).contains("\u008A"), "no pong");
    peerSendsUnasked(Arrays.copyOfRange(ping, 1, ping.length));
    assertTrue(Outcome.written(channel).contains("\u008A"), "no second pong");
    peerSendsUnasked(text("one"), text("two"));
    assertEquals(List.of("completed"), outcome.events);
    channel.read();
    assertEquals(List.of("completed", "text one"), outcome.events);
  }

  @Test
  void messageInFragmentsIsAskedForOnceWhereItIsJoined() {
    channel.config().setAutoRead(false);
    open();
    channel.read();
    boolean masked = side == Side.SERVER;
    peerOpens(
        WireFrame.of(false, 0, 1, masked, new byte[] {'a'}),
        WireFrame.of(true, 0, 0, masked, new byte[] {'b'}),
        text("next"));
    channel.read();
    if (aggregated) {
      assertEquals(List.of("completed", "text ab"), outcome.events);
    } else {
      assertEquals(List.of("completed", "text a"), outcome.events);
      channel.read();
    }
    assertFalse(outcome.events.contains("text next"));
  }

  @Test
  void readThatWasMadeUnderAutoReadDoesNotCountOnceItIsOff() {
    open();
    peerOpens();
    channel.read();
    channel.config().setAutoRead(false);
    peerSendsUnasked(text("unasked"));
    assertOneForEachRead("unasked");
  }

  private void peerSendsUnasked(byte[]... frames) {
    ChannelHandlerContext front = channel.pipeline().context(transport);
    front.fireChannelRead(Unpooled.copiedBuffer(frames));
    front.fireChannelReadComplete();
    channel.runPendingTasks();
  }
}
