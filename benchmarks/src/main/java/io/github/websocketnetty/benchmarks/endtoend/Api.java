package io.github.websocketnetty.benchmarks.endtoend;

/** The two ways to write an echo with this library. */
enum Api {
  /** Frames in a handler. */
  HANDLER,
  /** Messages of a {@code Connection}, on the event loop. */
  CONNECTION
}
