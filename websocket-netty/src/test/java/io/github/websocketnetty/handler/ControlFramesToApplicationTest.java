package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pings and pongs that reach the application. */
@ExtendWith(LeakCheck.class)
class ControlFramesToApplicationTest {
  private static final byte[] PAYLOAD = {1, 2, 3};

  private final FrameRecorder recorder = new FrameRecorder();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  private static WebSocketPipeline.Builder builder(Side side) {
    return side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
  }

  private WebSocketKeepaliveHandler open(
      WebSocketPipeline.Builder pipeline, DeflateAgreement deflate) {
    channel.freezeTime();
    pipeline.build().addLast(channel.pipeline(), deflate);
    channel.pipeline().addLast(recorder);
    return channel.pipeline().get(WebSocketKeepaliveHandler.class);
  }

  private void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    channel.runPendingTasks();
  }

  private static byte[] frame(Side side, int opcode, byte[] payload) {
    return WireFrame.of(opcode, side == Side.SERVER, payload);
  }

  private void assertNothingSent() {
    ByteBuf out = channel.readOutbound();
    assertTrue(out == null, "nothing should be sent");
  }

  @ParameterizedTest
  @EnumSource
  void pongsReachTheApplicationAndTheKeepaliveSeesThem(Side side) {
    WebSocketKeepaliveHandler keepalive = open(builder(side).dropPongFrames(false), null);
    Future<Duration> answered = keepalive.ping(PAYLOAD);
    channel.advanceTimeBy(7, TimeUnit.MILLISECONDS);
    receive(frame(side, Opcode.PONG, PAYLOAD));
    assertEquals(Duration.ofMillis(7), answered.getNow());
    assertEquals(Duration.ofMillis(7), keepalive.latency());
    assertEquals(List.of(new Frame(true, 0, Opcode.PONG, PAYLOAD)), recorder.frames);
    ChannelEnd.check(channel);
  }

  // KA-02: an answered ping keeps the connection, whoever sees the pong
  @ParameterizedTest
  @EnumSource
  void pongsThatReachTheApplicationKeepTheConnectionAlive(Side side) {
    open(builder(side).dropPongFrames(false), null);
    for (int i = 0; i < 5; i++) {
      channel.advanceTimeBy(20, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      ByteBuf ping = channel.readOutbound();
      byte[] payload = new byte[4];
      ping.getBytes(ping.writerIndex() - 4, payload);
      if (side == Side.CLIENT) {
        for (int j = 0; j < 4; j++) {
          payload[j] ^= ping.getByte(2 + j);
        }
      }
      ping.release();
      receive(frame(side, Opcode.PONG, payload));
    }
    assertTrue(channel.isActive());
    assertEquals(5, recorder.frames.size());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void pongsAreDroppedUnlessTheyAreAskedFor(Side side) {
    open(builder(side), null);
    receive(frame(side, Opcode.PONG, PAYLOAD));
    assertEquals(List.of(), recorder.frames);
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void pingsReachTheApplicationUnanswered(Side side) {
    open(builder(side).handlePingFrames(false), null);
    receive(frame(side, Opcode.PING, PAYLOAD));
    assertEquals(List.of(new Frame(true, 0, Opcode.PING, PAYLOAD)), recorder.frames);
    assertNothingSent();
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void controlFramesComeInTheirPlaceBetweenCompressedFragmentsAndAggregatedMessages(Side side) {
    for (boolean aggregates : new boolean[] {false, true}) {
      ControlFramesToApplicationTest test = new ControlFramesToApplicationTest();
      test.open(
          builder(side)
              .handlePingFrames(false)
              .dropPongFrames(false)
              .handleCloseFrames(false)
              .aggregateMessages(aggregates),
          new DeflateAgreement(true, true, 6, 0));
      boolean masked = side == Side.SERVER;
      test.receive(
          WireFrame.join(
              WireFrame.of(false, 4, Opcode.TEXT, masked, WireFrame.hex("F248CD")),
              WireFrame.of(Opcode.PING, masked, PAYLOAD),
              WireFrame.of(true, 0, Opcode.CONTINUATION, masked, WireFrame.hex("C9C90700")),
              WireFrame.of(Opcode.PONG, masked, PAYLOAD),
              WireFrame.close(masked, 1000, "")));
      List<Integer> opcodes = test.recorder.frames.stream().map(Frame::opcode).toList();
      assertEquals(aggregates ? List.of(9, 1, 10, 8) : List.of(1, 9, 0, 10, 8), opcodes);
      test.assertNothingSent();
      ChannelEnd.check(test.channel);
    }
  }

  private List<Integer> opcodes() {
    return recorder.frames.stream().map(Frame::opcode).toList();
  }

  // With auto-read off: one data frame for each read(), whatever control frames come with it.
  @ParameterizedTest
  @EnumSource
  void controlFramesComeWhenTheyAreAskedForAndDoNotUseThatUp(Side side) {
    open(
        builder(side).handlePingFrames(false).dropPongFrames(false).handleCloseFrames(false), null);
    channel.config().setAutoRead(false);
    byte[] text = WireFrame.text(side == Side.SERVER, "x");
    byte[] ping = frame(side, Opcode.PING, PAYLOAD);
    byte[] pong = frame(side, Opcode.PONG, PAYLOAD);
    byte[] close = frame(side, Opcode.CLOSE, new byte[0]);
    receive(ping); // as what comes together with the handshake
    assertEquals(List.of(), opcodes());
    channel.read();
    assertEquals(List.of(9), opcodes());
    receive(WireFrame.join(pong, text, pong, ping, text, close));
    assertEquals(List.of(9, 10, 1), opcodes());
    channel.read();
    assertEquals(List.of(9, 10, 1, 10, 9, 1), opcodes());
    channel.read();
    assertEquals(List.of(9, 10, 1, 10, 9, 1, 8), opcodes());
    ChannelEnd.check(channel);
  }

  // Only what the application wanted waits for it.
  @ParameterizedTest
  @EnumSource
  void controlFramesThatAreNotForTheApplicationAreDealtWithUnasked(Side side) {
    open(builder(side).dropPongFrames(false), null);
    channel.config().setAutoRead(false);
    receive(frame(side, Opcode.PING, PAYLOAD));
    ByteBuf pong = channel.readOutbound();
    assertEquals((byte) 0x8A, pong.getByte(0));
    pong.release();
    receive(frame(side, Opcode.PONG, PAYLOAD));
    assertEquals(List.of(), opcodes());
    ChannelEnd.check(channel);
  }

  // What was received is not lost when TCP ends.
  @ParameterizedTest
  @EnumSource
  void controlFramesThatWaitComeBeforeTheEnd(Side side) {
    open(builder(side).handleCloseFrames(false), null);
    channel.config().setAutoRead(false);
    receive(frame(side, Opcode.CLOSE, new byte[0]));
    assertEquals(List.of(), opcodes());
    channel.pipeline().firstContext().close();
    channel.runPendingTasks();
    assertEquals(List.of(8), opcodes());
    ChannelEnd.check(channel);
  }

  // KA: no pong can come behind the peer's close frame
  @Test
  void noPingIsSentBehindACloseFrameThatTheApplicationHasNotAnswered() {
    open(
        builder(Side.SERVER)
            .handleCloseFrames(false)
            .closeTimeout(Duration.ZERO)
            .keepalive(Duration.ofSeconds(1), Duration.ofSeconds(1)),
        null);
    receive(WireFrame.close(true, 1000, ""));
    channel.advanceTimeBy(60, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertNothingSent();
    assertTrue(channel.isActive());
    ChannelEnd.check(channel);
  }
}
