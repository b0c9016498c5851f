package io.github.websocketnetty;

import io.github.websocketnetty.handler.ConnectionIdSource;
import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.Opcode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * The end of the pipeline for a {@link ChannelConnection}: hands it frames and events. Stands right
 * behind the WebSocket handlers; event loop only.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter
    implements FrameSink, ConnectionIdSource {
  private final ChannelConnection connection;
  private boolean reading;

  /** Whether each frame of this read has to be asked for, because auto-read is off. */
  private boolean asking;

  ConnectionHandler(ChannelConnection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  @Override
  public Object connectionId() {
    return connection.id();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    connection.attached(ctx, this);
  }

  /** Without this handler nothing can be received or sent any more. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    connection.detached();
  }

  /** Takes a frame from our codec, which knows a shorter way than the pipeline. */
  @Override
  public void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    try {
      receive(type(opcode), fin, buffer, index, length);
    } catch (Throwable failure) {
      connection.failed(failure); // a message was lost
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof WebSocketFrame frame) || !isData(frame)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      ByteBuf payload = frame.content();
      boolean fin = frame.isFinalFragment();
      receive(type(frame), fin, payload, payload.readerIndex(), payload.readableBytes());
    } finally {
      frame.release();
    }
  }

  private void receive(MessageType type, boolean fin, ByteBuf buffer, int index, int length) {
    if (!reading) {
      reading = true;
      asking = !connection.port().isAutoRead();
      connection.gate().readBegins();
      connection.queue().readBegins();
    }
    // One exact copy at this boundary: nobody behind it can leak a buffer, or pin a large one.
    byte[] payload = ByteBufUtil.getBytes(buffer, index, length, true);
    connection.queue().put(type, fin, payload);
    if (asking) {
      connection.port().read();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (reading) {
      reading = false;
      connection.queue().readCompletes();
      connection.gate().readCompletes();
    }
    connection.port().read();
    ctx.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    connection.gate().writabilityChanged();
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof WebSocketClosed end) {
      connection.ended(end);
    }
    ctx.fireUserEventTriggered(event);
  }

  /** What fails before us, or in us, has lost a message: the connection must not go on without. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.failed(cause);
  }

  private static boolean isData(WebSocketFrame frame) {
    return frame instanceof TextWebSocketFrame
        || frame instanceof BinaryWebSocketFrame
        || frame instanceof ContinuationWebSocketFrame;
  }

  /** Returns the type of a message that begins, null for a continuation. */
  private static MessageType type(WebSocketFrame frame) {
    if (frame instanceof TextWebSocketFrame) {
      return MessageType.TEXT;
    }
    return frame instanceof BinaryWebSocketFrame ? MessageType.BINARY : null;
  }

  private static MessageType type(int opcode) {
    return switch (opcode) {
      case Opcode.TEXT -> MessageType.TEXT;
      case Opcode.BINARY -> MessageType.BINARY;
      default -> null;
    };
  }
}
