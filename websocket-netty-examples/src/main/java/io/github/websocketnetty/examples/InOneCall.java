package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.ReconnectingClient;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.BasicAuthentication;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.netty.handler.ssl.SslContext;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The code of the README: servers and clients with event loops of their own. */
final class InOneCall {
  private InOneCall() {}

  static WebSocketServer serve() {
    WebSocketServer server =
        WebSocketServer.builder()
            .route("/echo", connection -> connection.forEachAsync(connection::send))
            .bind(8080)
            .join();
    return server;
  }

  static String talk(int port) {
    WebSocketClient client = WebSocketClient.create();
    Connection connection = client.connect(URI.create("ws://localhost:" + port + "/echo")).join();
    connection.send("hello, world");
    String answer = connection.recvText().join();
    client.close();
    return answer;
  }

  static CompletableFuture<Connection> print(WebSocketClient client, URI feed, PrintStream out) {
    return client.connect(feed, connection -> connection.forEach(out::println));
  }

  static WebSocketServer serveRooms(SslContext tls, InetSocketAddress address) {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .origin("https://example.com")
            .absentOrigin() // programs that are no browsers
            .processRequest(BasicAuthentication.of("rooms", "duke", "secret"))
            .build();
    return WebSocketServer.builder()
        .tls(tls)
        .handshake(handshake)
        .route(
            "/rooms/{room}",
            (connection, path) -> connection.send("welcome to " + path.get("room")))
        .bind(address)
        .join();
  }

  static ReconnectingClient follow(
      WebSocketClient client, URI feed, PrintStream out, PrintStream err) {
    Endpoint printing =
        connection -> {
          connection.send("subscribe");
          return connection.forEach(out::println);
        };
    return ReconnectingClient.builder(client, feed, printing)
        .listener(
            new ReconnectingClient.Listener() {
              @Override
              public void waiting(int attempt, Throwable cause, Duration delay) {
                err.println(cause.getMessage() + ", trying again in " + delay.toSeconds() + " s");
              }
            })
        .start();
  }
}
