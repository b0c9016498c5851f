package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Endpoint;
import java.util.concurrent.CompletionStage;

/** Sends every message back, on the event loop; the next when the peer has room for it. */
final class ConnectionEcho implements Endpoint {
  @Override
  public CompletionStage<?> serve(Connection connection) {
    return connection.forEachAsync(connection::send);
  }
}
