package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of TCP: deadline, flushing, half-close, end of input, reading while closing. */
class CloseHandlerDeadlineTest extends ClosingFixture {
  // CLOSE-09, CLOSE-10, CLOSE-12, CLOSE-28
  @ParameterizedTest
  @EnumSource
  void aPeerThatDoesNotAnswerIsDroppedAtTheDeadline(Side side) {
    connect(side);
    peer.advance(60, TimeUnit.SECONDS); // nothing is awaited in OPEN
    ChannelFuture future = close();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertTrue(peer.channel.isActive());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertFalse(peer.channel.isActive());
    assertTrue(future.isSuccess());
    assertInstanceOf(TimeoutException.class, peer.end().cause());
    assertEquals("sent 1000 (OK); no close frame received", peer.end().describe());
    assertEquals(1006, peer.end().closeCode());
  }

  // CLOSE-09, CLOSE-13: one deadline for the answer and for the end of TCP together
  @ParameterizedTest
  @EnumSource
  void theDeadlineIsNotStartedAgainByTheAnswer(Side side) {
    connect(side);
    close();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.advance(6, TimeUnit.SECONDS);
    peer.sendsClose(CloseStatus.NORMAL);
    peer.advance(4, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
    assertTrue(peer.end().isOk());
    assertEquals("timed out while closing connection", peer.end().cause().getMessage());
  }

  // CLOSE-09, RECV-34: the deadline also runs when the peer began; KA-12: without keepalive
  @ParameterizedTest
  @EnumSource
  void theDeadlineRunsWhenThePeerCloses(Side side) {
    connect(side);
    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  // CLOSE-14
  @ParameterizedTest
  @EnumSource
  void withoutATimeoutThePeerMayTakeAnyTime(Side side) {
    connect(side, Duration.ZERO);
    close();
    peer.receivesClose();
    peer.advance(1000, TimeUnit.DAYS);
    assertTrue(peer.channel.isActive());
    peer.sendsClose(CloseStatus.NORMAL);
    peer.endsItsHalf();
    assertTrue(peer.end().isOk());
  }

  // OPT-04, OPT-09
  @Test
  void aNegativeTimeoutIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> new WebSocketCloseHandler(Side.SERVER, Duration.ofSeconds(-1)));
    assertEquals("closeTimeout is PT-1S, must not be negative", refused.getMessage());
  }

  @Test
  void aTimeoutOfAgesIsNotATimeoutAtOnce() {
    connect(Side.SERVER, Duration.ofSeconds(Long.MAX_VALUE));
    close();
    peer.receivesClose();
    peer.advance(1000, TimeUnit.DAYS);
    assertTrue(peer.channel.isActive());
  }

  // CLOSE-11: the deadline includes flushing (acceptance list 1: peer not reading, buffer full)
  @ParameterizedTest
  @EnumSource
  void aPeerThatDoesNotReadIsDroppedAtTheDeadline(Side side) {
    connect(side);
    peer.stopsReading();
    ChannelFuture data = write(Peer.binary(1 << 20));
    ChannelFuture future = close();
    assertNull(handler.sent()); // it waits behind the data
    peer.advance(10, TimeUnit.SECONDS);
    assertTrue(future.isSuccess());
    assertFalse(data.isSuccess());
    assertTrue(data.isDone());
    assertEquals("no close frame received or sent", peer.end().describe());
  }

  // CLOSE-11: the same for the echo
  @ParameterizedTest
  @EnumSource
  void anEchoThatCannotBeFlushedDoesNotKeepTheChannel(Side side) {
    connect(side);
    peer.stopsReading();
    write(Peer.binary(1 << 20));
    peer.sendsClose(CloseStatus.NORMAL);
    assertFalse(peer.channel.isOutputShutdown());
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  // CLOSE-20: the output ends behind the close frame, not before
  @Test
  void theServerEndsItsOutputOnlyWhenTheCloseFrameIsFlushed() {
    connect(Side.SERVER);
    peer.stopsReading();
    write(Peer.text("data"));
    peer.sendsClose(CloseStatus.NORMAL);
    assertFalse(peer.channel.isOutputShutdown());
    peer.readsAgain();
    peer.receivesText("data");
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    assertTrue(peer.channel.isOutputShutdown());
  }

  // CLOSE-18: the timer does not depend on who waits
  @ParameterizedTest
  @EnumSource
  void cancellingACloseChangesNothing(Side side) {
    connect(side);
    ChannelFuture future = close();
    assertTrue(future.cancel(false));
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.advance(5, TimeUnit.SECONDS);
    ChannelFuture second = close();
    peer.advance(5, TimeUnit.SECONDS);
    assertTrue(second.isSuccess());
  }

  // CLOSE-17, RECV-40 (b): we read on although the user does not
  @ParameterizedTest
  @EnumSource
  void aPausedUserDoesNotHideThePeersClose(Side side) {
    connect(side);
    List<String> reads = new ArrayList<>();
    peer.channel.pipeline().addFirst(new ReadCounter(reads));
    peer.channel.config().setAutoRead(false);
    peer.sends(Peer.text("not asked for, but we are open"));
    assertEquals(List.of("Text"), peer.seen);
    assertEquals(List.of(), reads);

    close();
    assertEquals(1, reads.size());
    peer.sends(Peer.text("dropped"), Peer.binary(5));
    assertEquals(2, reads.size());
    peer.sends(Peer.text("dropped"));
    assertEquals(3, reads.size());
    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(4, reads.size()); // for the FIN
    peer.endsItsHalf();

    assertEquals(List.of("Text", "closed", "inactive"), peer.seen);
    assertEquals("sent 1000 (OK); then received 1000 (OK)", peer.end().describe());
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
  }

  // CLOSE-17: what is asked for is delivered, but never behind a hole
  @Test
  void dataThatTheUserAsksForIsStillDelivered() {
    connect(Side.SERVER);
    peer.channel.config().setAutoRead(false);
    close();
    peer.channel.pipeline().read();
    peer.sends(Peer.text("asked"), Peer.text("came along"));
    assertEquals(List.of("Text", "Text"), peer.seen);
    peer.sends(Peer.text("dropped"));
    peer.channel.pipeline().read();
    peer.sends(new ContinuationWebSocketFrame(true, 0, "behind the hole"));
    assertEquals(List.of("Text", "Text"), peer.seen);
    peer.receivesClose();
  }

  // CLOSE-17: a handler before us may answer reads from a buffer, at once
  @Test
  void readingOnDoesNotExhaustTheStack() {
    connect(Side.SERVER);
    int[] left = {100_000};
    peer.channel.config().setAutoRead(false);
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                if (left[0]-- > 0) {
                  ctx.fireChannelRead(Peer.text("buffered"));
                  ctx.fireChannelReadComplete();
                }
              }
            });
    close();
    assertEquals(-1, left[0]);
    peer.receivesClose();
  }

  // CLOSE-17, RECV-40 (b): the codec holds back what nobody asked for, the close frame behind it
  @Test
  void theCodecIsReadToThePeersClose() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.CLIENT),
            handler = newHandler(Side.CLIENT),
            new WebSocketKeepaliveHandler(Duration.ofSeconds(20), Duration.ofSeconds(20)));
    channel.config().setAutoRead(false);
    channel.pipeline().read();
    byte[] held = HexFormat.of().parseHex("81026869".repeat(20_000) + "8900" + "880203e8");
    channel.writeInbound(Unpooled.wrappedBuffer(held)); // "hi" many times, a ping, close 1000
    assertEquals(1, channel.inboundMessages().size());
    assertNull(handler.received());

    channel.pipeline().close();
    assertEquals(CloseStatus.NORMAL, handler.received());
    assertEquals(1, channel.inboundMessages().size());
    channel.pipeline().firstContext().close();
    channel.runPendingTasks();
    assertTrue(handler.state() == ConnectionState.CLOSED);
    channel.finishAndReleaseAll();
  }

  private static final class ReadCounter extends ChannelOutboundHandlerAdapter {
    private final List<String> reads;

    ReadCounter(List<String> reads) {
      this.reads = reads;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      reads.add("read");
      ctx.read();
    }
  }

  // CLOSE-23, CLOSE-24, CLOSE-27, PROTO-21
  @ParameterizedTest
  @EnumSource
  void endOfInputClosesWithoutAnAnswer(Side side) {
    connect(side);
    peer.endsItsHalf();
    peer.receivesNothing();
    assertFalse(peer.channel.isActive());
    assertInstanceOf(EOFException.class, peer.end().cause());
    assertEquals("no close frame received or sent", peer.end().describe());
    assertEquals(1006, peer.end().closeCode());
  }

  // CLOSE-23: CLOSED at once, but what is written is still flushed, for at most the close timeout
  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsFlushedAfterTheEndOfInput(Side side) {
    connect(side);
    peer.stopsReading();
    write(Peer.text("answer"));
    peer.endsItsHalf();
    assertEquals(ConnectionState.CLOSED, handler.state());
    assertTrue(peer.channel.isActive());
    assertInstanceOf(ClosedChannelException.class, write(Peer.text("too late")).cause());
    peer.readsAgain();
    peer.receivesText("answer");
    assertFalse(peer.channel.isActive());
    ReferenceCountUtil.release(peer.channel.readOutbound()); // marks the end of the buffer
  }

  // CLOSE-23, CLOSE-11
  @ParameterizedTest
  @EnumSource
  void flushingAfterTheEndOfInputIsBounded(Side side) {
    connect(side);
    peer.stopsReading();
    write(Peer.text("answer"));
    peer.endsItsHalf();
    peer.advance(10, TimeUnit.SECONDS);
    assertFalse(peer.channel.isActive());
  }

  // CLOSE-25: the codec tells what was cut off before it tells that the end came
  @ParameterizedTest
  @EnumSource
  void endOfInputInsideAFrameKeepsTheCodecsExplanation(Side side) {
    connect(side);
    EOFException inside = new EOFException("stream ends after 2 bytes, expected 5 bytes");
    peer.violates(inside);
    peer.endsItsHalf();
    assertSame(inside, peer.end().cause());
    peer.receivesNothing();
  }

  // CLOSE-26
  @ParameterizedTest
  @EnumSource
  void endOfInputInsteadOfAnAnswerIsAbnormal(Side side) {
    connect(side);
    ChannelFuture future = close();
    peer.receivesClose();
    peer.endsItsHalf();
    assertTrue(future.isSuccess());
    assertEquals("sent 1000 (OK); no close frame received", peer.end().describe());
    assertEquals(1006, peer.end().closeCode());
  }

  // CLOSE-22
  @Test
  void aServerThatCannotHalfCloseCloses() {
    connect(Side.SERVER);
    EmbeddedChannel channel = new EmbeddedChannel(handler = newHandler(Side.SERVER));
    channel.writeInbound(Peer.close(BYE));
    ((CloseWebSocketFrame) channel.readOutbound()).release();
    assertFalse(channel.isActive());
    assertEquals(ConnectionState.CLOSED, handler.state());
    channel.checkException();
  }

  // CLOSE-22: TLS is closed as a whole
  @Test
  void aServerBehindTlsCloses() throws Exception {
    connect(Side.SERVER);
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(false);
    peer.channel.pipeline().addLast(new SslHandler(engine));
    peer.sendsClose(BYE);
    assertEquals(BYE, peer.receivesClose());
    assertFalse(peer.channel.isOutputShutdown());
    assertFalse(peer.channel.isActive());
  }

  // CLOSE-22
  @Test
  void aHalfCloseThatFailsIsIgnored() {
    connect(Side.SERVER);
    peer.channel.refuseHalfClose();
    peer.sendsClose(BYE);
    assertEquals(BYE, peer.receivesClose());
    assertTrue(peer.channel.isActive());
    assertEquals(List.of(), peer.exceptions);
    peer.endsItsHalf();
    assertTrue(peer.end().cause() == null);
  }

  @Test
  void withoutACloseHandlerAFailureClosesOnceFlushed() {
    EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    FailingCloseFrame.send(
        channel.pipeline().firstContext(), ProtocolException.violation("invalid opcode"));
    CloseWebSocketFrame frame = channel.readOutbound();
    assertEquals(1002, frame.statusCode());
    assertEquals("invalid opcode", frame.reasonText());
    frame.release();
    channel.runPendingTasks();
    assertFalse(channel.isActive());
    channel.checkException();
  }
}
