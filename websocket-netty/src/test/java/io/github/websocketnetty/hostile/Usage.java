package io.github.websocketnetty.hostile;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a process uses. Sizes are in bytes.
 *
 * @param heap alive after a collection
 * @param direct of buffers outside the heap, idle ones included
 * @param rss resident, whatever it is for
 * @param files open descriptors
 * @param connections open WebSocket connections
 * @param leaks buffers that were collected and not released, as far as they were watched
 */
record Usage(
    long heap, long direct, long rss, long files, long threads, long connections, long leaks) {
  private static final double MIB = 1 << 20;

  /** Reads a line as the server writes it. */
  static Usage parse(String line) {
    Map<String, Long> values =
        Arrays.stream(line.split(" "))
            .skip(1)
            .map(pair -> pair.split("="))
            .collect(Collectors.toMap(pair -> pair[0], pair -> Long.valueOf(pair[1])));
    return new Usage(
        values.get("heap"),
        values.get("direct"),
        values.get("rss"),
        values.get("files"),
        values.get("threads"),
        values.get("connections"),
        values.get("leaks"));
  }

  @Override
  public String toString() {
    return "heap %.1f MiB, direct %.1f MiB, rss %.1f MiB, %d files, %d threads, %d connections"
        .formatted(heap / MIB, direct / MIB, rss / MIB, files, threads, connections);
  }
}
