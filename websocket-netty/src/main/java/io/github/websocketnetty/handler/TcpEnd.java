package io.github.websocketnetty.handler;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** The ways in which a TCP connection is ended. All may be called more than once. */
final class TcpEnd {
  private TcpEnd() {}

  /**
   * Ends our half, leaving the other open so that what still arrives can be read: closing a socket
   * with unread data resets it, and the reset may destroy our close frame on its way (RFC 6455
   * §7.1.1). TLS and channels that cannot be half-closed are closed. The close frame must be
   * flushed.
   */
  static void endOutput(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    if (channel instanceof DuplexChannel duplex && ctx.pipeline().get(SslHandler.class) == null) {
      // A failure means that the peer was faster; the end of input or the close timer follows.
      duplex.shutdownOutput();
    } else {
      ctx.close();
    }
  }

  /** Closes once everything written so far is flushed. The caller bounds the time. */
  static void closeOnceFlushed(ChannelHandlerContext ctx) {
    ctx.flush();
    Channel channel = ctx.channel();
    if (channel.bytesBeforeUnwritable() > channel.config().getWriteBufferHighWaterMark()) {
      ctx.close(); // nothing is waiting
      return;
    }
    // Writes complete in order, so this one completes when all before it have.
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> ctx.close());
  }

  /** Closes now, dropping what is not flushed and telling the peer by a reset. */
  static void abort(ChannelHandlerContext ctx) {
    try {
      // Not known to channels other than TCP, which then just close.
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException alreadyClosed) {
      // Then there is nothing left to reset.
    }
    closeNow(ctx);
  }

  /** Closes past all handlers: TLS would wait for its close_notify to be flushed. */
  static void closeNow(ChannelHandlerContext ctx) {
    ChannelHandlerContext first = ctx.pipeline().firstContext();
    (first == null ? ctx : first).close();
  }
}
