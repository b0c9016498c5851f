package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The exchange of close frames. */
class WebSocketCloseHandlerTest extends ClosingFixture {
  // CLOSE-30, CLOSE-20, CLOSE-21
  @ParameterizedTest
  @EnumSource
  void thePeersCloseIsEchoedAndTheServerEndsTcpFirst(Side side) {
    connect(side);
    peer.sendsClose(BYE);

    assertEquals(BYE, peer.receivesClose());
    assertEquals(ConnectionState.CLOSING, handler.state());
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertTrue(peer.channel.isActive());

    peer.endsItsHalf();
    assertFalse(peer.channel.isActive());
    assertEquals(ConnectionState.CLOSED, handler.state());
    assertEquals(new WebSocketClosed(BYE, BYE, true, null), peer.end());
    assertEquals(List.of("closed", "inactive"), peer.seen);
  }

  // CLOSE-32
  @ParameterizedTest
  @EnumSource
  void anEmptyCloseIsEchoedEmpty(Side side) {
    connect(side);
    peer.sendsClose(CloseStatus.EMPTY);
    CloseWebSocketFrame echo = peer.channel.readOutbound();
    assertEquals(0, echo.content().readableBytes());
    echo.release();
    peer.endsItsHalf();
    assertEquals(1005, peer.end().closeCode());
    assertTrue(peer.end().isOk());
  }

  // PROTO-15: echoed with the peer's own code; CLOSE-30
  @ParameterizedTest
  @EnumSource
  void aCloseInsideAFragmentedMessageIsEchoed(Side side) {
    connect(side);
    peer.sends(new TextWebSocketFrame(false, 0, "half"));
    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
  }

  // CLOSE-01, CLOSE-02, CLOSE-29, CLOSE-31
  @ParameterizedTest
  @EnumSource
  void closingTheChannelWaitsForThePeerAndForTheEndOfTcp(Side side) {
    connect(side);
    assertEquals(ConnectionState.OPEN, handler.state());
    List<ConnectionState> atCompletion = new ArrayList<>();
    ChannelFuture future = close();
    future.addListener(done -> atCompletion.add(handler.state()));

    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    assertEquals(ConnectionState.CLOSING, handler.state());
    assertEquals(CloseStatus.NORMAL, handler.sent());
    assertFalse(peer.channel.isOutputShutdown());

    peer.sendsClose(CloseStatus.NORMAL);
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertEquals(CloseStatus.NORMAL, handler.received());
    assertFalse(future.isDone());

    peer.endsItsHalf();
    assertTrue(future.isSuccess());
    assertEquals(List.of(ConnectionState.CLOSED), atCompletion);
    assertEquals("sent 1000 (OK); then received 1000 (OK)", peer.end().describe());
  }

  // CLOSE-06, CLOSE-07: never a second close frame
  @ParameterizedTest
  @EnumSource
  void furtherClosesJoin(Side side) {
    connect(side);
    ChannelFuture first = close();
    ChannelFuture second = peer.channel.pipeline().disconnect();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.receivesNothing();
    peer.sendsClose(CloseStatus.NORMAL);
    ChannelFuture third = close();
    assertFalse(first.isDone() || second.isDone() || third.isDone());
    peer.endsItsHalf();
    assertTrue(first.isSuccess() && second.isSuccess() && third.isSuccess());
    assertTrue(close().isSuccess());
  }

  // CLOSE-02
  @ParameterizedTest
  @EnumSource
  void disconnectingIsClosing(Side side) {
    connect(side);
    peer.channel.pipeline().disconnect();
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
  }

  // CLOSE-02, CLOSE-03, CLOSE-06
  @ParameterizedTest
  @EnumSource
  void aWrittenCloseFrameStartsTheHandshake(Side side) {
    connect(side);
    assertTrue(write(Peer.close(BYE)).isSuccess());
    assertEquals(BYE, peer.receivesClose());
    assertEquals(ConnectionState.CLOSING, handler.state());

    ChannelFuture second = write(Peer.close(CloseStatus.NORMAL));
    assertInstanceOf(ClosedChannelException.class, second.cause());
    assertEquals(
        "cannot send: sent 4000 (private use) bye; no close frame received",
        second.cause().getMessage());
  }

  // CLOSE-03: an empty close frame is legal; it is flushed without being asked
  @ParameterizedTest
  @EnumSource
  void anEmptyCloseFrameCanBeSent(Side side) {
    connect(side);
    peer.channel.pipeline().write(new CloseWebSocketFrame());
    assertEquals(CloseStatus.EMPTY, peer.receivesClose());
    assertEquals(CloseStatus.EMPTY, handler.sent());
  }

  // CLOSE-03, CLOSE-04, CLOSE-05: refused, and the connection can still be closed.
  // a reason beyond 123 bytes never reaches the wire.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "03", // one byte
        "03e7", // 999
        "03ec", // 1004
        "03ed", // 1005
        "03ee", // 1006
        "03f7", // 1015
        "03f8", // 1016
        "0bb7", // 2999
        "1388", // 5000
        "ffff", // 65535
        "03e8ff", // reason is not UTF-8
        "03e8 124 bytes"
      })
  void aCloseFrameThatMayNotBeSentIsRefused(String payload) {
    connect(Side.SERVER);
    String hex = payload.endsWith("bytes") ? "03e8" + "61".repeat(124) : payload;
    ChannelFuture refused = write(Peer.closeOf(hex));
    assertInstanceOf(IllegalArgumentException.class, refused.cause());
    assertEquals(ConnectionState.OPEN, handler.state());
    peer.receivesNothing();

    write(Peer.closeOf("03e8" + "61".repeat(123)));
    assertEquals(123, peer.receivesClose().reason().length());
  }

  // CLOSE-08
  @ParameterizedTest
  @EnumSource
  void simultaneousClosesKeepTheirOwnStatus(Side side) {
    connect(side);
    close();
    peer.sendsClose(BYE);
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.endsItsHalf();
    assertEquals("sent 1000 (OK); then received 4000 (private use) bye", peer.end().describe());
    assertFalse(peer.end().isOk());
    assertEquals(4000, peer.end().closeCode());
    assertEquals("bye", peer.end().closeReason());
  }

  // RECV-33, CLOSE-16, CLOSE-33
  @ParameterizedTest
  @EnumSource
  void dataIsDeliveredUntilThePeersClose(Side side) {
    connect(side);
    close();
    peer.receivesClose();
    peer.sends(Peer.text("still"), new PingWebSocketFrame(), new PongWebSocketFrame());
    assertEquals(List.of("Text", "Ping", "Pong"), peer.seen);
    peer.sendsClose(CloseStatus.NORMAL);
    peer.sends(
        Peer.text("late"), new PingWebSocketFrame(), new PongWebSocketFrame(), Peer.close(BYE));
    assertEquals(List.of("Text", "Ping", "Pong"), peer.seen);
    assertEquals(CloseStatus.NORMAL, handler.received());
  }

  // SEND-40, SEND-44: no data behind our close frame; pings and pongs until the peer's
  @ParameterizedTest
  @EnumSource
  void nothingIsSentBehindTheCloseFrames(Side side) {
    connect(side);
    close();
    peer.receivesClose();
    for (Object data :
        List.of(
            Peer.text("x"),
            Peer.binary(1),
            new ContinuationWebSocketFrame(true, 0, "x"),
            Unpooled.buffer().writeByte(1))) {
      ChannelFuture refused = write(data);
      assertInstanceOf(ClosedChannelException.class, refused.cause());
      assertEquals(
          "cannot send: sent 1000 (OK); no close frame received", refused.cause().getMessage());
      assertEquals(0, ReferenceCountUtil.refCnt(data));
    }
    assertTrue(write(new PingWebSocketFrame()).isSuccess());
    peer.receivesPing();
    // PONG-01, PONG-02
    assertTrue(write(new PongWebSocketFrame()).isSuccess());
    peer.receivesPong();

    peer.sendsClose(CloseStatus.NORMAL);
    ChannelFuture refused = write(new PongWebSocketFrame());
    assertEquals(
        "cannot send: sent 1000 (OK); then received 1000 (OK)", refused.cause().getMessage());
    assertInstanceOf(ClosedChannelException.class, write(new PingWebSocketFrame()).cause());
  }

  // CLOSE-06: whoever is called back in the middle of a step may close again
  @ParameterizedTest
  @EnumSource
  void closingInsideAListenerOfTheCloseFrameIsHarmless(Side side) {
    connect(side);
    List<ChannelFuture> nested = new ArrayList<>();
    write(Peer.text("x")).addListener(done -> nested.add(peer.channel.pipeline().close()));
    peer.channel
        .pipeline()
        .write(Peer.close(BYE))
        .addListener(done -> nested.add(peer.channel.pipeline().close()));
    peer.receivesText("x");
    assertEquals(CloseStatus.NORMAL, peer.receivesClose()); // the first close wins
    peer.receivesNothing();
    peer.sendsClose(BYE);
    peer.endsItsHalf();
    assertEquals(2, nested.size());
    assertTrue(nested.get(0).isSuccess() && nested.get(1).isSuccess());
  }

  @ParameterizedTest
  @EnumSource
  void closingInsideAReadIsHarmless(Side side) {
    connect(side);
    peer.addUser(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.write(message);
            ctx.close();
          }
        });
    peer.sends(Peer.text("one"), Peer.text("two"), Peer.close(BYE));
    peer.receivesText("one");
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
    peer.receivesNothing();
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
  }

  // CLOSE-29
  @ParameterizedTest
  @EnumSource
  void closingInsideTheClosedEventIsHarmless(Side side) {
    connect(side);
    List<ConnectionState> states = new ArrayList<>();
    peer.addUser(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof WebSocketClosed) {
              states.add(handler.state());
              ctx.close().addListener(done -> states.add(handler.state()));
            }
            ctx.fireUserEventTriggered(event);
          }
        });
    peer.channel.closeFuture().addListener(done -> states.add(handler.state()));
    peer.vanishes();
    ConnectionState over = ConnectionState.CLOSED;
    assertEquals(List.of(over, over, over), states);
    peer.end();
  }

  @Test
  void aHandlerAddedToAnActiveChannelWorks() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast(newHandler(Side.CLIENT));
    channel.writeInbound(Peer.close(BYE));
    CloseWebSocketFrame echo = channel.readOutbound();
    assertEquals(4000, echo.statusCode());
    echo.release();
    channel.pipeline().firstContext().close();
    channel.checkException();
  }

  @Test
  void removingTheHandlerHandsTheConnectionOver() {
    connect(Side.SERVER);
    ChannelFuture future = close();
    peer.receivesClose();
    peer.channel.pipeline().remove(handler);
    peer.advance(10, TimeUnit.SECONDS);
    assertTrue(peer.channel.isActive());
    assertFalse(future.isDone());
    peer.vanishes();
    assertTrue(future.isSuccess());
  }

  // no fixed names, no look-up of our own handlers
  @Test
  void namesInThePipelineDoNotMatter() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.pipeline().addLast("wsencoder", new ChannelInboundHandlerAdapter());
    channel.pipeline().addLast("wsdecoder", newHandler(Side.CLIENT));
    channel.pipeline().addLast("ws-encoder", new ChannelInboundHandlerAdapter());
    channel.pipeline().close();
    ((CloseWebSocketFrame) channel.readOutbound()).release();
    channel.pipeline().firstContext().close();
    channel.checkException();
  }

  // CLOSE-15: the handlers' half: a close does not wait for the rest of our own message
  @ParameterizedTest
  @EnumSource
  void closingInsideOurOwnMessageRefusesTheRest(Side side) {
    connect(side);
    write(new TextWebSocketFrame(false, 0, "half"));
    close();
    ChannelFuture rest = write(new ContinuationWebSocketFrame(true, 0, "other half"));
    assertInstanceOf(ClosedChannelException.class, rest.cause());
    peer.receivesText("half");
    assertEquals(CloseStatus.NORMAL, peer.receivesClose());
  }

  // CLOSE-19: closing because of an error of the application says so explicitly
  @ParameterizedTest
  @EnumSource
  void theApplicationCanCloseWith1011(Side side) {
    connect(side);
    write(Peer.close(new CloseStatus(1011, "")));
    ChannelFuture future = close();
    assertEquals(1011, peer.receivesClose().code());
    peer.sendsClose(new CloseStatus(1011, ""));
    peer.endsItsHalf();
    assertTrue(future.isSuccess());
    assertFalse(peer.end().isOk());
  }

  // CLOSE-40: waiting for the end starts nothing, and every waiter is released by any end
  @ParameterizedTest
  @EnumSource
  void waitingForTheEndStartsNothing(Side side) {
    connect(side);
    List<ConnectionState> released = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      peer.channel.closeFuture().addListener(done -> released.add(handler.state()));
    }
    peer.receivesNothing();
    peer.vanishes();
    ConnectionState over = ConnectionState.CLOSED;
    assertEquals(List.of(over, over, over), released);
  }
}
