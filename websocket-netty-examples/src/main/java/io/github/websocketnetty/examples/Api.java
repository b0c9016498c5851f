package io.github.websocketnetty.examples;

/** The interface of the library that the echo server is written with. */
public enum Api {
  /** {@link io.github.websocketnetty.Connection}, which never waits. */
  CONNECTION,
  /** {@link io.github.websocketnetty.BlockingConnection}, on a thread for each connection. */
  BLOCKING,
  /** Netty's frames, in a handler. */
  HANDLER
}
