package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.FailingWrites;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakCheck.class)
class WebSocketKeepaliveHandlerTest {
  private static final CloseStatus TIMEOUT = new CloseStatus(1011, "keepalive ping timeout");

  private WebSocketKeepaliveHandler handler;
  private Peer peer;

  /** Both handlers, pings every 20 s, 15 s for a sign of life. */
  private void connect(Side side) {
    connect(side, 20, 15);
  }

  private void connect(Side side, int interval, int timeout) {
    handler = newHandler(interval, timeout);
    peer = new Peer(new WebSocketCloseHandler(side, Duration.ofSeconds(10)), handler);
  }

  private static WebSocketKeepaliveHandler newHandler(int interval, int timeout) {
    return new WebSocketKeepaliveHandler(Duration.ofSeconds(interval), Duration.ofSeconds(timeout));
  }

  @AfterEach
  void nothingIsLeftOver() {
    if (peer != null) {
      peer.vanishes();
      peer.receivesNothing();
      assertEquals(List.of(), peer.exceptions);
    }
  }

  // PONG-02, PONG-04
  @ParameterizedTest
  @EnumSource
  void eachPingIsAnsweredWithItsPayload(Side side) {
    connect(side);
    peer.sendsPing("");
    assertEquals("", peer.receivesPong());
    peer.sends(ping("one"), ping("two"));
    assertEquals("one", peer.receivesPong());
    assertEquals("two", peer.receivesPong());
    assertEquals(List.of(), peer.seen);
  }

  private static WebSocketFrame ping(String payload) {
    return new PingWebSocketFrame(Unpooled.wrappedBuffer(payload.getBytes()));
  }

  // PONG-02: in CLOSING too, as long as the peer may send
  @ParameterizedTest
  @EnumSource
  void pingsAreAnsweredUntilThePeersClose(Side side) {
    connect(side);
    peer.channel.pipeline().close();
    peer.receivesClose();
    peer.sendsPing("still there");
    assertEquals("still there", peer.receivesPong());
    peer.sendsClose(CloseStatus.NORMAL);
    peer.sendsPing("late");
    peer.receivesNothing();
  }

  // PONG-02: pongs leave in one flush at the end of the read
  @Test
  void pongsAreFlushedWhenTheReadIsOver() {
    connect(Side.SERVER);
    peer.channel.pipeline().fireChannelRead(ping("one"));
    peer.receivesNothing();
    peer.channel.pipeline().fireChannelReadComplete();
    assertEquals("one", peer.receivesPong());
  }

  // PONG-02: pings from a peer that does not read cost bounded memory
  @ParameterizedTest
  @EnumSource
  void aFloodOfPingsIsAnsweredWithTheNewestOnly(Side side) {
    connect(side);
    peer.stopsReading();
    for (int i = 0; i < 20_000; i++) {
      peer.sendsPing("ping " + i);
    }
    assertFalse(peer.channel.isWritable());
    assertTrue(peer.channel.bytesBeforeWritable() < 40_000, "more than the water marks allow");

    peer.readsAgain();
    int pongs = 0;
    String last = "";
    while (!peer.channel.outboundMessages().isEmpty()) {
      last = peer.receivesPong();
      pongs++;
    }
    assertTrue(pongs < 1000, pongs + " pongs");
    assertEquals("ping 19999", last);
  }

  // PONG-02: what waits for a peer that does not read is given up with the connection
  @ParameterizedTest
  @EnumSource
  void theWaitingPongIsReleasedWithTheConnection(Side side) {
    connect(side);
    peer.stopsReading();
    peer.channel.pipeline().writeAndFlush(Peer.binary(1 << 20));
    peer.sendsPing("never answered");
    peer.sendsPing("neither");
    peer.vanishes();
    peer.receivesNothing();
  }

  // PONG-02: a full buffer is flushed before pings are left out
  @Test
  void aPeerThatReadsGetsEveryPong() {
    connect(Side.SERVER);
    WebSocketFrame[] pings = new WebSocketFrame[5000];
    Arrays.setAll(pings, i -> ping("ping " + i));
    peer.sends(pings);
    for (int i = 0; i < pings.length; i++) {
      assertEquals("ping " + i, peer.receivesPong());
    }
  }

  // PONG-01: an unsolicited pong leaves as it is and changes nothing
  @ParameterizedTest
  @EnumSource
  void aPongOfTheUserIsJustSent(Side side) {
    connect(side);
    peer.channel
        .pipeline()
        .writeAndFlush(new PongWebSocketFrame(Unpooled.wrappedBuffer("hi".getBytes())));
    assertEquals("hi", peer.receivesPong());
    assertEquals(Duration.ZERO, handler.latency());
  }

  // KA-01, KA-02, OPT-10
  @ParameterizedTest
  @EnumSource
  void theFirstPingGoesOutAfterOneInterval(Side side) {
    connect(side);
    assertEquals(Duration.ZERO, handler.latency());
    peer.advance(19_999, TimeUnit.MILLISECONDS);
    peer.sends(Peer.text("traffic does not postpone it"));
    peer.sendsPing("neither do pings");
    peer.receivesPong();
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertEquals(4, peer.receivesPing().length);
  }

  // KA-03, PING-11: one interval from start to start; unpredictable payloads
  @ParameterizedTest
  @EnumSource
  void pingsGoOutEveryInterval(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    byte[] first = peer.receivesPing();
    peer.advance(3, TimeUnit.SECONDS);
    peer.sendsPong(first);
    assertEquals(Duration.ofSeconds(3), handler.latency());
    peer.advance(16_999, TimeUnit.MILLISECONDS);
    peer.receivesNothing();
    peer.advance(1, TimeUnit.MILLISECONDS);
    byte[] second = peer.receivesPing();
    assertFalse(Arrays.equals(first, second));
    assertEquals(List.of(), peer.seen);
  }

  // KA-03
  @ParameterizedTest
  @EnumSource
  void aSlowPongIsFollowedByTheNextPing(Side side) {
    connect(side, 10, 30);
    peer.advance(10, TimeUnit.SECONDS);
    byte[] first = peer.receivesPing();
    peer.advance(25, TimeUnit.SECONDS);
    peer.receivesNothing(); // KA-04: one at a time
    peer.sendsPong(first);
    peer.advance(0, TimeUnit.SECONDS);
    peer.receivesPing();
  }

  // KA-05, KA-06
  @ParameterizedTest
  @EnumSource
  void aSilentPeerIsClosedAtOnce(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.advance(14_999, TimeUnit.MILLISECONDS);
    peer.receivesNothing();
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertEquals(TIMEOUT, peer.receivesClose());
    assertFalse(peer.channel.isActive());
    assertEquals(
        "sent 1011 (internal error) keepalive ping timeout; no close frame received",
        peer.end().describe());
    assertInstanceOf(TimeoutException.class, peer.end().cause());
    assertEquals("no sign of life within PT15S", peer.end().cause().getMessage());
    assertEquals(1006, peer.end().closeCode());
  }

  // KA-09: a ping that cannot be flushed times out all the same (acceptance list 3)
  @ParameterizedTest
  @EnumSource
  void aPeerThatStoppedReadingIsDetected(Side side) {
    connect(side);
    peer.stopsReading();
    peer.channel.pipeline().writeAndFlush(Peer.binary(1 << 20));
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(15, TimeUnit.SECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(1, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
    assertNull(peer.end().sent()); // it could not be flushed
    assertInstanceOf(TimeoutException.class, peer.end().cause());
  }

  // KA-09: such as an echo server, which stops reading from a peer that does not read
  @ParameterizedTest
  @EnumSource
  void aPeerThatStoppedReadingIsDetectedWhileWeDoNotReadEither(Side side) {
    connect(side);
    peer.stopsReading();
    peer.channel.pipeline().writeAndFlush(Peer.binary(1 << 20));
    peer.channel.config().setAutoRead(false);
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(15, TimeUnit.SECONDS);
    peer.advance(1, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
    assertNull(peer.end().sent()); // it could not be flushed
    assertInstanceOf(TimeoutException.class, peer.end().cause());
  }

  // KA-09: the ping got through, and then the peer stopped reading
  @ParameterizedTest
  @EnumSource
  void aPeerThatStopsReadingBehindThePingIsDetected(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.stopsReading();
    peer.channel.config().setAutoRead(false);
    peer.channel.pipeline().writeAndFlush(Peer.binary(1 << 20));
    peer.advance(15, TimeUnit.SECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(15, TimeUnit.SECONDS);
    peer.advance(1, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  // KA-10: any bytes are a sign of life, pongs among them
  @ParameterizedTest
  @EnumSource
  void aPieceOfAFrameIsASignOfLife(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    for (int i = 0; i < 10; i++) {
      peer.advance(14, TimeUnit.SECONDS);
      peer.sendsPieceOfFrame();
    }
    assertTrue(peer.channel.isActive());
    peer.advance(15, TimeUnit.SECONDS);
    assertEquals(TIMEOUT, peer.receivesClose());
  }

  // RECV-40 (a): while we do not read, silence proves nothing
  @ParameterizedTest
  @EnumSource
  void pongIsNotAwaitedWhileReadingIsPaused(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    byte[] ping = peer.receivesPing();
    peer.channel.config().setAutoRead(false);
    for (int i = 0; i < 10; i++) {
      peer.advance(15, TimeUnit.SECONDS);
      assertEquals("", peer.receivesPong()); // fails if nobody is there any more
    }
    assertTrue(peer.channel.isActive());
    peer.channel.config().setAutoRead(true);
    peer.sendsPong(ping);
    peer.advance(0, TimeUnit.SECONDS);
    peer.receivesPing(); // overdue
    peer.receivesNothing();
  }

  // RECV-40 (a)
  @ParameterizedTest
  @EnumSource
  void deadPeerIsDetectedAfterPause(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.channel.config().setAutoRead(false);
    peer.advance(60, TimeUnit.SECONDS);
    peer.receivesPong();
    peer.channel.config().setAutoRead(true);
    peer.advance(15, TimeUnit.SECONDS);
    assertEquals(TIMEOUT, peer.receivesClose());
  }

  // KA-05: with auto-read off but a read() outstanding, we do read
  @ParameterizedTest
  @EnumSource
  void deadPeerIsDetectedByAUserWhoReadsByHand(Side side) {
    connect(side);
    peer.channel.config().setAutoRead(false);
    peer.channel.pipeline().read();
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.advance(15, TimeUnit.SECONDS);
    assertEquals(TIMEOUT, peer.receivesClose());
  }

  // a ping does not use up the read() of the user
  @Test
  void controlFramesDoNotUseUpWhatTheUserAskedFor() {
    connect(Side.SERVER);
    int[] reads = {0};
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads[0]++;
                ctx.read();
              }
            });
    peer.channel.config().setAutoRead(false);
    peer.channel.pipeline().read();
    peer.sendsPing("x");
    assertEquals(2, reads[0]);
    peer.sendsPing("y");
    assertEquals(3, reads[0]);
    peer.sends(Peer.text("what was asked for"));
    peer.sendsPing("z");
    assertEquals(3, reads[0]);
    peer.receivesPong();
    peer.receivesPong();
    peer.receivesPong();
  }

  // KA-07, KA-08, OPT-03: never closes, and does not remember pings for ever
  @ParameterizedTest
  @EnumSource
  void withoutATimeoutPingsGoOnAndLeaveNoTrace(Side side) {
    connect(side, 20, 0);
    byte[] ping = null;
    for (int i = 0; i < 3000; i++) {
      peer.advance(20, TimeUnit.SECONDS);
      ping = peer.receivesPing();
    }
    assertTrue(peer.channel.isActive());
    // The ledger has room for 1024, so the 3000 were not kept; the newest was.
    peer.advance(2, TimeUnit.SECONDS);
    peer.sendsPong(ping);
    assertEquals(Duration.ofSeconds(2), handler.latency());
  }

  // OPT-02: latency is then updated by the user's pings only
  @ParameterizedTest
  @EnumSource
  void withoutAnIntervalNoPingIsSent(Side side) {
    connect(side, 0, 15);
    peer.advance(10, TimeUnit.DAYS);
    peer.receivesNothing();
    handler.ping();
    byte[] ping = peer.receivesPing();
    peer.advance(1, TimeUnit.SECONDS);
    peer.sendsPong(ping);
    assertEquals(Duration.ofSeconds(1), handler.latency());
  }

  // OPT-09
  @Test
  void negativeTimesAreRefused() {
    assertEquals(
        "pingInterval is PT-1S, must not be negative",
        assertThrows(IllegalArgumentException.class, () -> newHandler(-1, 0)).getMessage());
    assertEquals(
        "pingTimeout is PT-2S, must not be negative",
        assertThrows(IllegalArgumentException.class, () -> newHandler(1, -2)).getMessage());
  }

  // KA-11: nothing happens after the end, whether sleeping or waiting for a pong
  @ParameterizedTest
  @EnumSource
  void keepaliveEndsWithTheConnection(Side side) {
    connect(side);
    peer.vanishes();
    peer.advance(1, TimeUnit.DAYS);
    peer.receivesNothing();

    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.vanishes();
    peer.advance(1, TimeUnit.DAYS);
    peer.receivesNothing();
  }

  // KA-11: an error inside stops keepalive, not the connection
  @Test
  void anErrorInsideKeepaliveStopsIt() {
    connect(Side.SERVER);
    peer.channel.breakConfig(true);
    peer.advance(20, TimeUnit.SECONDS);
    peer.channel.breakConfig(false);
    peer.advance(1, TimeUnit.DAYS);
    assertTrue(peer.channel.isActive());
    peer.receivesNothing();
  }

  // KA-11: a ping that cannot be written is nobody's silence
  @Test
  void aPingThatCannotBeWrittenStopsKeepalive() {
    connect(Side.SERVER);
    peer.channel.pipeline().addFirst(new FailingWrites(new IllegalStateException("no encoder")));
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(1, TimeUnit.DAYS);
    assertTrue(peer.channel.isActive());
  }

  // KA-12: once nothing can be sent any more, the close deadline alone counts (CLOSE-14)
  @ParameterizedTest
  @EnumSource
  void pingsStopWithThePeersClose(Side side) {
    handler = newHandler(20, 15);
    peer = new Peer(new WebSocketCloseHandler(side, Duration.ZERO), handler);
    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    for (int i = 0; i < 10; i++) {
      peer.advance(20, TimeUnit.SECONDS);
    }
    assertTrue(peer.channel.isActive());
    peer.receivesNothing();
  }

  // PING-01, PING-05, PING-06: the second stage; awaiting the write is not offered
  @ParameterizedTest
  @EnumSource
  void aPingOfTheUserTellsTheRoundTripTime(Side side) {
    connect(side);
    Future<Duration> pong = handler.ping();
    byte[] payload = peer.receivesPing();
    assertEquals(4, payload.length);
    assertFalse(pong.isDone());
    peer.advance(250, TimeUnit.MILLISECONDS);
    peer.sendsPong(payload);
    assertEquals(Duration.ofMillis(250), pong.getNow());
    assertEquals(Duration.ofMillis(250), handler.latency());
    assertEquals(List.of(), peer.seen);
  }

  // PING-02, PING-03: bytes only, by type; an empty payload is not replaced
  @ParameterizedTest
  @EnumSource
  void theUserChoosesThePayload(Side side) {
    connect(side);
    handler.ping(new byte[0]);
    assertEquals(0, peer.receivesPing().length);
    handler.ping(new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, peer.receivesPing());
  }

  // PING-04, PING-07: refused before anything is sent, the connection goes on
  @ParameterizedTest
  @EnumSource
  void pingsThatCannotBeToldApartAreRefused(Side side) {
    connect(side);
    assertInstanceOf(IllegalArgumentException.class, handler.ping(new byte[126]).cause());
    peer.receivesNothing();
    Future<Duration> first = handler.ping(new byte[125]);
    Future<Duration> second = handler.ping(new byte[125]);
    assertInstanceOf(IllegalStateException.class, second.cause());
    assertEquals("already waiting for a pong with the same data", second.cause().getMessage());
    peer.sendsPong(peer.receivesPing());
    assertTrue(first.isSuccess());
    assertFalse(handler.ping(new byte[125]).isDone());
    peer.receivesPing();
  }

  // PING-08, PING-09, PING-11, KA-04
  @ParameterizedTest
  @EnumSource
  void aPongAnswersAllEarlierPings(Side side) {
    connect(side);
    Future<Duration> first = handler.ping(new byte[] {1});
    peer.advance(1, TimeUnit.SECONDS);
    Future<Duration> second = handler.ping(new byte[] {2});
    Future<Duration> third = handler.ping(new byte[] {3});
    peer.advance(1, TimeUnit.SECONDS);
    peer.sendsPong(new byte[] {9});
    peer.sendsPong(new byte[] {2});
    assertEquals(Duration.ofSeconds(2), first.getNow());
    assertEquals(Duration.ofSeconds(1), second.getNow());
    assertEquals(Duration.ofSeconds(1), handler.latency());
    assertFalse(third.isDone());
    for (int i = 1; i <= 3; i++) {
      assertArrayEquals(new byte[] {(byte) i}, peer.receivesPing());
    }
  }

  // PING-08, PING-12
  @ParameterizedTest
  @EnumSource
  void whoHearsOfAPongMayEndTheConnection(Side side) {
    connect(side);
    Future<Duration> first = handler.ping(new byte[] {1});
    peer.advance(1, TimeUnit.SECONDS);
    Future<Duration> second = handler.ping(new byte[] {2});
    Future<Duration> third = handler.ping(new byte[] {3});
    first.addListener(done -> peer.channel.pipeline().remove(handler));
    peer.receivesPing();
    peer.receivesPing();
    peer.receivesPing();
    peer.sendsPong(new byte[] {2});
    assertEquals(Duration.ofSeconds(1), first.getNow());
    assertEquals(Duration.ZERO, second.getNow());
    assertEquals(Duration.ZERO, handler.latency());
    assertInstanceOf(ClosedChannelException.class, third.cause());
  }

  // KA-04, PING-08: the keepalive ping is answered by the pong of a later ping
  @ParameterizedTest
  @EnumSource
  void aPongForALaterPingKeepsTheConnectionAlive(Side side) {
    connect(side);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    handler.ping(new byte[] {1});
    peer.receivesPing();
    peer.advance(5, TimeUnit.SECONDS);
    peer.sendsPong(new byte[] {1});
    peer.advance(15, TimeUnit.SECONDS);
    peer.receivesPing();
  }

  // PING-10: the payload is free again
  @ParameterizedTest
  @EnumSource
  void aCancelledPingFreesItsPayload(Side side) {
    connect(side);
    Future<Duration> first = handler.ping(new byte[] {1});
    assertTrue(first.cancel(false));
    peer.channel.runPendingTasks();
    Future<Duration> second = handler.ping(new byte[] {1});
    peer.receivesPing();
    peer.sendsPong(peer.receivesPing());
    assertTrue(second.isSuccess());
  }

  // PING-12, CLOSE-29: all waiting pings fail, after the readers were told
  @ParameterizedTest
  @EnumSource
  void waitingPingsFailAtTheEnd(Side side) {
    connect(side);
    List<String> order = new ArrayList<>();
    Future<Duration> pong = handler.ping();
    peer.receivesPing();
    pong.addListener(done -> order.addAll(peer.seen));
    peer.vanishes();
    assertInstanceOf(ClosedChannelException.class, pong.cause());
    assertEquals("no close frame received or sent", pong.cause().getMessage());
    assertSame(peer.end().cause(), pong.cause().getCause());
    assertEquals(List.of("closed", "inactive"), order);
    // PING-13
    assertEquals("no close frame received or sent", handler.ping().cause().getMessage());
  }

  // PING-13: in CLOSING, refused once the peer's close frame is there
  @ParameterizedTest
  @EnumSource
  void aPingBehindTheCloseFramesFails(Side side) {
    connect(side);
    peer.channel.pipeline().close();
    peer.receivesClose();
    Future<Duration> stillPossible = handler.ping();
    peer.receivesPing();
    assertFalse(stillPossible.isDone());
    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(
        "cannot send: sent 1000 (OK); then received 1000 (OK)",
        handler.ping().cause().getMessage());
  }

  // KA-08: bounded, and automatic pings survive it
  @Test
  void tooManyWaitingPingsAreRefused() {
    connect(Side.SERVER);
    for (int i = 0; i < 1024; i++) {
      handler.ping();
      peer.receivesPing();
    }
    assertEquals("already waiting for 1024 pongs, the limit", handler.ping().cause().getMessage());
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesNothing();
    peer.advance(20, TimeUnit.SECONDS);
    assertTrue(peer.channel.isActive());
  }

  // KA-06: works without the close handler as well
  @Test
  void withoutACloseHandlerASilentPeerIsClosedToo() {
    handler = newHandler(20, 15);
    peer = new Peer(handler);
    peer.advance(20, TimeUnit.SECONDS);
    peer.receivesPing();
    peer.advance(15, TimeUnit.SECONDS);
    assertEquals(TIMEOUT, peer.receivesClose());
    assertFalse(peer.channel.isActive());
  }

  // KA-06, KA-09: and dropped if the close frame cannot be flushed within a second
  @Test
  void withoutACloseHandlerAStuckPeerIsDropped() {
    handler = newHandler(20, 15);
    peer = new Peer(handler);
    peer.stopsReading();
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(15, TimeUnit.SECONDS);
    peer.advance(999, TimeUnit.MILLISECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertFalse(peer.channel.isActive());
  }

  @Test
  void removingTheHandlerEndsItsWork() {
    connect(Side.SERVER);
    Future<Duration> pong = handler.ping();
    peer.receivesPing();
    peer.channel.pipeline().remove(handler);
    assertEquals("the connection is closed", pong.cause().getMessage());
    peer.advance(1, TimeUnit.DAYS);
    peer.receivesNothing();
    assertTrue(handler.ping().isDone());
  }

  @Test
  void aPingNeedsAPipeline() {
    assertEquals(
        "not in a pipeline",
        assertThrows(IllegalStateException.class, () -> newHandler(1, 1).ping()).getMessage());
  }

  // PING-01: never the same twice while one waits
  @Test
  void randomPayloadsDiffer() {
    connect(Side.SERVER);
    handler.ping();
    handler.ping();
    assertNotEquals(Arrays.toString(peer.receivesPing()), Arrays.toString(peer.receivesPing()));
  }
}
