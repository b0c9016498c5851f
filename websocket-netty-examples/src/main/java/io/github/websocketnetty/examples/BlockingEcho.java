package io.github.websocketnetty.examples;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.Message;

/** Sends every message back, on a thread that waits for the peer. */
final class BlockingEcho implements Endpoint.BlockingEndpoint {
  @Override
  public void serve(BlockingConnection connection) {
    for (Message message : connection) { // ends when the peer closes normally
      connection.send(message); // waits while the peer is slow
    }
  }
}
