package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** Opens client connections and waits for them, for programs that can do nothing without. */
final class Connector implements AutoCloseable {
  private final WebSocketClient client;

  Connector(ConnectionOptions options) {
    client = WebSocketClient.builder().options(options).build();
  }

  /**
   * Waits until a connection is open.
   *
   * @throws IOException if there is no connection or the server refuses; its cause says why
   */
  Connection connect(URI uri, Compression compression) throws IOException, InterruptedException {
    return await(() -> client.connect(handshake(uri, compression)));
  }

  /**
   * Waits until a connection is open, which the endpoint uses from its first frame on.
   *
   * @throws IOException if there is no connection or the server refuses; its cause says why
   */
  Connection connect(URI uri, Compression compression, Endpoint endpoint)
      throws IOException, InterruptedException {
    return await(() -> client.connect(handshake(uri, compression), endpoint));
  }

  private static ClientHandshakeOptions handshake(URI uri, Compression compression) {
    return ClientHandshakeOptions.builder(uri).compression(compression.options()).build();
  }

  private static Connection await(Supplier<CompletableFuture<Connection>> connect)
      throws IOException, InterruptedException {
    try {
      return connect.get().get();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new IOException(Programs.explain(e.getCause()), e.getCause());
    }
  }

  @Override
  public void close() {
    client.close().join();
  }
}
