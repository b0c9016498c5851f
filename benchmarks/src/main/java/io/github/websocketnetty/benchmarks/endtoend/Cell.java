package io.github.websocketnetty.benchmarks.endtoend;

/**
 * One kind of load.
 *
 * @param size bytes of a message
 * @param kind what the messages are made of
 * @param depth messages in flight on each connection
 * @param connections how many there are
 */
record Cell(int size, PayloadKind kind, int depth, int connections) {
  private static final long MOST_IN_FLIGHT = 64 << 20;

  /** Takes fewer connections where they would have more than 64 MiB in flight. */
  static Cell of(int size, PayloadKind kind, int depth, int connections) {
    long most = Math.max(1, MOST_IN_FLIGHT / Math.max(1, (long) size * depth));
    return new Cell(size, kind, depth, (int) Math.min(connections, most));
  }

  @Override
  public String toString() {
    return bytes() + " " + kind + " d" + depth;
  }

  private String bytes() {
    if (size >= 1 << 20 && size % (1 << 20) == 0) {
      return (size >> 20) + " MiB";
    }
    return size >= 1 << 10 && size % (1 << 10) == 0 ? (size >> 10) + " KiB" : size + " B";
  }
}
