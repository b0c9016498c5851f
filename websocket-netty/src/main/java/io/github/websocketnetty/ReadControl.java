package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.RejectedExecutionException;

/** What the receive queue does to the pipeline. */
final class ReadControl implements ReceiveQueue.Source {
  private final ChannelHandlerContext ctx;
  private final Handlers handlers;

  ReadControl(ChannelHandlerContext ctx, Handlers handlers) {
    this.ctx = ctx;
    this.handlers = handlers;
  }

  @Override
  public void pause() {
    ctx.channel().config().setAutoRead(false);
  }

  @Override
  public void resume() {
    ctx.channel().config().setAutoRead(true);
  }

  @Override
  public void streaming(boolean on) {
    if (handlers.codec() != null) {
      handlers.codec().deliverParts(on);
    }
  }

  @Override
  public void fail(int closeCode, String reason) {
    CloseStatus status = CloseStatus.truncated(closeCode, reason);
    ProtocolException cause = new ProtocolException(closeCode, reason);
    try {
      ctx.executor().execute(() -> handlers.closing().fail(status, cause));
    } catch (RejectedExecutionException loopIsGone) {
      // Then so is the connection.
    }
  }
}
