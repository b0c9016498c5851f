package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;

/** The time limit of an opening handshake. Event loop only. */
final class OpenTimer {
  private final long timeoutNanos;
  private final Runnable expired;
  private final LoopTimer timer = new LoopTimer();
  private boolean running;

  OpenTimer(Duration timeout, Runnable expired) {
    this.timeoutNanos = Timeouts.nanos("openTimeout", timeout);
    this.expired = expired;
  }

  boolean isRunning() {
    return running;
  }

  void start(ChannelHandlerContext ctx) {
    if (timeoutNanos > 0) {
      running = true;
      timer.restart(ctx, timeoutNanos, expired);
    }
  }

  void stop() {
    running = false;
    timer.stop();
  }
}
