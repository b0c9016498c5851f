package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Opcode;
import io.netty.buffer.ByteBuf;
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
