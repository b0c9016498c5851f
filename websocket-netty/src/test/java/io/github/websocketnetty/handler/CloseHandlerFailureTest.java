package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Violations, errors and peers that are silent. */
class CloseHandlerFailureTest extends ClosingFixture {
  // FAIL-02, RECV-34: the deadline also runs after a violation
  @ParameterizedTest
  @EnumSource
  void theDeadlineRunsAfterAFailure(Side side) {
    connect(side);
    peer.violates(ProtocolException.violation("invalid opcode"));
    assertEquals(1002, peer.receivesClose().code());
    assertTrue(peer.channel.isActive());
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  // PROTO-24, PROTO-25, FAIL-01: the code chosen
  // where the error was found, on one close frame, which close() does not follow with another
  @ParameterizedTest
  @EnumSource
  void aViolationFailsTheConnectionWithItsCode(Side side) {
    connect(side);
    ProtocolException violation = ProtocolException.invalidPayload("invalid start byte");
    peer.violates(violation);
    assertEquals(new CloseStatus(1007, "invalid start byte"), peer.receivesClose());
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertEquals(List.of(), peer.exceptions);

    close();
    peer.violates(ProtocolException.violation("another"));
    peer.sends(Peer.text("late"));
    peer.sendsClose(BYE);
    peer.receivesNothing();

    peer.endsItsHalf();
    assertEquals(List.of("closed", "inactive"), peer.seen);
    assertNull(peer.end().received());
    assertSame(violation, peer.end().cause());
    assertEquals(
        "sent 1007 (invalid frame payload data) invalid start byte; no close frame received",
        peer.end().describe());
  }

  // PROTO-24
  @ParameterizedTest
  @EnumSource
  void aViolationWhileClosingEndsTcpWithoutASecondCloseFrame(Side side) {
    connect(side);
    close();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.violates(ProtocolException.violation("invalid opcode"));
    peer.receivesNothing();
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    peer.sends(Peer.text("late"));
    assertEquals(List.of(), peer.seen);
  }

  // PROTO-26: what came before the violation is delivered, and answered before the close frame
  @ParameterizedTest
  @EnumSource
  void answersWrittenDuringTheReadLeaveBeforeTheCloseFrame(Side side) {
    connect(side);
    peer.addUser(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.write(message);
          }

          @Override
          public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
          }
        });
    peer.channel.pipeline().fireChannelRead(Peer.text("answer me"));
    peer.channel.pipeline().fireExceptionCaught(ProtocolException.violation("invalid opcode"));
    peer.channel.pipeline().fireChannelReadComplete();
    peer.receivesText("answer me");
    assertEquals(1002, peer.receivesClose().code());
  }

  /** The status of a violation that Netty's handlers or those of others report, or none. */
  static Stream<WebSocketCloseStatus> statusesThatMayNotBeSent() {
    return Stream.of(
        null,
        WebSocketCloseStatus.EMPTY,
        WebSocketCloseStatus.ABNORMAL_CLOSURE,
        WebSocketCloseStatus.TLS_HANDSHAKE_FAILED);
  }

  // PROTO-24
  @ParameterizedTest
  @MethodSource("statusesThatMayNotBeSent")
  void aViolationWhoseStatusMayNotBeSentIsAProtocolError(WebSocketCloseStatus status) {
    connect(Side.SERVER);
    peer.violates(new CorruptedWebSocketFrameException(status, "not so"));
    assertEquals(new CloseStatus(1002, "not so"), peer.receivesClose());
    peer.endsItsHalf();
    assertEquals(List.of("closed", "inactive"), peer.seen);
  }

  // PROTO-24
  @Test
  void aViolationThatNettyReportsHasItsStatusAndItsText() {
    connect(Side.SERVER);
    WebSocketCloseStatus status = WebSocketCloseStatus.POLICY_VIOLATION;
    peer.violates(new CorruptedWebSocketFrameException(status, null, null));
    assertEquals(new CloseStatus(1008, "Policy violation"), peer.receivesClose());
  }

  // PROTO-20, RECV-36: the details are logged, not told
  @ParameterizedTest
  @EnumSource
  void anInternalErrorIsReportedAs1011(Side side) {
    connect(side);
    DecoderException bug = new DecoderException(new IllegalStateException("secret"));
    peer.violates(bug);
    assertEquals(new CloseStatus(1011, ""), peer.receivesClose());
    peer.endsItsHalf();
    assertSame(bug, peer.end().cause());
    assertEquals(List.of(), peer.exceptions);
  }

  // PROTO-12, PROTO-13, PROTO-14: with a codec that does not look into close frames.
  // an invalid close code is answered with 1002, not with 1000
  @ParameterizedTest
  @ValueSource(strings = {"03", "03ed", "1388", "ffff"})
  void anInvalidCloseFrameFailsTheConnection(String payload) {
    connect(Side.SERVER);
    peer.sends(Peer.closeOf(payload));
    assertEquals(1002, peer.receivesClose().code());
    assertNull(handler.received());
  }

  // RECV-35: the root cause is always attached; the exception passes on
  @ParameterizedTest
  @EnumSource
  void aTransportFailureIsTheCause(Side side) {
    connect(side);
    IOException reset = new IOException("Connection reset by peer");
    peer.violates(reset);
    assertEquals(List.of(reset), peer.exceptions);
    assertSame(reset, handler.cause());
    peer.vanishes();
    assertSame(reset, peer.end().cause());
    assertEquals("no close frame received or sent", peer.end().describe());
  }

  @Test
  void otherExceptionsPassOn() {
    connect(Side.SERVER);
    IllegalStateException other = new IllegalStateException("of another handler");
    peer.violates(other);
    assertEquals(List.of(other), peer.exceptions);
    assertEquals(ConnectionState.OPEN, handler.state());
  }

  // FAIL-03, SEND-42
  @ParameterizedTest
  @EnumSource
  void aCloseFrameThatCannotBeEncodedDropsTcp(Side side) {
    connect(side);
    IllegalStateException bug = new IllegalStateException("no encoder");
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(bug);
              }
            });
    peer.sendsClose(BYE);
    peer.channel.runPendingTasks();
    assertFalse(peer.channel.isActive());
    assertEquals(new WebSocketClosed(BYE, null, null, bug), peer.end());
  }

  // PONG-03, SEND-41
  @Test
  void aPongThatCannotBeWrittenGivesTheCause() {
    connect(Side.SERVER);
    IOException broken = new IOException("Broken pipe");
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(broken);
              }
            });
    write(new PongWebSocketFrame());
    peer.vanishes();
    assertSame(broken, peer.end().cause());
  }

  // KA-06, and a failure reported by the handlers behind us
  @ParameterizedTest
  @EnumSource
  void handlersBehindUsCanFailTheConnection(Side side) {
    connect(side);
    ChannelHandlerContext user = peer.channel.pipeline().lastContext();
    ProtocolException tooBig = ProtocolException.tooBig("message exceeds limit of 5 bytes");
    FailingCloseFrame.send(user, tooBig);
    peer.channel.runPendingTasks();
    assertEquals(new CloseStatus(1009, "message exceeds limit of 5 bytes"), peer.receivesClose());
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertTrue(peer.channel.isActive());

    FailingCloseFrame.send(user, ProtocolException.violation("second"));
    peer.channel.runPendingTasks();
    peer.receivesNothing();
    peer.endsItsHalf();
    assertSame(tooBig, peer.end().cause());
  }

  // KA-06: TCP is closed with the frame, and does not outlive a second in which it is not flushed
  @ParameterizedTest
  @ValueSource(ints = {0, 200, 10_000})
  void aSilentPeerIsNotWaitedFor(int closeTimeoutMillis) {
    connect(Side.CLIENT, Duration.ofMillis(closeTimeoutMillis));
    peer.stopsReading();
    write(Peer.text("stuck"));
    TimeoutException silence = new TimeoutException("silence");
    write(
        new FailingCloseFrame(
            peer.channel.alloc(), new CloseStatus(1011, "keepalive ping timeout"), silence, true));
    int limit = closeTimeoutMillis == 200 ? 200 : 1000;
    peer.advance(limit - 1, TimeUnit.MILLISECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertFalse(peer.channel.isActive());
    assertSame(silence, peer.end().cause());
    assertEquals("no close frame received or sent", peer.end().describe()); // it was not flushed
  }

  // KA-06: the limit of one second also counts while closing
  @Test
  void silenceShortensAHandshakeInProgress() {
    connect(Side.SERVER);
    peer.stopsReading();
    close();
    write(new FailingCloseFrame(peer.channel.alloc(), BYE, new TimeoutException("silence"), true));
    peer.advance(1, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
    assertNull(peer.end().sent());
  }
}
