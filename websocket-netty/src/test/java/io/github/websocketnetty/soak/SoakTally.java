package io.github.websocketnetty.soak;

import io.github.websocketnetty.ConnectionClosedException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts what visits do, and keeps what must not happen. Any thread. */
final class SoakTally {
  private static final int FAILURES_KEPT = 20;

  final LongAdder visits = new LongAdder();
  final LongAdder messages = new LongAdder();
  final LongAdder bytes = new LongAdder();
  final LongAdder broadcasts = new LongAdder();
  final AtomicInteger open = new AtomicInteger();
  final AtomicInteger mostOpen = new AtomicInteger();
  final Map<String, LongAdder> ends = new ConcurrentHashMap<>();
  private final AtomicInteger awaited = new AtomicInteger();
  private final List<String> failures = new CopyOnWriteArrayList<>();

  void opened() {
    visits.increment();
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
  }

  void closed(String how) {
    open.decrementAndGet();
    ends.computeIfAbsent(how, key -> new LongAdder()).increment();
  }

  void message(int size) {
    messages.increment();
    bytes.add(size);
  }

  /** A future that has to end, well or not. */
  <T> CompletableFuture<T> awaited(CompletableFuture<T> future) {
    awaited.incrementAndGet();
    future.whenComplete((value, failure) -> awaited.decrementAndGet());
    return future;
  }

  /** Returns how many of the futures have not ended. */
  int pending() {
    return awaited.get();
  }

  void failed(String what, Throwable cause) {
    if (failures.size() < FAILURES_KEPT) {
      StringBuilder text = new StringBuilder(what);
      for (Throwable each = cause; each != null; each = each.getCause()) {
        text.append("\n  ").append(each);
      }
      StackTraceElement[] trace = cause == null ? new StackTraceElement[0] : cause.getStackTrace();
      for (int i = 0; i < Math.min(8, trace.length); i++) {
        text.append("\n    at ").append(trace[i]);
      }
      failures.add(text.toString());
    }
  }

  List<String> failures() {
    return failures;
  }

  /** Returns whether this, or what it was caused by, is how a connection ends. */
  static boolean isEnd(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ConnectionClosedException) {
        return true;
      }
    }
    return false;
  }
}
