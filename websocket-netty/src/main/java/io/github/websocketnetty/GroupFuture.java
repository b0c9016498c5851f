package io.github.websocketnetty;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A future that may need any event loop of some groups. Which one is not known when it is waited
 * for, so it refuses on all of them, also where one of the others would do the work this time.
 */
final class GroupFuture<T> extends EventLoopFuture<T> {
  private final BooleanSupplier onNeededLoop;

  /** Creates a future that needs event loops of {@code groups}; a single loop is a group too. */
  GroupFuture(EventExecutorGroup... groups) {
    this(() -> isOnLoopOf(groups));
  }

  /** Creates a future for which {@code onNeededLoop} says where it must not be waited for. */
  GroupFuture(BooleanSupplier onNeededLoop) {
    this.onNeededLoop = onNeededLoop;
  }

  @Override
  boolean isOnNeededLoop() {
    return onNeededLoop.getAsBoolean();
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new GroupFuture<>(onNeededLoop);
  }

  private static boolean isOnLoopOf(EventExecutorGroup... groups) {
    for (EventExecutorGroup group : groups) {
      for (EventExecutor loop : group) {
        if (loop.inEventLoop()) {
          return true;
        }
      }
    }
    return false;
  }
}
