package io.github.websocketnetty.benchmarks.endtoend;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A child with this program's JVM and class path; killed when closed, and with this program. */
final class JavaProcess implements AutoCloseable {
  private static final int END_SECONDS = 10;

  private final String name;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread killer;

  /**
   * Starts a program.
   *
   * @param cpus where it may run, as {@code taskset -c} takes it; empty: anywhere
   */
  JavaProcess(String cpus, List<String> flags, Class<?> program, List<String> arguments)
      throws IOException {
    name = program.getSimpleName();
    List<String> command = new ArrayList<>();
    if (!cpus.isEmpty()) {
      command.addAll(List.of("taskset", "-c", cpus));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(arguments);
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    Thread reader = new Thread(this::readLines, name);
    reader.setDaemon(true);
    reader.start();
  }

  private void readLines() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // the process was killed
    }
  }

  /** The same with {@code taskset}, which becomes the program that it starts. */
  long pid() {
    return process.pid();
  }

  /** Waits for a line and returns what follows {@code prefix} in it; drops the lines before. */
  String await(String prefix, int seconds) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      String line = lines.poll(100, TimeUnit.MILLISECONDS);
      if (line != null && line.startsWith(prefix)) {
        return line.substring(prefix.length());
      }
      if (line == null && !process.isAlive() && lines.isEmpty()) {
        throw new IOException(name + " ended with status " + process.exitValue());
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException(name + " did not say '" + prefix + "' in " + seconds + " s");
      }
    }
  }

  /** Ends its standard input. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(killer);
  }
}
