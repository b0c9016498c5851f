package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.TextMessage;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same conversation with everybody, in both roles. */
@Timeout(300)
@ExtendWith(LeakFailure.class)
class PeerMatrixTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final String LONG_TEXT = "grüß dich 🙂, ".repeat(100);

  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
  private final WebSocketClient client = WebSocketClient.create();
  private WebSocketServer server;

  @AfterEach
  void close() throws Exception {
    await(client.close());
    if (server != null) {
      await(server.close());
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return PeerClient.await(future);
  }

  private URI serve(DeflateOptions compression) throws Exception {
    server =
        await(
            WebSocketServer.builder()
                .handshake(ServerHandshakeOptions.builder().compression(compression).build())
                .anyPath(this::echo)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    return URI.create("ws://127.0.0.1:" + server.port() + "/");
  }

  private CompletionStage<?> echo(Connection connection) {
    served.add(connection);
    return connection.forEachAsync(
        message ->
            message.equals(TextMessage.of("please close"))
                ? connection.close(4002, "server")
                : connection.send(message));
  }

  private static void assertAnswer(PeerClient peer, String command, String event) throws Exception {
    peer.tell(command);
    assertEquals(event, peer.next(), command);
  }

  private static void assertClosed(Connection connection, int code, String reason)
      throws Exception {
    await(connection.waitClosed());
    assertEquals(code, connection.closeCode().orElseThrow());
    assertEquals(reason, connection.closeReason().orElseThrow());
  }

  private static void assertCompression(boolean isExpected, Connection connection) {
    HttpHeaders headers = connection.response().orElseThrow().headers();
    assertEquals(isExpected, headers.contains("Sec-WebSocket-Extensions"), headers::toString);
  }

  static Stream<Arguments> clients() {
    return Stream.of(Peer.values())
        .flatMap(
            peer ->
                peer.compresses()
                    ? Stream.of(Arguments.of(peer, false), Arguments.of(peer, true))
                    : Stream.of(Arguments.of(peer, false)));
  }

  static Stream<Arguments> servers() {
    return clients().filter(arguments -> ((Peer) arguments.get()[0]).isServerToo());
  }

  @ParameterizedTest(name = "{0}, compressed: {1}")
  @MethodSource("clients")
  void weServe(Peer peer, boolean compressed) throws Exception {
    URI uri = serve(compressed ? peer.deflate() : null);
    try (PeerClient theirs = peer.connect(uri)) {
      assertAnswer(theirs, "text grüß dich 🙂", "text grüß dich 🙂");
      assertAnswer(theirs, "text " + LONG_TEXT, "text " + LONG_TEXT);
      assertAnswer(theirs, "binary 0", "binary 0");
      assertAnswer(theirs, "binary " + MEBIBYTE, "binary " + MEBIBYTE);
      if (peer.sendsAllFrames()) {
        assertAnswer(theirs, "fragments 3", "text part 0 part 1 part 2 ");
        assertAnswer(theirs, "ping", "pong");
      }
      Connection ours = served.poll(PeerClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertCompression(compressed, ours);
      ours.sendText(List.of(LONG_TEXT, LONG_TEXT, "end"));
      assertEquals("text " + LONG_TEXT + LONG_TEXT + "end", theirs.next());
      assertTrue(await(ours.ping()).compareTo(Duration.ZERO) > 0);
      assertAnswer(theirs, "close 4001 bye", "closed 4001 bye");
      assertClosed(ours, 4001, "bye");
    }
    try (PeerClient theirs = peer.connect(uri)) {
      assertAnswer(theirs, "text please close", "closed 4002 server");
      Connection ours = served.poll(PeerClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
      await(ours.waitClosed());
      assertEquals(4002, ours.closeCode().orElseThrow()); // not all repeat the reason
    }
  }

  @ParameterizedTest(name = "{0}, compressed: {1}")
  @MethodSource("servers")
  void theyServe(Peer peer, boolean compressed) throws Exception {
    try (PeerServer theirs = peer.listen()) {
      ClientHandshakeOptions handshake =
          ClientHandshakeOptions.builder(theirs.uri())
              .compression(compressed ? peer.deflate() : null)
              .build();
      Connection ours = await(client.connect(handshake));
      assertCompression(compressed, ours);
      ours.send("grüß dich 🙂");
      assertEquals(TextMessage.of("grüß dich 🙂"), await(ours.recv()));
      ours.send(LONG_TEXT);
      assertEquals(LONG_TEXT, await(ours.recvText()));
      byte[] large = PeerClient.pattern(MEBIBYTE);
      ours.send(large);
      assertArrayEquals(large, await(ours.recvBytes()));
      ours.sendText(List.of("part 0 ", "part 1 ", "part 2 "));
      assertEquals("part 0 part 1 part 2 ", await(ours.recvText()));
      assertTrue(await(ours.ping()).compareTo(Duration.ZERO) > 0);
      await(ours.close(4001, "bye"));
      assertClosed(ours, 4001, "bye");
      Connection second = await(client.connect(handshake));
      second.send("please close");
      assertClosed(second, 4002, "server");
    }
  }
}
