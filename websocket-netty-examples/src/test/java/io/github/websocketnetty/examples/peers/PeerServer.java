package io.github.websocketnetty.examples.peers;

import java.io.IOException;
import java.net.URI;

/**
 * A server of somebody else, which echoes; asked by the text {@code please close} it closes with
 * 4002 and the reason {@code server}.
 *
 * @param uri where it listens
 * @param stop ends it
 */
record PeerServer(URI uri, AutoCloseable stop) implements AutoCloseable {
  static PeerServer onPort(int port, AutoCloseable stop) {
    return new PeerServer(URI.create("ws://127.0.0.1:" + port + "/"), stop);
  }

  @Override
  public void close() throws IOException {
    try {
      stop.close();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
