package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.ReferenceParser.Reading;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.List;

/** The last handler: copies frames, failures and the end. */
final class FrameRecorder extends ChannelInboundHandlerAdapter {
  final List<Frame> frames = new ArrayList<>();
  final List<Throwable> errors = new ArrayList<>();
  final List<WebSocketClosed> ends = new ArrayList<>();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    WebSocketFrame frame = assertInstanceOf(WebSocketFrame.class, message);
    byte[] payload = ByteBufUtil.getBytes(frame.content());
    frames.add(new Frame(frame.isFinalFragment(), frame.rsv(), opcode(frame), payload));
    frame.release();
  }

  private static int opcode(WebSocketFrame frame) {
    int opcode = Frames.dataOpcode(frame);
    if (opcode >= 0) {
      return opcode;
    }
    if (frame instanceof CloseWebSocketFrame) {
      return 8;
    }
    assertTrue(frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame);
    return frame instanceof PingWebSocketFrame ? 9 : 10;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof WebSocketClosed closed) {
      ends.add(closed);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    errors.add(cause);
  }

  /** Looks at what came out of a codec. */
  void assertSaw(Reading expected) {
    assertEquals(expected.frames(), frames);
    if (expected.violation() != 0) {
      assertEquals(1, errors.size(), errors::toString);
      ProtocolException violation = assertInstanceOf(ProtocolException.class, errors.get(0));
      assertEquals(expected.violation(), violation.closeCode(), violation::getMessage);
      if (expected.reason() != null) {
        assertEquals(expected.reason(), violation.getMessage());
      }
    } else if (expected.unfinished() != null) {
      assertEquals(1, errors.size(), errors::toString);
      EOFException end = assertInstanceOf(EOFException.class, errors.get(0));
      assertEquals(expected.unfinished(), end.getMessage());
    } else {
      assertEquals(List.of(), errors);
    }
  }
}
