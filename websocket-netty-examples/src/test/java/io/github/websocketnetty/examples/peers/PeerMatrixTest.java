package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.TextMessage;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.LeakFailure;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same conversation with everybody, in both roles. */
@Timeout(90)
@ExtendWith(LeakFailure.class)
class PeerMatrixTest {
  private static final int MEBIBYTE = 1 << 20;

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

  private URI serve() throws Exception {
    server =
        await(
            WebSocketServer.builder()
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

  @ParameterizedTest
  @EnumSource
  void weServe(Peer peer) throws Exception {
    URI uri = serve();
    try (PeerClient theirs = peer.connect(uri)) {
      assertAnswer(theirs, "text grüß dich 🙂", "text grüß dich 🙂");
      assertAnswer(theirs, "binary 0", "binary 0");
      assertAnswer(theirs, "binary " + MEBIBYTE, "binary " + MEBIBYTE);
      assertAnswer(theirs, "fragments 3", "text part 0 part 1 part 2 ");
      assertAnswer(theirs, "ping", "pong");
      Connection ours = served.poll(10, TimeUnit.SECONDS);
      assertTrue(await(ours.ping()).compareTo(Duration.ZERO) > 0);
      assertAnswer(theirs, "close 4001 bye", "closed 4001 bye");
      assertClosed(ours, 4001, "bye");
    }
    try (PeerClient theirs = peer.connect(uri)) {
      assertAnswer(theirs, "text please close", "closed 4002 server");
      Connection ours = served.poll(10, TimeUnit.SECONDS);
      await(ours.waitClosed());
      assertEquals(4002, ours.closeCode().orElseThrow()); // not all repeat the reason
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"JDK"}) // which is only a client
  void theyServe(Peer peer) throws Exception {
    try (PeerServer theirs = peer.listen()) {
      Connection ours = await(client.connect(theirs.uri()));
      ours.send("grüß dich 🙂");
      assertEquals(TextMessage.of("grüß dich 🙂"), await(ours.recv()));
      byte[] large = PeerClient.pattern(MEBIBYTE);
      ours.send(large);
      assertArrayEquals(large, await(ours.recvBytes()));
      ours.sendText(List.of("part 0 ", "part 1 ", "part 2 "));
      assertEquals("part 0 part 1 part 2 ", await(ours.recvText()));
      assertTrue(await(ours.ping()).compareTo(Duration.ZERO) > 0);
      await(ours.close(4001, "bye"));
      assertClosed(ours, 4001, "bye");
      Connection second = await(client.connect(theirs.uri()));
      second.send("please close");
      assertClosed(second, 4002, "server");
    }
  }
}
