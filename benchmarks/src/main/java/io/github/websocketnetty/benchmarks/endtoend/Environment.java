package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What figures depend on besides the code.
 *
 * @param date when the run began
 * @param host the machine's name
 * @param processor its model
 * @param processors how many of them the program may use
 * @param system the operating system
 * @param jdk the Java virtual machine
 * @param pinning which processor server and generator had, or that they were not pinned
 * @param flags of the server's JVM
 */
record Environment(
    String date,
    String host,
    String processor,
    int processors,
    String system,
    String jdk,
    String pinning,
    List<String> flags) {
  static Environment of(Placement placement, List<String> flags) throws IOException {
    return new Environment(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        InetAddress.getLocalHost().getHostName(),
        processorModel(),
        Runtime.getRuntime().availableProcessors(),
        property("os.name") + " " + property("os.version") + " " + property("os.arch"),
        property("java.vm.name") + " " + property("java.vm.version"),
        placement.isPinned()
            ? "server on " + placement.server() + ", generator on " + placement.generator()
            : "none",
        flags);
  }

  private static String processorModel() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.exists(file)) {
      return "unknown";
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("unknown");
  }

  private static String property(String name) {
    return System.getProperty(name);
  }
}
