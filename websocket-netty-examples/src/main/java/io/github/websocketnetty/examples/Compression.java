package io.github.websocketnetty.examples;

import io.github.websocketnetty.protocol.DeflateOptions;

/** Whether messages are compressed with peers that can do it. */
enum Compression {
  ON,
  OFF;

  /** Returns what to tell the handshake. */
  DeflateOptions options() {
    return this == ON ? DeflateOptions.defaults() : null;
  }
}
