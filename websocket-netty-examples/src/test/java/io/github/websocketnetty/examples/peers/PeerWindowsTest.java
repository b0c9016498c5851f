package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.LeakFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers that ask for smaller windows, and decompress with them. */
@Timeout(120)
@ExtendWith(LeakFailure.class)
class PeerWindowsTest {
  /** Who asks. */
  enum Script {
    PYTHON_WEBSOCKETS,
    NODE_WS;

    private ScriptPeer peer() throws Exception {
      return this == PYTHON_WEBSOCKETS ? Peer.python() : Peer.node();
    }
  }

  private static String text(int number) {
    int length = 100 + number * 37 % 3000;
    return ("{\"number\": " + number + ", \"grüße\": \"" + number * 7919L + "\"} ")
        .repeat(length / 30);
  }

  private static void assertAgreed(int serverBits, int clientBits, Connection connection) {
    String header = connection.response().orElseThrow().headers().get("Sec-WebSocket-Extensions");
    assertEquals(
        Set.of(
            "permessage-deflate",
            "server_max_window_bits=" + serverBits,
            "client_max_window_bits=" + clientBits),
        Set.of(header.split("; ")));
  }

  // DEFL-24, DEFL-30: zlib cannot compress with 8, so no client is asked to
  @ParameterizedTest
  @CsvSource({
    "PYTHON_WEBSOCKETS, 8, 9",
    "PYTHON_WEBSOCKETS, 9, 12",
    "PYTHON_WEBSOCKETS, 12, 15",
    "PYTHON_WEBSOCKETS, 15, 10",
    "NODE_WS, 8, 9",
    "NODE_WS, 9, 12",
    "NODE_WS, 12, 15",
    "NODE_WS, 14, 10",
  })
  void clientGetsTheWindowsItAsksFor(Script script, int serverBits, int clientBits)
      throws Exception {
    BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
    WebSocketServer server =
        PeerClient.await(
            WebSocketServer.builder()
                .anyPath(
                    connection -> {
                      served.add(connection);
                      return connection.forEachAsync(connection::send);
                    })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + "/");
    try (PeerClient theirs = script.peer().client(uri, serverBits, clientBits)) {
      for (int i = 0; i < 60; i++) {
        theirs.tell("text " + text(i));
        assertEquals("text " + text(i), theirs.next());
      }
      theirs.tell("binary 100000");
      assertEquals("binary 100000", theirs.next());
      Connection ours = served.poll(PeerClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertAgreed(serverBits, clientBits, ours);
      theirs.tell("close 4001 bye");
      assertEquals("closed 4001 bye", theirs.next());
    } finally {
      PeerClient.await(server.close());
    }
  }

  // DEFL-05, DEFL-24
  @ParameterizedTest
  @CsvSource({
    "PYTHON_WEBSOCKETS, 9, 8",
    "PYTHON_WEBSOCKETS, 12, 9",
    "PYTHON_WEBSOCKETS, 15, 12",
    "PYTHON_WEBSOCKETS, 10, 15",
    "NODE_WS, 9, 8",
    "NODE_WS, 12, 9",
    "NODE_WS, 15, 12",
    "NODE_WS, 10, 14",
  })
  void serverGetsTheWindowsItAsksFor(Script script, int serverBits, int clientBits)
      throws Exception {
    WebSocketClient client = WebSocketClient.create();
    try (PeerServer theirs = script.peer().server(serverBits, clientBits)) {
      Connection ours = PeerClient.await(client.connect(theirs.uri()));
      assertAgreed(serverBits, clientBits, ours);
      for (int i = 0; i < 60; i++) {
        ours.send(text(i));
        assertEquals(text(i), PeerClient.await(ours.recvText()));
      }
      PeerClient.await(ours.close());
      assertEquals(1000, ours.closeCode().orElseThrow());
    } finally {
      PeerClient.await(client.close());
    }
  }
}
