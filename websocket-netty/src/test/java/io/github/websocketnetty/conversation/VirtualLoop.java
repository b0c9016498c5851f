package io.github.websocketnetty.conversation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An event loop that runs when told to, on the test's thread, over virtual time. Calls can be made
 * as if from another thread.
 */
final class VirtualLoop extends AbstractScheduledEventExecutor implements EventLoop {
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final Consumer<Throwable> failures;
  private boolean isElsewhere;

  /** Creates a loop that tells of tasks that throw. */
  VirtualLoop(Consumer<Throwable> failures) {
    this.failures = failures;
  }

  long now() {
    return ticker.nanoTime();
  }

  void advanceTo(long nanos) {
    ticker.advance(nanos - now(), TimeUnit.NANOSECONDS);
  }

  /** Returns when the next timer is due, {@link Long#MAX_VALUE} for none. */
  long nextTimer() {
    long next = nextScheduledTaskDeadlineNanos();
    return next < 0 ? Long.MAX_VALUE : next;
  }

  /** Returns whether what runs now does so as if on another thread. */
  boolean isElsewhere() {
    return isElsewhere;
  }

  /** Runs what is due. Returns whether there was anything. */
  boolean runTasks() {
    boolean ran = false;
    for (Runnable due = nextDue(); due != null; due = nextDue()) {
      ran = true;
      run(due, false);
    }
    return ran;
  }

  private Runnable nextDue() {
    Runnable task = tasks.poll();
    return task != null ? task : pollScheduledTask();
  }

  /** Runs a task as if on the event loop, or as if on another thread. */
  void run(Runnable task, boolean elsewhere) {
    boolean before = isElsewhere;
    isElsewhere = elsewhere;
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      failures.accept(failure);
    } finally {
      isElsewhere = before;
    }
  }

  @Override
  public Ticker ticker() {
    return ticker;
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return !isElsewhere;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public EventLoopGroup parent() {
    return null;
  }

  @Override
  public EventLoop next() {
    return this;
  }

  @Override
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public void shutdown() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<?> terminationFuture() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isShuttingDown() {
    return false;
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }
}
