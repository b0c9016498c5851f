package io.github.websocketnetty.support;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/** Releases each message that is written, and fails its promise. */
public final class FailingWrites extends ChannelOutboundHandlerAdapter {
  private final Throwable cause;

  public FailingWrites(Throwable cause) {
    this.cause = cause;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ReferenceCountUtil.release(message);
    promise.setFailure(cause);
  }
}
