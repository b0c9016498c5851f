package io.github.websocketnetty;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * What an application does with a connection. One instance serves all connections of its path.
 *
 * <p>When the stage it returned completes, the connection is closed with 1000; when it fails, or
 * {@link #serve} throws, with 1011, and the failure is logged at ERROR, once, with its stack trace
 * and the connection's identifier. A failure because the connection is closed is none. The failure
 * of a loop, such as {@link Connection#forEach}, whose future the endpoint neither returns nor
 * uses, ends the connection the same way.
 *
 * <p>State and methods of your own for each connection belong into an object that you make here and
 * that holds the connection. {@code connection.channel().attr(key)} leads from a connection to it;
 * what a hook of the opening handshake knows, such as who the client is, it puts into the headers
 * of the request, which are those of {@link Connection#request}.
 */
@FunctionalInterface
public interface Endpoint {
  /**
   * Serves a connection that was just opened.
   *
   * @param connection open; called on its event loop, so this must not block
   * @return a stage that completes when the application is done; null means at once
   */
  CompletionStage<?> serve(Connection connection);

  /**
   * Returns an endpoint that runs on a thread of its own and may wait.
   *
   * <p>The event loop reads on meanwhile. If a violation of the protocol or the peer's close frame
   * is right behind a message, the connection may be closing before that thread has answered the
   * message: all messages before are received, but an answer that comes too late throws {@link
   * ConnectionClosedException}.
   *
   * @param executor runs {@code endpoint}, one task for each connection: a pool without a queue, or
   *     virtual threads
   * @param endpoint closes with 1000 when it returns, with 1011 when it throws
   */
  static Endpoint blocking(Executor executor, BlockingEndpoint endpoint) {
    Objects.requireNonNull(executor, "executor");
    Objects.requireNonNull(endpoint, "endpoint");
    return connection ->
        CompletableFuture.runAsync(
            () -> {
              try {
                endpoint.serve(connection.blocking());
              } catch (RuntimeException e) {
                throw e;
              } catch (Exception e) {
                throw new CompletionException(e);
              }
            },
            executor);
  }

  /** What an application does with a connection on a thread that may wait. */
  @FunctionalInterface
  interface BlockingEndpoint {
    /**
     * Serves a connection that was just opened.
     *
     * @throws Exception any; the connection is closed with 1011
     */
    void serve(BlockingConnection connection) throws Exception;
  }
}
