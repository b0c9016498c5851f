package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.KeepOpen;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
class WebSocketTextValidatorTest {
  private final EmbeddedChannel channel =
      new EmbeddedChannel(new KeepOpen(), new WebSocketTextValidator());

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
  }

  private static ByteBuf hex(String hex) {
    return Unpooled.wrappedBuffer(WireFrame.hex(hex));
  }

  private void pass(WebSocketFrame frame) {
    channel.writeInbound(frame);
    assertSame(frame, channel.readInbound());
    frame.release();
  }

  private void assertFailsWith(String reason, WebSocketFrame frame) {
    channel.writeInbound(frame);
    assertNull(channel.readInbound());
    CloseWebSocketFrame close = channel.readOutbound();
    assertEquals("1007 " + reason, close.statusCode() + " " + close.reasonText());
    close.release();
    channel.writeInbound(new TextWebSocketFrame("late"));
    assertNull(channel.readInbound());
    assertNull(channel.readOutbound(), "exactly one close frame");
  }

  @Test
  void validFramesPassUnchanged() {
    pass(new TextWebSocketFrame("grüß"));
    pass(new BinaryWebSocketFrame(hex("ff")));
    pass(new TextWebSocketFrame(true, 0, hex("")));
    channel.writeInbound("other");
    assertEquals("other", channel.readInbound());
  }

  @Test
  void characterMayBeSplitOverFragmentsWithAPingBetween() {
    pass(new TextWebSocketFrame(false, 0, hex("61c3")));
    pass(new PingWebSocketFrame(hex("ff")));
    pass(new ContinuationWebSocketFrame(true, 0, hex("a9")));
  }

  @Test
  void fragmentsOfABinaryMessageAreNotChecked() {
    pass(new BinaryWebSocketFrame(false, 0, hex("c3")));
    pass(new ContinuationWebSocketFrame(true, 0, hex("ff")));
    pass(new TextWebSocketFrame("a"));
  }

  // PROTO-17, RECV-21
  @Test
  void invalidTextFailsTheConnection() {
    assertFailsWith(
        "invalid start byte at position 1", new TextWebSocketFrame(true, 0, hex("61ff")));
  }

  // PROTO-17: what comes behind a control frame is still text
  @Test
  void invalidTextBehindAPingFailsTheConnection() {
    pass(new TextWebSocketFrame(false, 0, hex("61c3")));
    pass(new PingWebSocketFrame(hex("ff")));
    assertFailsWith(
        "invalid continuation byte at position 1",
        new ContinuationWebSocketFrame(true, 0, hex("61")));
  }

  // RECV-21, RECV-23
  @Test
  void characterCutOffByTheEndFailsTheConnection() {
    pass(new TextWebSocketFrame(false, 0, hex("6162")));
    assertFailsWith(
        "unexpected end of data at position 2",
        new ContinuationWebSocketFrame(true, 0, hex("f09f")));
  }
}
