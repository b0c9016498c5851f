package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;

/**
 * Written by handlers behind {@link WebSocketCloseHandler} to fail the connection; for an encoder
 * it is an ordinary close frame, so they work without that handler too.
 */
final class FailingCloseFrame extends CloseWebSocketFrame {
  private final CloseStatus status;
  private final Throwable cause;
  private final boolean peerSilent;

  /**
   * Creates a frame.
   *
   * @param status what it says
   * @param cause what went wrong
   * @param peerSilent whether the peer seems gone, so that no answer is to be waited for
   */
  FailingCloseFrame(
      ByteBufAllocator allocator, CloseStatus status, Throwable cause, boolean peerSilent) {
    super(true, 0, payload(allocator, status));
    this.status = status;
    this.cause = cause;
    this.peerSilent = peerSilent;
  }

  /**
   * Fails the connection for a violation found behind the close handler; event loop only. Closes
   * the channel once the frame is flushed, which the close handler turns into the proper end.
   */
  static ChannelFuture send(ChannelHandlerContext ctx, ProtocolException cause) {
    CloseStatus status = CloseStatus.truncated(cause.closeCode(), cause.getMessage());
    return send(ctx, new FailingCloseFrame(ctx.alloc(), status, cause, false));
  }

  static ChannelFuture send(ChannelHandlerContext ctx, FailingCloseFrame frame) {
    return ctx.writeAndFlush(frame).addListener(written -> ctx.close());
  }

  /** Returns the payload of a close frame, to be released by the caller. */
  static ByteBuf payload(ByteBufAllocator allocator, CloseStatus status) {
    if (status.equals(CloseStatus.EMPTY)) {
      return Unpooled.EMPTY_BUFFER;
    }
    ByteBuf payload = allocator.buffer(Short.BYTES + CloseStatus.MAX_REASON_BYTES);
    status.encode(payload);
    return payload;
  }

  CloseStatus status() {
    return status;
  }

  Throwable cause() {
    return cause;
  }

  boolean isPeerSilent() {
    return peerSilent;
  }
}
