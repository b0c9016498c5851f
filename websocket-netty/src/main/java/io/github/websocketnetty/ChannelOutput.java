package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.protocol.CloseStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** What the send gate writes to: the pipeline, from the place of the connection's handler. */
final class ChannelOutput implements SendGate.Output {
  /** What the header and the transport's bookkeeping for an entry may add to a payload. */
  private static final int OVERHEAD = 512;

  private final ChannelHandlerContext ctx;
  private final WebSocketCloseHandler closing;
  private QuietPromise quiet;

  ChannelOutput(ChannelHandlerContext ctx, WebSocketCloseHandler closing) {
    this.ctx = ctx;
    this.closing = closing;
  }

  @Override
  public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload) {
    return ctx.write(frame(type, fin, payload));
  }

  @Override
  public boolean hasRoom(int bytes) {
    return ctx.channel().bytesBeforeUnwritable() > (long) bytes + OVERHEAD;
  }

  @Override
  public void writeQuietly(MessageType type, ByteBuf payload, SendGate gate) {
    if (quiet == null) {
      quiet = new QuietPromise(ctx, gate::lost);
    }
    ctx.write(frame(type, true, payload), quiet);
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public void fail(int closeCode, String reason, Throwable cause) {
    closing.fail(new CloseStatus(closeCode, reason), cause);
  }

  @Override
  public ByteBufAllocator alloc() {
    return ctx.alloc();
  }

  private static WebSocketFrame frame(MessageType type, boolean fin, ByteBuf payload) {
    if (type == null) {
      return new ContinuationWebSocketFrame(fin, 0, payload);
    }
    return type == MessageType.TEXT
        ? new TextWebSocketFrame(fin, 0, payload)
        : new BinaryWebSocketFrame(fin, 0, payload);
  }
}
