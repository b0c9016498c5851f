package io.github.websocketnetty.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link FaultyHost} in a network namespace, and what it says. */
final class HostProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final Process process;
  private final PrintStream orders;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  HostProcess(String namespace, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx96m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            System.getProperty("java.class.path"),
            FaultyHost.class.getName()));
    command.addAll(List.of(arguments));
    process =
        new ProcessBuilder(command)
            .redirectError(ModuleFiles.inTarget("faulty-host-" + namespace + ".log").toFile())
            .start();
    orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
    Thread listener = new Thread(this::listen, "listens to " + namespace);
    listener.setDaemon(true);
    listener.start();
  }

  private void listen() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException ended) {
      // Who waits for a line is told by the time that passes.
    }
  }

  void order(String order) {
    orders.println(order);
  }

  /** Forgets what was said so far. */
  void forget() {
    lines.clear();
  }

  /** Waits for the next line of a kind and returns what stands behind it. */
  String await(String kind) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      assertTrue(line != null, "never said: " + kind);
      if (line.startsWith(kind + " ")) {
        return line.substring(kind.length() + 1);
      }
      if (line.equals(kind)) {
        return "";
      }
    }
  }

  @Override
  public void close() {
    orders.close();
    process.destroy();
  }
}
