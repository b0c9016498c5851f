package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.support.DuplexEmbeddedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The other end of the connection, speaking in frame objects; with the user's handler at our end
 * recording what gets there. Time stands still.
 */
final class Peer {
  final DuplexEmbeddedChannel channel;
  final List<String> seen = new ArrayList<>();
  final List<Throwable> exceptions = new ArrayList<>();
  final List<WebSocketClosed> closed = new ArrayList<>();
  private boolean reads = true;

  Peer(ChannelHandler... handlers) {
    channel = new DuplexEmbeddedChannel();
    channel.freezeTime();
    channel.pipeline().addLast(new Transport()).addLast(handlers).addLast(new Recorder());
  }

  /** Holds back flushes while the peer does not read. */
  private final class Transport extends ChannelDuplexHandler {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      if (reads) {
        ctx.flush();
      }
    }
  }

  private final class Recorder extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      seen.add(message.getClass().getSimpleName().replace("WebSocketFrame", ""));
      ((WebSocketFrame) message).release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      exceptions.add(cause);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketClosed end) {
        closed.add(end);
        seen.add("closed");
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      seen.add("inactive");
    }
  }

  /** Runs a handler behind ours, before the recorder. */
  void addUser(ChannelHandler handler) {
    channel.pipeline().addBefore(channel.pipeline().lastContext().name(), null, handler);
  }

  void sends(WebSocketFrame... frames) {
    channel.writeInbound((Object[]) frames);
  }

  void sendsClose(CloseStatus status) {
    sends(close(status));
  }

  void sendsPing(String payload) {
    sends(new PingWebSocketFrame(Unpooled.wrappedBuffer(payload.getBytes())));
  }

  void sendsPong(byte[] payload) {
    sends(new PongWebSocketFrame(Unpooled.wrappedBuffer(payload)));
  }

  void endsItsHalf() {
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
  }

  void violates(Throwable violation) {
    channel.pipeline().fireExceptionCaught(violation);
    channel.runPendingTasks();
  }

  /** Bytes arrived, but not a whole frame. */
  void sendsPieceOfFrame() {
    channel.pipeline().fireChannelReadComplete();
  }

  void stopsReading() {
    reads = false;
  }

  void readsAgain() {
    reads = true;
    channel.flush();
    channel.runPendingTasks();
  }

  void advance(long amount, TimeUnit unit) {
    channel.advanceTimeBy(amount, unit);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** Drops TCP. */
  void vanishes() {
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.runPendingTasks();
    channel.checkException(); // of handlers that failed when the recorder was gone already
  }

  byte[] receivesPing() {
    PingWebSocketFrame ping = assertInstanceOf(PingWebSocketFrame.class, channel.readOutbound());
    return payload(ping);
  }

  String receivesPong() {
    PongWebSocketFrame pong = assertInstanceOf(PongWebSocketFrame.class, channel.readOutbound());
    return new String(payload(pong));
  }

  CloseStatus receivesClose() {
    CloseWebSocketFrame frame = assertInstanceOf(CloseWebSocketFrame.class, channel.readOutbound());
    try {
      return CloseStatus.decode(frame.content());
    } finally {
      frame.release();
    }
  }

  void receivesText(String text) {
    TextWebSocketFrame frame = assertInstanceOf(TextWebSocketFrame.class, channel.readOutbound());
    assertEquals(text, frame.text());
    frame.release();
  }

  void receivesNothing() {
    Object message = channel.readOutbound();
    assertNull(message, "nothing more should be sent");
  }

  /** How the connection ended, told once. */
  WebSocketClosed end() {
    assertEquals(1, closed.size(), "closed events");
    assertNotNull(closed.get(0));
    return closed.get(0);
  }

  static CloseWebSocketFrame close(CloseStatus status) {
    ByteBuf payload = Unpooled.buffer();
    status.encode(payload);
    return new CloseWebSocketFrame(true, 0, payload);
  }

  static CloseWebSocketFrame closeOf(String hexPayload) {
    return new CloseWebSocketFrame(
        true, 0, Unpooled.wrappedBuffer(HexFormat.of().parseHex(hexPayload)));
  }

  static TextWebSocketFrame text(String text) {
    return new TextWebSocketFrame(text);
  }

  static BinaryWebSocketFrame binary(int length) {
    return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[length]));
  }

  private static byte[] payload(WebSocketFrame frame) {
    try {
      return ByteBufUtil.getBytes(frame.content());
    } finally {
      frame.release();
    }
  }
}
