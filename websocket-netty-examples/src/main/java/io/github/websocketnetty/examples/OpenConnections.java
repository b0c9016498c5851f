package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.protocol.CloseCode;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Hands connections to an endpoint and knows those that are open, to say goodbye to them. */
final class OpenConnections implements Endpoint {
  private final Endpoint endpoint;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean goingAway;

  OpenConnections(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Override
  public CompletionStage<?> serve(Connection connection) {
    open.add(connection);
    connection.waitClosed().thenRun(() -> open.remove(connection));
    if (goingAway) { // looked at after the connection is in the set, so none is forgotten
      sayGoodbye(connection);
    }
    return endpoint.serve(connection);
  }

  /** Closes every connection, also those to come, with 1001; does not wait for them. */
  void goAway() {
    goingAway = true;
    open.forEach(OpenConnections::sayGoodbye);
  }

  private static void sayGoodbye(Connection connection) {
    connection.close(CloseCode.GOING_AWAY, "");
  }
}
