package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.OwnedFrames;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.protocol.FrameSink;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** The code of the README: answers each message with its size, without frame objects or copies. */
final class ByteCounter extends ChannelInboundHandlerAdapter implements FrameSink {
  private ChannelHandlerContext context;
  private long bytes;

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof HandshakeCompleted) {
      ctx.pipeline().get(WebSocketFrameCodec.class).receiveData(this);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    bytes += length;
    if (fin) {
      ByteBuf payload = OwnedFrames.buffer(context.alloc(), Long.BYTES).writeLong(bytes);
      context.write(OwnedFrames.binary(payload), context.voidPromise());
      bytes = 0;
    }
  }

  /** Where messages are compressed, for example, the codec hands on frames. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    WebSocketFrame frame = (WebSocketFrame) message;
    ByteBuf payload = frame.content();
    onFrame(frame.isFinalFragment(), 0, 0, payload, payload.readerIndex(), payload.readableBytes());
    frame.release();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }
}
