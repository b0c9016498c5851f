package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Closing by the application's own close frames, and what tells of the peer's. */
class CloseFramesToApplicationTest extends ClosingFixture {
  private static final CloseStatus AWAY = new CloseStatus(1001, "away");

  private void connectUnhandled(Side side) {
    connectWith(new WebSocketCloseHandler(side, Duration.ofSeconds(10), false, AWAY));
  }

  private void connectWith(WebSocketCloseHandler closing) {
    nothingIsLeftOver();
    handler = closing;
    peer = new Peer(handler);
  }

  @ParameterizedTest
  @EnumSource
  void thePeersCloseFrameReachesTheApplicationUnanswered(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    assertEquals(List.of("Close"), peer.seen);
    peer.receivesNothing();
    assertEquals(ConnectionState.OPEN, handler.state());
    assertEquals(BYE, handler.received());
    assertNull(handler.sent());
  }

  @ParameterizedTest
  @EnumSource
  void dataAndControlFramesMayBeSentUntilTheApplicationAnswers(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    assertTrue(write(Peer.text("last words")).isSuccess());
    assertTrue(write(new PongWebSocketFrame()).isSuccess());
    assertTrue(write(Peer.close(AWAY)).isSuccess());
    assertFalse(write(Peer.text("too late")).isSuccess());
    peer.receivesText("last words");
    assertEquals("", peer.receivesPong());
    assertEquals(AWAY, peer.receivesClose());
  }

  // CLOSE-30, CLOSE-20: behind the answer all is as usual
  @ParameterizedTest
  @EnumSource
  void theApplicationsAnswerCompletesTheHandshake(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    write(Peer.close(AWAY));
    assertEquals(AWAY, peer.receivesClose());
    assertEquals(ConnectionState.CLOSING, handler.state());
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertTrue(peer.channel.isActive());
    peer.endsItsHalf();
    assertEquals(new WebSocketClosed(BYE, AWAY, true, null), peer.end());
  }

  @ParameterizedTest
  @EnumSource
  void closingTheChannelIsAnAnswerToo(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    ChannelFuture closed = close();
    assertEquals(AWAY, peer.receivesClose());
    peer.endsItsHalf();
    assertTrue(closed.isSuccess());
    assertEquals(new WebSocketClosed(BYE, AWAY, true, null), peer.end());
  }

  // CLOSE-08: every wait has a timer
  @ParameterizedTest
  @EnumSource
  void anApplicationThatDoesNotAnswerHasTheCloseTimeout(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertFalse(peer.channel.isActive());
    assertInstanceOf(TimeoutException.class, peer.end().cause());
    assertNull(peer.end().sent());
    assertEquals(BYE, peer.end().received());
  }

  @ParameterizedTest
  @EnumSource
  void aLateAnswerDoesNotBeginTheTimeAnew(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    peer.advance(6, TimeUnit.SECONDS);
    write(Peer.close(AWAY));
    assertEquals(AWAY, peer.receivesClose());
    peer.advance(4, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  @ParameterizedTest
  @EnumSource
  void theAnswerToOurCloseFrameReachesTheApplicationToo(Side side) {
    connectUnhandled(side);
    write(Peer.close(AWAY));
    assertEquals(AWAY, peer.receivesClose());
    peer.sendsClose(BYE);
    assertEquals(List.of("Close"), peer.seen);
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    peer.endsItsHalf();
    assertEquals(new WebSocketClosed(BYE, AWAY, false, null), peer.end());
  }

  @ParameterizedTest
  @EnumSource
  void tcpMayEndBeforeTheAnswer(Side side) {
    connectUnhandled(side);
    peer.sendsClose(BYE);
    peer.endsItsHalf();
    assertFalse(peer.channel.isActive());
    assertEquals(new WebSocketClosed(BYE, null, null, null), peer.end());
    peer.receivesNothing();
  }

  // CLOSE-14: nothing behind a close frame counts
  @ParameterizedTest
  @EnumSource
  void nothingBehindThePeersCloseFrameIsPassedOn(Side side) {
    connectUnhandled(side);
    peer.sends(Peer.close(BYE), Peer.text("behind"), Peer.close(AWAY));
    assertEquals(List.of("Close"), peer.seen);
    assertEquals(BYE, handler.received());
  }

  @ParameterizedTest
  @EnumSource
  void closeFrameThatIsAViolationIsNotPassedOn(Side side) {
    connectUnhandled(side);
    peer.sends(Peer.closeOf("03ED")); // 1005
    assertEquals(List.of(), peer.seen);
    assertEquals(1002, peer.receivesClose().code());
  }

  /** Notes the events. */
  private final class Events extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof CloseFrameReceived received) {
        peer.seen.add("received " + received.status() + " " + handler.state());
      }
      ctx.fireUserEventTriggered(event);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEventTellsOfThePeersCloseFrameWhenItArrives(Side side) {
    connect(side);
    peer.addUser(new Events());
    peer.sendsClose(BYE);
    assertEquals(List.of("received 4000 (private use) bye CLOSING"), peer.seen);
    assertEquals(BYE, peer.receivesClose());
    peer.endsItsHalf();
    assertEquals(3, peer.seen.size(), peer.seen::toString);
  }

  @ParameterizedTest
  @EnumSource
  void theEventComesBeforeTheFrameAndAlsoWithTheAnswerToOurs(Side side) {
    connectUnhandled(side);
    peer.addUser(new Events());
    peer.sendsClose(BYE);
    assertEquals(List.of("received 4000 (private use) bye OPEN", "Close"), peer.seen);
    connect(side);
    peer.addUser(new Events());
    close();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.sendsClose(BYE);
    assertEquals(List.of("received 4000 (private use) bye CLOSING"), peer.seen);
  }

  @ParameterizedTest
  @EnumSource
  void applicationMayCloseTheChannelWhenItLearns(Side side) {
    connect(side);
    peer.addUser(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof CloseFrameReceived) {
              ctx.close();
            }
            ctx.fireUserEventTriggered(event);
          }
        });
    peer.sendsClose(BYE);
    assertEquals(BYE, peer.receivesClose());
    peer.receivesNothing();
    peer.endsItsHalf();
    assertEquals(new WebSocketClosed(BYE, BYE, true, null), peer.end());
  }

  @ParameterizedTest
  @EnumSource
  void closingTheChannelSendsTheChosenStatus(Side side) {
    connectWith(new WebSocketCloseHandler(side, Duration.ofSeconds(10), true, AWAY));
    close();
    assertEquals(AWAY, peer.receivesClose());
    peer.sendsClose(AWAY);
    peer.endsItsHalf();
    assertTrue(peer.end().isOk());
  }

  @ParameterizedTest
  @EnumSource
  void withoutACloseFrameClosingTheChannelEndsTcpAtOnce(Side side) {
    connectWith(new WebSocketCloseHandler(side, Duration.ofSeconds(10), true, null));
    ChannelFuture closed = close();
    assertTrue(closed.isSuccess());
    assertFalse(peer.channel.isActive());
    peer.receivesNothing();
    assertEquals(new WebSocketClosed(null, null, null, null), peer.end());
    assertEquals(ConnectionState.CLOSED, handler.state());
  }

  /** What applications of Netty's handlers do: a close frame, and TCP ends behind it. */
  @ParameterizedTest
  @EnumSource
  void withoutACloseFrameTheChannelMayBeClosedBehindOneOfTheApplications(Side side) {
    connectWith(new WebSocketCloseHandler(side, Duration.ofSeconds(10), true, null));
    write(Peer.close(AWAY)).addListener(written -> peer.channel.pipeline().lastContext().close());
    peer.channel.runPendingTasks();
    assertEquals(AWAY, peer.receivesClose());
    assertFalse(peer.channel.isActive());
    assertEquals(new WebSocketClosed(null, AWAY, null, null), peer.end());
  }

  @ParameterizedTest
  @EnumSource
  void withoutACloseFrameThePeersIsStillAnswered(Side side) {
    connectWith(new WebSocketCloseHandler(side, Duration.ofSeconds(10), true, null));
    peer.sendsClose(BYE);
    assertEquals(BYE, peer.receivesClose());
    peer.endsItsHalf();
    assertTrue(peer.end().cause() == null, "no failure");
  }

  @Test
  void pipelineHandsTheOptionsToItsHandlers() {
    for (Side side : Side.values()) {
      WebSocketPipeline.Builder builder =
          side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
      WebSocketPipeline pipeline = builder.handleCloseFrames(false).sendCloseFrame(AWAY).build();
      peer = new Peer();
      pipeline.addAfter(peer.channel.pipeline(), peer.channel.pipeline().names().get(0));
      handler = peer.channel.pipeline().get(WebSocketCloseHandler.class);
      assertFalse(handler.handlesCloseFrames());
      close();
      assertEquals(AWAY, handler.sent());
      peer.vanishes();
      peer.channel.releaseOutbound();
    }
  }

  @Test
  void negativeTimesAreRefused() {
    Duration negative = Duration.ofNanos(-1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new WebSocketCloseHandler(Side.SERVER, negative, false, null));
  }

  @Test
  void anEventHasAStatus() {
    assertThrows(NullPointerException.class, () -> new CloseFrameReceived(null));
    assertInstanceOf(CloseWebSocketFrame.class, Peer.close(BYE)).release();
  }
}
