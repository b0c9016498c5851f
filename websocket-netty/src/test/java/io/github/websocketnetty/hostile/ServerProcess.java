package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ModuleFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts {@link ServerUnderAttack} with little memory: 96 MiB of heap, the first error of the heap
 * being its end, and 96 MiB outside.
 */
final class ServerProcess implements AutoCloseable {
  private static final String LIMIT = "96m";
  private static final String LOG = "server-under-attack.log";

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream orders;
  private final int[] ports = new int[3];

  private ServerProcess(Process process) throws IOException {
    this.process = process;
    answers =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
    String[] words = answer("ports").split(" ");
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Integer.parseInt(words[i + 1]);
    }
  }

  /**
   * Starts it.
   *
   * @param wrapper what the command line begins with
   */
  static ServerProcess start(String... wrapper) throws IOException {
    List<String> command = new ArrayList<>(List.of(wrapper));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + LIMIT,
            "-XX:MaxDirectMemorySize=" + LIMIT,
            "-XX:+ExitOnOutOfMemoryError",
            "-Dio.netty.leakDetection.level=simple",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            System.getProperty("java.class.path"),
            ServerUnderAttack.class.getName()));
    return new ServerProcess(
        new ProcessBuilder(command).redirectError(ModuleFiles.inTarget(LOG).toFile()).start());
  }

  /** Returns where the server with default options listens. */
  InetSocketAddress ordinary() {
    return address(0);
  }

  /** Returns where the server listens whose times are one second. */
  InetSocketAddress hasty() {
    return address(1);
  }

  /** Returns where the like listens with TLS. */
  InetSocketAddress encrypted() {
    return address(2);
  }

  private InetSocketAddress address(int index) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[index]);
  }

  /** Returns what it uses now. */
  Usage usage() throws IOException {
    orders.println("usage");
    return Usage.parse(answer("usage"));
  }

  /** Returns how many MiB outside the heap it can get. */
  int fill() throws IOException {
    orders.println("fill");
    return Integer.parseInt(answer("filled").split(" ")[1]);
  }

  private synchronized String answer(String kind) throws IOException {
    String line = answers.readLine();
    assertTrue(line != null, "the server died; see target/" + LOG);
    assertEquals(kind, line.split(" ")[0]);
    return line;
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
