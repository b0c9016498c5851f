package io.github.websocketnetty.benchmarks.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The processor time of a process so far, all threads together. Linux only.
 *
 * @param user seconds in its own code
 * @param kernel seconds in the kernel
 */
record CpuTime(double user, double kernel) {
  /** Linux counts in these for every program, whatever its timer does. */
  private static final double TICKS_PER_SECOND = 100;

  /** Where utime stands behind the name of the program; stime follows. See proc(5). */
  private static final int USER = 11;

  static CpuTime of(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    // The name, in parentheses, may contain blanks.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return new CpuTime(
        Long.parseLong(fields[USER]) / TICKS_PER_SECOND,
        Long.parseLong(fields[USER + 1]) / TICKS_PER_SECOND);
  }

  CpuTime minus(CpuTime earlier) {
    return new CpuTime(user - earlier.user, kernel - earlier.kernel);
  }

  double total() {
    return user + kernel;
  }
}
