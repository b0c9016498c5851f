package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** Runs an endpoint and closes its connection in the end, however it ends. */
final class EndpointRun {
  private EndpointRun() {}

  /** Runs an endpoint of which nobody waits for the end. */
  static void run(Endpoint endpoint, Connection connection) {
    serve(
        endpoint,
        connection,
        (value, failure) -> close(connection, failureOf(connection, failure)));
  }

  /**
   * Runs an endpoint.
   *
   * @return a future that completes when the endpoint is done and its connection closed, and fails
   *     with what the endpoint failed with
   */
  static CompletableFuture<Void> start(Endpoint endpoint, Connection connection) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    serve(
        endpoint,
        connection,
        (value, failure) -> end(connection, failureOf(connection, failure), over));
    return over;
  }

  private static void serve(
      Endpoint endpoint, Connection connection, BiConsumer<Object, Throwable> ended) {
    try {
      CompletionStage<?> done = endpoint.serve(connection);
      if (done != null) {
        done.whenComplete(ended); // throws if a stage that others have written refuses to tell
        return;
      }
    } catch (Throwable failure) {
      ended.accept(null, failure);
      return;
    }
    ended.accept(null, null);
  }

  private static void end(Connection connection, Throwable failure, CompletableFuture<Void> over) {
    close(connection, failure)
        .thenRun(
            () -> {
              if (failure == null) {
                over.complete(null);
              } else {
                over.completeExceptionally(failure);
              }
            });
  }

  private static CompletableFuture<Void> close(Connection connection, Throwable failure) {
    if (failure == null) {
      return connection.close();
    }
    connection.logger().error("connection handler failed", failure);
    return connection.close(CloseCode.INTERNAL_ERROR, "");
  }

  /** Returns what the endpoint failed with, null if it ended as it should. */
  private static Throwable failureOf(Connection connection, Throwable failure) {
    return failure == null || isEndOf(connection, failure) ? null : bare(failure);
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
    return connection.state() == ConnectionState.CLOSED && ClosedFailure.isCauseOf(failure);
  }
}
