package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a server and a client do unless told otherwise, and where users put what is theirs. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class DefaultsTest {
  private static final String USER = "X-User";
  private static final AttributeKey<Player> PLAYER = AttributeKey.valueOf("player");

  private final BlockingQueue<HttpRequest> requests = new LinkedBlockingQueue<>();
  private final WebSocketClient client = WebSocketClient.create();
  private WebSocketServer server;

  @AfterEach
  void close() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  private void start(WebSocketServer.Builder builder) throws Exception {
    server =
        builder
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  private Connection connect() throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + "/");
    return client.connect(uri).get(30, TimeUnit.SECONDS);
  }

  // OPT-34: of connect. There is no proxy unless one is set: nobody is sent through one unasked.
  @Test
  void clientAsksForNothingThatNobodyWanted() throws Exception {
    start(
        WebSocketServer.builder()
            .anyPath(
                connection -> {
                  requests.add(connection.request().orElseThrow());
                  return connection.waitClosed();
                }));
    Connection connection = connect();
    assertEquals(
        List.of(
            "host",
            "upgrade",
            "connection",
            "sec-websocket-key",
            "sec-websocket-version",
            "sec-websocket-extensions",
            "user-agent"),
        requests.poll(30, TimeUnit.SECONDS).headers().entries().stream()
            .map(header -> header.getKey().toLowerCase(Locale.ROOT))
            .collect(Collectors.toList()));
    String extensions =
        connection.request().orElseThrow().headers().get("Sec-WebSocket-Extensions");
    assertEquals("permessage-deflate; client_max_window_bits", extensions);
    assertTrue(connection.subprotocol().isEmpty());
    assertEquals(server.address(), connection.remoteAddress());
    ClientHandshakeOptions options = ClientHandshakeOptions.forUri(URI.create("ws://localhost/"));
    assertEquals(Duration.ofSeconds(10), options.openTimeout());
    assertEquals(10, WebSocketClient.DEFAULT_MAX_REDIRECTS);
    assertEquals(Duration.ofSeconds(10), ReconnectingClient.DEFAULT_LASTING);
  }

  // OPT-34: of serve
  @Test
  void serverLetsEverybodyInAndListensAtOnce() throws Exception {
    start(WebSocketServer.builder().anyPath(connection -> connection.waitClosed()));
    assertTrue(server.isListening());
    try (RawPeer peer = RawPeer.connect(server.address())) {
      peer.write(
          RawPeer.request(
              "/", "Origin: https://anywhere.example\r\n", "Sec-WebSocket-Protocol: chat\r\n"));
      String head = peer.head();
      assertTrue(head.startsWith("HTTP/1.1 101 "), head);
      assertFalse(head.contains("Sec-WebSocket-Protocol"), head);
      assertFalse(head.contains("Sec-WebSocket-Extensions"), head);
    }
    ServerHandshakeOptions options = ServerHandshakeOptions.anyPath();
    assertNull(options.requestHook().process(null));
    assertTrue(options.isAcceptingConnections());
    assertFalse(options.passOtherRequests());
    assertEquals(Duration.ofSeconds(10), options.openTimeout());
  }

  /** State and behaviour of the user's for each connection: around it, not in its place. */
  private static final class Player {
    private final Connection connection;
    private final String name;
    private final AtomicInteger score = new AtomicInteger();

    Player(Connection connection) {
      this.connection = connection;
      name = connection.request().orElseThrow().headers().get(USER);
      connection.channel().attr(PLAYER).set(this);
    }

    CompletionStage<?> play() {
      return connection.forEach(message -> connection.send(name + " " + score.incrementAndGet()));
    }
  }

  // SRV-24: test_custom_connection_factory
  @Test
  void userKeepsStateOfAConnectionAroundIt() throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request -> {
                  request.headers().set(USER, "duke"); // whatever the client said
                  return null;
                })
            .build();
    start(
        WebSocketServer.builder()
            .handshake(handshake)
            .anyPath(connection -> new Player(connection).play()));
    Connection one = connect();
    Connection other = connect();
    for (String expected : List.of("duke 1", "duke 2")) {
      one.send("go");
      assertEquals(expected, one.recvText().get(30, TimeUnit.SECONDS));
    }
    other.send("go");
    assertEquals("duke 1", other.recvText().get(30, TimeUnit.SECONDS));
    assertEquals(
        List.of(1, 2),
        server.connections().stream()
            .map(connection -> connection.channel().attr(PLAYER).get().score.get())
            .sorted()
            .collect(Collectors.toList()));
  }
}
