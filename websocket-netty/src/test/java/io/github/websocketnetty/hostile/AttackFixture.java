package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;

/**
 * Attacks a server in a process of its own and looks at what that costs.
 *
 * <p>While an attack goes on, others on the same event loop must be served within a second. After
 * it, descriptors, threads and memory must be back where they were.
 *
 * <p>The property {@code hostile.scale} multiplies numbers and times of the attacks, for those who
 * have more than a minute. What was measured stands in {@code target/hostile-peers.txt}.
 */
@Tag("sockets")
abstract class AttackFixture {
  static final long MIB = 1 << 20;

  private static final int SCALE = Integer.getInteger("hostile.scale", 1);
  private static final Duration SOON = Duration.ofSeconds(20);

  /** The JVM and Netty start some of their own once, when they first need them. */
  private static final int THREAD_SLACK = 2;

  /** What the heap differs by between two moments of peace: caches, compiled code, statistics. */
  private static final long HEAP_SLACK = 6 * MIB;

  /** What Netty's allocator keeps for later. */
  private static final long DIRECT_SLACK = 24 * MIB;

  private static ServerProcess server;
  private static Usage peace;

  private final List<Attacker> attackers = new ArrayList<>();
  private String name;

  @BeforeAll
  static void startServer() throws IOException {
    server = ServerProcess.start();
    // Let it load its classes, and take the memory that it keeps.
    for (InetSocketAddress each : List.of(server.ordinary(), server.hasty())) {
      Neighbours.of(each).serveAndClose(20);
    }
    Neighbours.encrypted(server.encrypted()).serveAndClose(20);
    peace = server.usage();
    report("in peace", peace.toString());
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void rememberName(TestInfo test) {
    name = test.getTestMethod().orElseThrow().getName();
  }

  /** The attackers go, and all that they have cost must be given back. */
  @AfterEach
  void everythingIsGivenBack() throws IOException {
    for (Attacker attacker : attackers) {
      attacker.reset(); // a FIN would stand behind what is not read
    }
    Usage now = server.usage();
    long end = System.nanoTime() + SOON.toNanos();
    while (!isBack(now) && System.nanoTime() < end) {
      LockSupport.parkNanos(50_000_000);
      now = server.usage();
    }
    report(name, "behind: " + now);
    assertTrue(isBack(now), "before: " + peace + "\nbehind: " + now);
    assertEquals(0, now.leaks(), "leaked buffers");
  }

  private static boolean isBack(Usage now) {
    return now.connections() == 0
        && now.files() <= peace.files()
        && now.threads() <= peace.threads() + THREAD_SLACK
        && now.heap() <= peace.heap() + HEAP_SLACK
        && now.direct() <= peace.direct() + DIRECT_SLACK;
  }

  static ServerProcess server() {
    return server;
  }

  /** Returns a number or a time as large as is asked for. */
  static int scaled(int normal) {
    return normal * SCALE;
  }

  /** Sees to it that an attacker is gone at the end. */
  Attacker watch(Attacker attacker) {
    attackers.add(attacker);
    return attacker;
  }

  /** Opens some connections of the same kind. */
  List<Attacker> open(int count, InetSocketAddress address, String path, String... headers)
      throws IOException {
    List<Attacker> opened = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      opened.add(watch(Attacker.open(address, path, headers)));
    }
    return opened;
  }

  /** Fails if the neighbours had to wait. */
  void assertServed(Neighbours neighbours) {
    Duration slowest = neighbours.slowest();
    Duration stall = neighbours.stall();
    report(
        name,
        "neighbours served %d times, slowest %d ms, this process stood still %d ms"
            .formatted(neighbours.served(), slowest.toMillis(), stall.toMillis()));
    assertTrue(neighbours.served() > 0, "neighbours were not served at all");
    assertTrue(neighbours.isServedInTime(), "a neighbour waited " + slowest.toMillis() + " ms");
  }

  /** Fails if the attack costs more than this while it goes on; returns what it costs. */
  Usage assertCosts(long heap, long direct) throws IOException {
    Usage now = server.usage();
    report(
        name,
        "%s; heap %+.1f MiB, direct %+.1f MiB"
            .formatted(
                now,
                (now.heap() - peace.heap()) / (double) MIB,
                (now.direct() - peace.direct()) / (double) MIB));
    assertTrue(now.heap() - peace.heap() <= heap + HEAP_SLACK, "heap: " + now);
    assertTrue(now.direct() - peace.direct() <= direct + DIRECT_SLACK, "direct: " + now);
    return now;
  }

  /** Waits until the server has ended all attackers, though none of them has gone. */
  void awaitAllAreGone() throws IOException {
    long start = System.nanoTime();
    long others = 3 + 1; // neighbours, of whom one may be on its way out
    while (server.usage().files() > peace.files() + others) {
      assertTrue(System.nanoTime() - start < SOON.toNanos(), "still there: " + server.usage());
      LockSupport.parkNanos(50_000_000);
    }
    report(name, "all ended after " + (System.nanoTime() - start) / 1_000_000 + " ms");
  }

  /** Writes down what was measured. */
  static void report(String about, String measured) {
    try {
      Files.writeString(
          ModuleFiles.inTarget("hostile-peers.txt"),
          about + ": " + measured + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException unimportant) {
      System.err.println(about + ": " + measured);
    }
  }
}
