package io.github.websocketnetty;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks up hosts as the JDK does, but on threads of its own: that waits for the network, and
 * meanwhile an event loop would neither serve other connections nor keep to any time limit.
 */
final class LookUps extends AddressResolverGroup<InetSocketAddress> {
  private static final int MOST_THREADS = 8;

  /** Finds the addresses of a host. */
  @FunctionalInterface
  interface LookUp {
    InetAddress[] find(String host) throws UnknownHostException;
  }

  private final LookUp lookUp;
  private final Executor threads;

  LookUps(LookUp lookUp) {
    this.lookUp = lookUp;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory("websocket-look-up", true));
    pool.allowCoreThreadTimeOut(true); // so that nothing is left to be ended
    threads = pool;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Names(executor).asAddressResolver();
  }

  private final class Names extends InetNameResolver {
    Names(EventExecutor executor) {
      super(executor);
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      threads.execute(
          () -> {
            try {
              promise.trySuccess(lookUp.find(host)[0]);
            } catch (Throwable failure) {
              promise.tryFailure(failure);
            }
          });
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      threads.execute(
          () -> {
            try {
              promise.trySuccess(List.of(lookUp.find(host)));
            } catch (Throwable failure) {
              promise.tryFailure(failure);
            }
          });
    }
  }
}
