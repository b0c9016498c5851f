package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What a client has opened, or is about to, until it is closed. Thread-safe. */
final class ClientConnections {
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<Connection>> opening = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Takes note of an attempt, which fails if the client is closed meanwhile, or was. */
  void opening(CompletableFuture<Connection> attempt) {
    opening.add(attempt);
    attempt.whenComplete((connection, failure) -> opening.remove(attempt));
    if (closed) { // looked at after it is in the set, so none is forgotten
      giveUp(attempt);
    }
  }

  /** Takes note of a connection. */
  void opened(Connection connection) {
    open.add(connection);
    connection.waitClosed().thenRun(() -> open.remove(connection));
    if (closed) {
      connection.close(CloseCode.GOING_AWAY, "");
    }
  }

  /** Closes all with 1001 and gives up the attempts; completes when all are closed. */
  CompletableFuture<Void> close() {
    closed = true;
    opening.forEach(ClientConnections::giveUp);
    CompletableFuture<?>[] closing =
        open.stream()
            .map(connection -> connection.close(CloseCode.GOING_AWAY, ""))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(closing);
  }

  private static void giveUp(CompletableFuture<Connection> attempt) {
    attempt.completeExceptionally(new IllegalStateException("the client is closed"));
  }
}
