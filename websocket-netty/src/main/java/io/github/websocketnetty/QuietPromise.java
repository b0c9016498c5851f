package io.github.websocketnetty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;

/**
 * The promise of any number of writes whose success interests nobody; a failure is told on the
 * event loop. It is never done.
 *
 * <p>For handlers it is a void promise, so those that want to listen must {@code unvoid} it;
 * Netty's own would fire failures through the whole pipeline.
 */
final class QuietPromise extends DefaultChannelPromise {
  private final SendOutlet outlet;

  QuietPromise(ChannelHandlerContext ctx, SendOutlet outlet) {
    super(ctx.channel(), ctx.executor());
    this.outlet = outlet;
  }

  @Override
  public boolean isVoid() {
    return true;
  }

  @Override
  public ChannelPromise unvoid() {
    ChannelPromise promise = new DefaultChannelPromise(channel(), executor());
    promise.addListener(
        done -> {
          if (!done.isSuccess()) {
            tryFailure(done.cause());
          }
        });
    return promise;
  }

  @Override
  public boolean trySuccess() {
    return true;
  }

  @Override
  public boolean trySuccess(Void result) {
    return true;
  }

  @Override
  public ChannelPromise setSuccess() {
    return this;
  }

  @Override
  public ChannelPromise setSuccess(Void result) {
    return this;
  }

  @Override
  public boolean tryFailure(Throwable cause) {
    if (executor().inEventLoop()) {
      outlet.lost(cause);
    } else {
      executor().execute(() -> outlet.lost(cause));
    }
    return true;
  }

  @Override
  public ChannelPromise setFailure(Throwable cause) {
    tryFailure(cause);
    return this;
  }

  @Override
  public boolean setUncancellable() {
    return true;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return false;
  }

  @Override
  public ChannelPromise addListener(
      GenericFutureListener<? extends Future<? super Void>> listener) {
    throw new IllegalStateException("void promise: call unvoid() before listening");
  }
}
