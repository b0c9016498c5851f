package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
 * @param commit of this repository
 * @param versions the servers and the versions of their libraries
 */
record Environment(
    String date,
    String host,
    String processor,
    int processors,
    String system,
    String jdk,
    String pinning,
    List<String> flags,
    String commit,
    Map<String, String> versions) {
  static Environment of(Placement placement, List<String> flags, String commit, List<Peer> peers)
      throws IOException {
    Map<String, String> versions = new LinkedHashMap<>();
    peers.forEach(peer -> versions.put(peer.toString(), peer.version()));
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
        flags,
        commit,
        versions);
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
