package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The time limit of an opening handshake. Event loop only. */
final class OpenTimer {
  private static final Duration LONGEST = Duration.ofDays(365);

  private final Duration timeout;
  private final Runnable expired;
  private Future<?> pending;

  OpenTimer(Duration timeout, Runnable expired) {
    this.timeout = timeout;
    this.expired = expired;
  }

  static void check(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("openTimeout is " + timeout + ", must not be negative");
    }
    if (timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("openTimeout is " + timeout + ", at most " + LONGEST);
    }
  }

  boolean isRunning() {
    return pending != null;
  }

  void start(ChannelHandlerContext ctx) {
    stop();
    if (!timeout.isZero()) {
      pending = ctx.executor().schedule(expired, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  void stop() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }
}
