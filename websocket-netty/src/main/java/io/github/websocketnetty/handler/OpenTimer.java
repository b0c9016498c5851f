package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The time limit of an opening handshake. Event loop only. */
final class OpenTimer {
  private final long nanos;
  private final Runnable expired;
  private Future<?> pending;

  OpenTimer(Duration timeout, Runnable expired) {
    this.nanos = check(timeout);
    this.expired = expired;
  }

  /** Returns the timeout in nanoseconds, unless it is negative. */
  static long check(Duration timeout) {
    return Timeouts.nanos("openTimeout", timeout);
  }

  boolean isRunning() {
    return pending != null;
  }

  /** Starts, or starts again. */
  void start(ChannelHandlerContext ctx) {
    stop();
    if (nanos > 0) {
      pending = ctx.executor().schedule(expired, nanos, TimeUnit.NANOSECONDS);
    }
  }

  void stop() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }
}
