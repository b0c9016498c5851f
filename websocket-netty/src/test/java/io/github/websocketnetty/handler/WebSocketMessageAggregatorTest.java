package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.KeepOpen;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class WebSocketMessageAggregatorTest {
  private static final FrameLimits SMALL = new FrameLimits(10, 8, 4);

  private EmbeddedChannel channel =
      new EmbeddedChannel(new KeepOpen(), new WebSocketMessageAggregator(SMALL));

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
  }

  private static WebSocketFrame binary(boolean fin, int length) {
    return new BinaryWebSocketFrame(fin, 0, Unpooled.wrappedBuffer(new byte[length]));
  }

  private static WebSocketFrame rest(boolean fin, int length) {
    return new ContinuationWebSocketFrame(fin, 0, Unpooled.wrappedBuffer(new byte[length]));
  }

  private void assertFailedWith(int code, String reason) {
    CloseWebSocketFrame close = channel.readOutbound();
    assertEquals(code + " " + reason, close.statusCode() + " " + close.reasonText());
    close.release();
    channel.writeInbound(binary(true, 1));
    assertNull(channel.readInbound(), "input after a failure is discarded");
    assertTrue(channel.pipeline().get(KeepOpen.class).closeAsked());
  }

  @Test
  void fragmentsBecomeOneMessageOfTheFirstOnesKind() {
    channel.writeInbound(new TextWebSocketFrame(false, 5, "gr"));
    channel.writeInbound(new ContinuationWebSocketFrame(false, 0, ""));
    assertNull(channel.readInbound());
    channel.writeInbound(new ContinuationWebSocketFrame(true, 0, "üß"));
    TextWebSocketFrame message = channel.readInbound();
    assertEquals("grüß", message.text());
    assertTrue(message.isFinalFragment());
    assertEquals(5, message.rsv());
    message.release();
    channel.writeInbound(binary(false, 3));
    channel.writeInbound(rest(true, 4));
    BinaryWebSocketFrame other = channel.readInbound();
    assertEquals(7, other.content().readableBytes());
    other.release();
    channel.finish();
  }

  @Test
  void messageOfOneFramePassesUntouched() {
    WebSocketFrame frame = binary(true, 8);
    channel.writeInbound(frame);
    assertSame(frame, channel.readInbound());
    frame.release();
    channel.finish();
  }

  // PROTO-16
  @Test
  void controlFramesAndOtherMessagesPassBetweenFragments() {
    channel.writeInbound(binary(false, 1), new PingWebSocketFrame(), "other", rest(true, 1));
    assertInstanceOf(PingWebSocketFrame.class, channel.inboundMessages().peek());
    ((WebSocketFrame) channel.readInbound()).release();
    assertEquals("other", channel.readInbound());
    ((WebSocketFrame) channel.readInbound()).release();
    channel.finish();
  }

  // OPT-23, OPT-24: Netty's aggregator lets a single large frame pass
  @Test
  void singleFrameBeyondTheLimitFailsTheConnection() {
    channel.writeInbound(binary(true, 9));
    assertFailedWith(1009, "frame with 9 bytes exceeds limit of 8 bytes");
  }

  // PROTO-04: Netty's aggregator raises an exception and leaves the connection open
  @Test
  void messageBeyondTheLimitFailsTheConnectionAndFreesItsFragments() {
    channel.writeInbound(binary(false, 8));
    channel.writeInbound(rest(true, 3));
    assertFailedWith(1009, "frame with 3 bytes after reading 8 bytes exceeds limit of 10 bytes");
  }

  @Test
  void tooManyFragmentsFailTheConnection() {
    channel.writeInbound(binary(false, 0), rest(false, 0), rest(false, 0), rest(false, 0));
    channel.writeInbound(rest(true, 0));
    assertFailedWith(1009, "message has more than 4 fragments");
  }

  // PROTO-10, PROTO-11: behind a decoder that does not check
  @Test
  void wrongOrderOfFragmentsFailsTheConnection() {
    channel.writeInbound(rest(true, 0));
    assertFailedWith(1002, "unexpected continuation frame");
    finish();
    channel = new EmbeddedChannel(new KeepOpen(), new WebSocketMessageAggregator(SMALL));
    channel.writeInbound(binary(false, 0), binary(true, 0));
    assertFailedWith(1002, "expected a continuation frame");
  }

  // The codec's short way goes past channelRead.
  @Test
  void framesThatTheCodecHandsOverAfterAFailureAreDiscarded() {
    channel.writeInbound(binary(true, 9));
    assertFailedWith(1009, "frame with 9 bytes exceeds limit of 8 bytes");
    WebSocketFrame late = binary(true, 1);
    channel.pipeline().get(WebSocketMessageAggregator.class).receive(late);
    assertNull(channel.readInbound());
    assertEquals(0, late.refCnt());
  }

  @Test
  void incompleteMessageIsFreedWhenTheConnectionEnds() {
    finish();
    channel = new EmbeddedChannel(new WebSocketMessageAggregator());
    channel.writeInbound(binary(false, 5));
    channel.finish();
    finish();
    channel = new EmbeddedChannel(new WebSocketMessageAggregator());
    channel.writeInbound(binary(false, 5));
    channel.pipeline().removeFirst();
    channel.finish();
  }

  @Test
  void manySmallFragmentsCostNoMoreThanTheirBytes() {
    finish();
    channel =
        new EmbeddedChannel(new WebSocketMessageAggregator(new FrameLimits(1 << 20, 9, 1 << 20)));
    channel.writeInbound(binary(false, 1));
    for (int i = 0; i < 10_000; i++) {
      channel.writeInbound(rest(false, 1));
    }
    channel.writeInbound(rest(true, 0));
    BinaryWebSocketFrame message = channel.readInbound();
    assertEquals(10_001, message.content().readableBytes());
    assertTrue(message.content().capacity() <= 2 * 10_001);
    message.release();
    channel.finish();
  }

  @Test
  void withAutoReadOffTheRestOfAMessageIsAskedFor() {
    int[] reads = new int[1];
    finish();
    channel =
        new EmbeddedChannel(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads[0]++;
              }
            },
            new WebSocketMessageAggregator());
    channel.config().setAutoRead(false);
    reads[0] = 0;
    channel.writeInbound(binary(false, 1));
    assertEquals(1, reads[0]);
    channel.writeInbound(rest(true, 1));
    assertEquals(1, reads[0]);
    channel.finishAndReleaseAll();
  }
}
