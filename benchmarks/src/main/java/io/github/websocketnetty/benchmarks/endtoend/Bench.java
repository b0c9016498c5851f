package io.github.websocketnetty.benchmarks.endtoend;

import com.google.gson.Gson;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Makes single measurements: a fresh server and a fresh generator each. */
final class Bench {
  private static final int PATIENCE_SECONDS = 60;

  /** Opened and closed before memory is measured, so that classes are loaded. */
  private static final int WARMUP_CONNECTIONS = 200;

  /** Heap that is not in use counts as resident unless it is given back. */
  private static final List<String> SMALL_HEAP =
      List.of("-Xms16m", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");

  private final Placement placement;
  private final List<String> flags;
  private final int threads;
  private final Gson gson = new Gson();

  Bench(Placement placement, List<String> flags, int threads) {
    this.placement = placement;
    this.flags = flags;
    this.threads = threads;
  }

  EchoResult echo(Peer peer, Cell cell, Duration warmup, Duration measured)
      throws IOException, InterruptedException {
    try (JavaProcess server = start(peer, List.of());
        JavaProcess generator =
            generator(EchoLoad.class, arguments(server, cell, warmup, measured))) {
      int seconds = (int) warmup.plus(measured).toSeconds() + PATIENCE_SECONDS;
      return gson.fromJson("{" + generator.await("{", seconds), EchoResult.class);
    }
  }

  private static List<String> arguments(
      JavaProcess server, Cell cell, Duration warmup, Duration measured)
      throws IOException, InterruptedException {
    return List.of(
        "--port=" + port(server),
        "--server-pid=" + server.pid(),
        "--connections=" + cell.connections(),
        "--depth=" + cell.depth(),
        "--kind=" + cell.kind(),
        "--size=" + cell.size(),
        "--warmup=" + warmup.toMillis() / 1e3,
        "--seconds=" + measured.toMillis() / 1e3);
  }

  IdleResult idle(Peer peer, int connections) throws IOException, InterruptedException {
    try (JavaProcess server = start(peer, SMALL_HEAP)) {
      String port = port(server);
      try (JavaProcess first = hold(port, Math.min(WARMUP_CONNECTIONS, connections))) {
        release(first);
      }
      ServerMemory empty = ServerMemory.of(server.pid());
      try (JavaProcess load = hold(port, connections)) {
        ServerMemory full = ServerMemory.of(server.pid());
        return new IdleResult(
            connections,
            release(load),
            (double) (full.heapBytes() - empty.heapBytes()) / connections,
            (double) (full.residentBytes() - empty.residentBytes()) / connections);
      }
    }
  }

  private JavaProcess hold(String port, int connections) throws IOException, InterruptedException {
    JavaProcess load =
        generator(IdleLoad.class, List.of("--port=" + port, "--connections=" + connections));
    try {
      load.await(IdleLoad.OPEN, PATIENCE_SECONDS);
      return load;
    } catch (IOException | InterruptedException e) {
      load.close();
      throw e;
    }
  }

  /** Returns how many connections there still were. */
  private static int release(JavaProcess load) throws IOException, InterruptedException {
    load.endInput();
    return Integer.parseInt(load.await(IdleLoad.LEFT, PATIENCE_SECONDS));
  }

  private JavaProcess start(Peer peer, List<String> more) throws IOException {
    List<String> all = new ArrayList<>(flags);
    all.addAll(more);
    List<String> arguments = new ArrayList<>(peer.arguments());
    arguments.add("--threads=" + threads);
    return new JavaProcess(placement.server(), all, peer.program(), arguments);
  }

  private JavaProcess generator(Class<?> program, List<String> arguments) throws IOException {
    return new JavaProcess(placement.generator(), flags, program, arguments);
  }

  private static String port(JavaProcess server) throws IOException, InterruptedException {
    return server.await(ServerCommand.READY, PATIENCE_SECONDS);
  }
}
