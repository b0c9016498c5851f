package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One task that runs later on the event loop, and can be moved. Event loop only. */
final class LoopTimer {
  private Future<?> scheduled;
  private long dueNanos;

  /** Runs {@code task} after {@code nanos}, instead of what was to run. */
  void restart(ChannelHandlerContext ctx, long nanos, Runnable task) {
    stop();
    dueNanos = ctx.executor().ticker().nanoTime() + nanos;
    scheduled = ctx.executor().schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  /** Like {@link #restart}, but keeps what is to run sooner, or has run. */
  void startNoLater(ChannelHandlerContext ctx, long nanos, Runnable task) {
    long due = ctx.executor().ticker().nanoTime() + nanos;
    if (scheduled == null || due - dueNanos < 0) {
      restart(ctx, nanos, task);
    }
  }

  void stop() {
    if (scheduled != null) {
      scheduled.cancel(false);
      scheduled = null;
    }
  }
}
