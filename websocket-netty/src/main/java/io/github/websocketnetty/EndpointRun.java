package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Runs an endpoint and closes its connection in the end, however it ends. */
final class EndpointRun {
  /** Causes may go round in circles. */
  private static final int MAX_DEPTH = 16;

  private EndpointRun() {}

  /**
   * Starts.
   *
   * @return a future that completes when the endpoint is done and its connection closed, and fails
   *     with what the endpoint failed with
   */
  static CompletableFuture<Void> start(Endpoint endpoint, Connection connection) {
    CompletionStage<?> done;
    try {
      done = endpoint.serve(connection);
    } catch (Throwable failure) {
      done = CompletableFuture.failedFuture(failure);
    }
    if (done == null) {
      return connection.close();
    }
    CompletableFuture<Void> over = new CompletableFuture<>();
    done.whenComplete((value, failure) -> end(connection, failure, over));
    return over;
  }

  private static void end(Connection connection, Throwable failure, CompletableFuture<Void> over) {
    if (failure == null || isEndOf(connection, failure)) {
      connection.close().thenRun(() -> over.complete(null));
      return;
    }
    connection.logger().error("connection handler failed", bare(failure));
    connection
        .close(CloseCode.INTERNAL_ERROR, "")
        .thenRun(() -> over.completeExceptionally(bare(failure)));
  }

  /** Stages wrap what was thrown. */
  private static Throwable bare(Throwable failure) {
    boolean isWrapped = failure instanceof CompletionException && failure.getCause() != null;
    return isWrapped ? failure.getCause() : failure;
  }

  /**
   * That its connection is closed is how an endpoint ends, no failure of it, even if the news
   * reached it through a stream or a future. The end of another connection is a failure.
   */
  private static boolean isEndOf(Connection connection, Throwable failure) {
    if (connection.state() != ConnectionState.CLOSED) {
      return false;
    }
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof ConnectionClosedException) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
