package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where server and generator run, as {@code taskset -c} takes it; empty: anywhere.
 *
 * @param server the processor of the server
 * @param generator the processor of the generator
 */
record Placement(String server, String generator) {
  private static final Placement ANYWHERE = new Placement("", "");

  /** Takes the first two processors that this process may use. */
  static Placement ofThisMachine() throws InterruptedException {
    try {
      List<Integer> cpus = allowed();
      boolean pinned = cpus.size() >= 2 && hasTaskset();
      return pinned ? new Placement("" + cpus.get(0), "" + cpus.get(1)) : ANYWHERE;
    } catch (IOException e) {
      return ANYWHERE; // no taskset, or not Linux
    }
  }

  boolean isPinned() {
    return !server.isEmpty();
  }

  private static boolean hasTaskset() throws IOException, InterruptedException {
    return new ProcessBuilder("taskset", "--version").start().waitFor() == 0;
  }

  private static List<Integer> allowed() throws IOException {
    String prefix = "Cpus_allowed_list:";
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(prefix)) {
        return parse(line.substring(prefix.length()).trim());
      }
    }
    return List.of();
  }

  /** Reads a list such as {@code 0-3,8}. */
  static List<Integer> parse(String list) {
    List<Integer> cpus = new ArrayList<>();
    for (String range : list.split(",")) {
      String[] ends = range.split("-");
      for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); ) {
        cpus.add(cpu++);
      }
    }
    return cpus;
  }
}
