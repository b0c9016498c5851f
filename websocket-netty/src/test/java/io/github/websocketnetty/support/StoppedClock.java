package io.github.websocketnetty.support;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * An event loop with real sockets whose timers expire only when a test says so. What a test expects
 * does not depend on how fast the machine is then.
 */
public final class StoppedClock extends MultiThreadIoEventLoopGroup {
  public StoppedClock() {
    super(1, NioIoHandler.newFactory());
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... arguments) {
    return new Loop(this, executor, factory);
  }

  /** Runs what all timers of this moment are for, behind what the event loop has to do. */
  public void expireAll() {
    Loop loop = (Loop) next();
    loop.execute(loop::expireAll);
  }

  private record Timer(ScheduledFuture<?> future, Runnable task) {}

  private static final class Loop extends SingleThreadIoEventLoop {
    private final List<Timer> timers = new ArrayList<>();

    Loop(StoppedClock group, Executor executor, IoHandlerFactory factory) {
      super(group, executor, factory);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (delay <= 0) {
        return super.schedule(task, delay, unit);
      }
      ScheduledFuture<?> future = super.schedule(task, 1, TimeUnit.DAYS);
      synchronized (timers) {
        timers.add(new Timer(future, task));
      }
      return future;
    }

    void expireAll() {
      List<Timer> present;
      synchronized (timers) {
        present = List.copyOf(timers);
        timers.clear();
      }
      for (Timer timer : present) {
        if (timer.future().cancel(false)) { // unless it was cancelled before
          timer.task().run();
        }
      }
    }
  }
}
