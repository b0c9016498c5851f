package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Runs an endpoint and closes its connection in the end, however it ends. */
final class EndpointRun {
  private EndpointRun() {}

  static void start(Endpoint endpoint, Connection connection) {
    CompletionStage<?> done;
    try {
      done = endpoint.serve(connection);
    } catch (Throwable failure) {
      done = CompletableFuture.failedFuture(failure);
    }
    if (done == null) {
      connection.close();
      return;
    }
    done.whenComplete((value, failure) -> end(connection, failure));
  }

  private static void end(Connection connection, Throwable failure) {
    if (failure == null || isClosed(failure)) {
      connection.close();
      return;
    }
    connection.logger().error("connection handler failed", failure);
    connection.close(CloseCode.INTERNAL_ERROR, "");
  }

  /** That the connection is closed is how an endpoint ends, no failure of it. */
  private static boolean isClosed(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof ConnectionClosedException;
  }
}
