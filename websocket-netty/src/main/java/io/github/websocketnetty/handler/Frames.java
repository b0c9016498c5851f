package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.Opcode;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;

/** Tells Netty's frame objects apart. */
final class Frames {
  private Frames() {}

  /** Returns the opcode of a data frame, or a negative number for anything else. */
  static int dataOpcode(Object message) {
    if (message instanceof TextWebSocketFrame) {
      return Opcode.TEXT;
    }
    if (message instanceof BinaryWebSocketFrame) {
      return Opcode.BINARY;
    }
    return message instanceof ContinuationWebSocketFrame ? Opcode.CONTINUATION : -1;
  }
}
