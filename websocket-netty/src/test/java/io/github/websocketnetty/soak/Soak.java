package io.github.websocketnetty.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.Transports;
import io.netty.channel.epoll.Epoll;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Rounds of visits. Between two rounds everybody has gone, and what the process holds is measured:
 * after the first rounds it must not grow.
 */
final class Soak {
  private static final int MIB = 1 << 20;
  private static final int WARM_UP = 2;
  private static final int CALM_SECONDS = 90;

  private final ResourceLeakDetector.Level levelBefore = ResourceLeakDetector.getLevel();
  private final SplittableRandom seeds;
  private final int atOnce;
  private final int longestStayMillis;
  private final SoakTally tally = new SoakTally();
  private final SoakThreads threads = SoakThreads.start();
  private final List<SoakServer> servers = new ArrayList<>();
  private final List<SoakFigures> figures = new ArrayList<>();
  private final SoakLog log = new SoakLog();

  Soak(long seed, int atOnce, int longestStayMillis) throws Exception {
    seeds = new SplittableRandom(seed);
    this.atOnce = atOnce;
    this.longestStayMillis = longestStayMillis;
    for (Transports transport : Transports.values()) {
      if (transport == Transports.NIO || Epoll.isAvailable()) {
        for (boolean isSecure : new boolean[] {false, true}) {
          servers.add(new SoakServer(transport, isSecure, longestStayMillis, threads, tally));
        }
      }
    }
    head();
  }

  SoakTally tally() {
    return tally;
  }

  /** Lets visitors come for some time, and waits until all have gone. */
  void round(int number, long millis) throws Exception {
    boolean isParanoid = number % 3 == 0;
    ResourceLeakDetector.setLevel(
        isParanoid ? ResourceLeakDetector.Level.PARANOID : ResourceLeakDetector.Level.SIMPLE);
    Semaphore places = new Semaphore(atOnce);
    SoakVisit.Terms terms = new SoakVisit.Terms(longestStayMillis, threads);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end && tally.failures().isEmpty()) {
      if (!places.tryAcquire(100, TimeUnit.MILLISECONDS)) {
        continue;
      }
      SplittableRandom random = seeds.split();
      SoakServer at = servers.get(random.nextInt(servers.size()));
      CompletableFuture<Void> visit = new SoakVisit(at, random, tally, terms).start();
      visit.whenComplete((done, failure) -> places.release());
    }
    await("all visits are over", () -> places.availablePermits() == atOnce);
    await("all connections of servers are closed", this::isEmpty);
    await("all futures have ended", () -> tally.pending() == 0);
    await("all threads that waited have ended", () -> threads.executor().getPoolSize() == 0);
    figures.add(SoakFigures.now());
    row(number, isParanoid);
  }

  private boolean isEmpty() {
    return servers.stream().allMatch(each -> each.server.connections().isEmpty());
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    for (int tenths = 0; !condition.getAsBoolean(); tenths++) {
      assertTrue(
          tenths < CALM_SECONDS * 10,
          () -> "not within " + CALM_SECONDS + " s: " + what + "; " + state());
      Thread.sleep(100);
    }
  }

  private String state() {
    List<Object> left = new ArrayList<>();
    servers.forEach(each -> left.addAll(each.server.connections()));
    left.addAll(tally.failures());
    left.addAll(log.unexpected());
    return tally.open + " open, " + tally.pending() + " futures, " + left;
  }

  /** Asserts that nothing went wrong, and that nothing grew by more than this since the warm-up. */
  void check(int heapMiB, int directMiB, int residentMiB) throws Exception {
    List<String> wrong = new ArrayList<>(tally.failures());
    wrong.addAll(log.unexpected());
    assertEquals(List.of(), wrong);
    SoakFigures before = figures.get(Math.min(WARM_UP, figures.size() - 1) - 1);
    SoakFigures after = figures.get(figures.size() - 1);
    if (after.heap() - before.heap() > (long) heapMiB * MIB) {
      System.out.println(SoakFigures.largest());
    }
    assertGrowth("heap", before.heap(), after.heap(), (long) heapMiB * MIB);
    assertGrowth("direct memory", before.direct(), after.direct(), (long) directMiB * MIB);
    assertGrowth("memory", before.resident(), after.resident(), (long) residentMiB * MIB);
    assertGrowth("open files", before.files(), after.files(), 2); // a selector's, or a class's
    assertGrowth("threads", before.threads(), after.threads(), 2); // of the JVM
  }

  private static void assertGrowth(String what, long before, long after, long allowed) {
    assertTrue(after - before <= allowed, what + " grew from " + before + " to " + after);
  }

  private static void head() {
    System.out.println(
        "| round | leaks tracked | connections | most at once | messages | MiB | broadcasts"
            + " | heap MiB | direct MiB | process MiB | files | threads |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|---|");
  }

  private void row(int number, boolean isParanoid) {
    SoakFigures now = figures.get(figures.size() - 1);
    System.out.printf(
        "| %d | %s | %d | %d | %d | %d | %d | %.1f | %.1f | %d | %d | %d |%n",
        number,
        isParanoid ? "all" : "some",
        tally.visits.sum(),
        tally.mostOpen.get(),
        tally.messages.sum(),
        tally.bytes.sum() / MIB,
        tally.broadcasts.sum(),
        (double) now.heap() / MIB,
        (double) now.direct() / MIB,
        now.resident() / MIB,
        now.files(),
        now.threads());
  }

  void close() throws Exception {
    for (SoakServer each : servers) {
      each.close();
    }
    threads.stop();
    log.close();
    ResourceLeakDetector.setLevel(levelBefore);
    System.out.println("Close codes that clients received: " + new TreeMap<>(tally.ends));
  }
}
