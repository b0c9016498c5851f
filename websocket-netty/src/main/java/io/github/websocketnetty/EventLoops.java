package io.github.websocketnetty;

import io.netty.channel.ChannelHandlerContext;

/** Checks on which thread a handler runs. */
final class EventLoops {
  private EventLoops() {}

  /**
   * Returns why a handler cannot be where it was added, null if it can: it must run on the event
   * loop of its channel, where the handlers run that it adds. If it cannot, the channel is closed,
   * behind the exception that is to be thrown.
   */
  static IllegalStateException refusal(ChannelHandlerContext ctx) {
    if (ctx.executor() == ctx.channel().eventLoop()) {
      return null;
    }
    ctx.executor().execute(() -> ctx.channel().close());
    return new IllegalStateException(
        ctx.handler().getClass().getSimpleName()
            + " must run on the event loop of its channel:"
            + " add it without an EventExecutorGroup, and let the endpoint use an executor");
  }
}
