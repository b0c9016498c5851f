package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Makes Netty's frame objects out of parsed frames. */
final class InboundFrames {
  private InboundFrames() {}

  /**
   * Returns a payload that is only lent as one to keep: {@code buffer} itself if nothing else of it
   * is in use, which saves a slice, else a slice.
   */
  static ByteBuf keep(ByteBuf buffer, int index, int length) {
    if (length == 0) {
      return Unpooled.EMPTY_BUFFER;
    }
    if (index + length == buffer.writerIndex() && buffer.refCnt() == 1) {
      return buffer.readerIndex(index).retain();
    }
    return buffer.retainedSlice(index, length);
  }

  /** Returns the frame, which takes over the payload. */
  static WebSocketFrame of(boolean fin, int rsv, int opcode, ByteBuf payload) {
    return switch (opcode) {
      case Opcode.TEXT -> new TextWebSocketFrame(fin, rsv, payload);
      case Opcode.BINARY -> new BinaryWebSocketFrame(fin, rsv, payload);
      case Opcode.CONTINUATION -> new ContinuationWebSocketFrame(fin, rsv, payload);
      case Opcode.PING -> new PingWebSocketFrame(fin, rsv, payload);
      case Opcode.PONG -> new PongWebSocketFrame(fin, rsv, payload);
      default -> new CloseWebSocketFrame(fin, rsv, payload);
    };
  }
}
