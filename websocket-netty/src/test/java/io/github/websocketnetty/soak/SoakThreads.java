package io.github.websocketnetty.soak;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that wait, as many as it takes, and a clock. */
record SoakThreads(ThreadPoolExecutor executor, ScheduledExecutorService clock) {
  static SoakThreads start() {
    return new SoakThreads(
        new ThreadPoolExecutor(0, 2000, 1, TimeUnit.SECONDS, new SynchronousQueue<>()),
        Executors.newSingleThreadScheduledExecutor());
  }

  void stop() throws InterruptedException {
    for (ExecutorService each : new ExecutorService[] {executor, clock}) {
      each.shutdownNow();
      each.awaitTermination(30, TimeUnit.SECONDS);
    }
  }
}
