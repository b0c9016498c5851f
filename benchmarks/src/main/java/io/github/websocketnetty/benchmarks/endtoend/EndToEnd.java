package io.github.websocketnetty.benchmarks.endtoend;

import com.google.gson.GsonBuilder;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the echo servers. In a round every server takes its turn at every load, in a fresh
 * process; figures are medians over the rounds, and written after each.
 */
@Command(
    name = "run-endtoend",
    showDefaultValues = true,
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class EndToEnd implements Callable<Integer> {
  /** Files of a process that are no connections, at most. */
  private static final int OTHER_FILES = 300;

  /** Since this JDK, loading native code, as Netty does, takes a flag or is warned about. */
  private static final int RESTRICTS_NATIVE_CODE = 24;

  @Option(
      names = "--quick",
      description = "two loads, one round, 1000 idle connections: to see that it works")
  private boolean quick;

  @Option(names = "--out", defaultValue = ".", description = "where the results go")
  private Path out;

  @Option(
      names = "--servers",
      split = ",",
      description = "by default all: ${COMPLETION-CANDIDATES}")
  private List<Peer> peers = List.of(Peer.values());

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "16,125,1024,16384,65536,1048576",
      description = "bytes of a message")
  private List<Integer> sizes;

  @Option(
      names = "--kinds",
      split = ",",
      defaultValue = "ascii,mixed,binary",
      description = "of messages")
  private List<PayloadKind> kinds;

  @Option(
      names = "--depths",
      split = ",",
      defaultValue = "1,16",
      description = "messages in flight on each connection")
  private List<Integer> depths;

  @Option(
      names = "--connections",
      defaultValue = "32",
      description = "at most 64 MiB are in flight")
  private int connections;

  @Option(names = "--threads", defaultValue = "1", description = "I/O threads of the servers")
  private int threads;

  @Option(names = "--rounds", defaultValue = "3", description = "turns of every server")
  private int rounds;

  // On one processor the JIT compiler shares it with the server, and is at work for that long.
  @Option(names = "--warmup", defaultValue = "10", description = "seconds")
  private double warmup;

  @Option(names = "--seconds", defaultValue = "5", description = "measured, each time")
  private double seconds;

  @Option(names = "--idle", defaultValue = "10000", description = "idle connections; 0: none")
  private int idle;

  @Option(names = "--jvm-arg", description = "one more flag for every JVM; may be repeated")
  private List<String> jvmArguments = List.of();

  @Option(names = "--commit", defaultValue = "unknown", description = "for the report")
  private String commit;

  private final List<String> flags = new ArrayList<>(List.of("-Xms256m", "-Xmx1g", "-XX:+UseG1GC"));
  private Results results;
  private Bench bench;

  EndToEnd() {}

  /** Exits with 0 if everything could be measured without an error. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new EndToEnd())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(
                Peer.class, name -> Peer.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')))
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (quick) {
      beQuick();
    }
    if (Runtime.version().feature() >= RESTRICTS_NATIVE_CODE) {
      flags.add("--enable-native-access=ALL-UNNAMED");
    }
    flags.addAll(jvmArguments);
    Placement placement = Placement.ofThisMachine();
    results = new Results(Environment.of(placement, flags, commit, peers));
    bench = new Bench(placement, flags, threads);
    if (!placement.isPinned()) {
      note("Not pinned: that takes Linux, taskset and two processors.");
    }
    limitIdle();
    for (int round = 1; round <= rounds; round++) {
      run(round);
      write();
    }
    System.out.println(Files.readString(out.resolve("results.md")));
    return results.notes().isEmpty() ? 0 : 1;
  }

  private void beQuick() {
    sizes = List.of(125, 16_384);
    kinds = List.of(PayloadKind.MIXED);
    depths = List.of(16);
    rounds = 1;
    warmup = 1;
    seconds = 1;
    idle = Math.min(idle, 1000);
  }

  private void limitIdle() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      int most = (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount() - OTHER_FILES);
      if (idle > most) {
        note("Only " + most + " idle connections, not " + idle + ": raise 'ulimit -n'.");
        idle = most;
      }
    }
  }

  private void run(int round) throws InterruptedException {
    List<Peer> order = new ArrayList<>(peers);
    Collections.rotate(order, round - 1);
    for (Cell cell : cells()) {
      for (Peer peer : order) {
        echo(round, peer, cell);
      }
    }
    if (idle > 0) {
      for (Peer peer : order) {
        idle(round, peer);
      }
    }
  }

  private List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (int size : sizes) {
      for (PayloadKind kind : kinds) {
        for (int depth : depths) {
          cells.add(Cell.of(size, kind, depth, connections));
        }
      }
    }
    return cells;
  }

  private void echo(int round, Peer peer, Cell cell) throws InterruptedException {
    System.err.println("round " + round + ", " + cell + ", " + peer);
    try {
      results.add(peer, round, cell, bench.echo(peer, cell, duration(warmup), duration(seconds)));
    } catch (IOException e) {
      note(peer + ", " + cell + ", round " + round + ": " + e.getMessage());
    }
  }

  private void idle(int round, Peer peer) throws InterruptedException {
    System.err.println("round " + round + ", idle, " + peer);
    try {
      results.add(peer, round, bench.idle(peer, idle));
    } catch (IOException e) {
      note(peer + ", idle, round " + round + ": " + e.getMessage());
    }
  }

  private void note(String text) {
    System.err.println(text);
    results.note(text);
  }

  private void write() throws IOException {
    Files.createDirectories(out);
    Files.writeString(
        out.resolve("results.json"),
        new GsonBuilder().setPrettyPrinting().create().toJson(results) + "\n");
    Files.writeString(out.resolve("results.md"), new Tables(results, peers).write());
  }

  private static Duration duration(double value) {
    return Duration.ofMillis((long) (value * 1e3));
  }
}
