package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a JVM after a full collection. Linux only, and with a JDK's {@code jcmd}.
 *
 * @param heapBytes live objects
 * @param residentBytes what the process has in memory altogether
 */
record ServerMemory(long heapBytes, long residentBytes) {
  static ServerMemory of(long pid) throws IOException, InterruptedException {
    jcmd(pid, "GC.run"); // a second collection frees what the first one found to be unreachable
    long heap = totalOf(jcmd(pid, "GC.class_histogram"));
    return new ServerMemory(heap, resident(pid));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + pid + " " + command + " failed: " + output);
    }
    return output;
  }

  /** The last line of a histogram: the word Total, objects, bytes. */
  private static long totalOf(String histogram) throws IOException {
    String total =
        histogram
            .lines()
            .filter(line -> line.startsWith("Total"))
            .findFirst()
            .orElseThrow(() -> new IOException("no total in the class histogram"));
    return Long.parseLong(total.trim().split("\\s+")[2]);
  }

  private static long resident(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.split("\\s+")[1]) << 10;
      }
    }
    throw new IOException("process " + pid + " is gone");
  }
}
