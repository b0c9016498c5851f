package io.github.websocketnetty.support;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** First in a pipeline: stands for a transport whose close takes its time. */
public final class KeepOpen extends ChannelOutboundHandlerAdapter {
  private boolean asked;

  /** Returns whether somebody wanted to close. */
  public boolean closeAsked() {
    return asked;
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    asked = true;
  }
}
