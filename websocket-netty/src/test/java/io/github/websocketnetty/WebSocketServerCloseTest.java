package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.WireFrame;
import io.netty.handler.codec.http.FullHttpResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a server ends: for those who are connected, those who are about to, and those who wait. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class WebSocketServerCloseTest {
  private static final int THREADS = 4;
  private static final byte[] GOING_AWAY = WireFrame.close(false, 1001, "");

  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> endpointDone = new CompletableFuture<>();
  private final CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
  private final BlockingQueue<String> hooked = new LinkedBlockingQueue<>();
  private WebSocketServer server;

  @AfterEach
  void close() throws Exception {
    endpointDone.complete(null);
    hook.complete(null);
    if (server != null) {
      server.close().get(30, TimeUnit.SECONDS);
    }
  }

  /** Without a timeout, zero, the end comes because of what happens and never because of time. */
  private void start(Duration closeTimeout) throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder()
            .processRequest(
                request -> {
                  if (!request.uri().equals("/hook")) {
                    return null;
                  }
                  hooked.add(request.uri());
                  return hook;
                })
            .build();
    server =
        WebSocketServer.builder()
            .threads(THREADS)
            .handshake(handshake)
            .options(ConnectionOptions.builder().closeTimeout(closeTimeout).build())
            .route(
                "/slow",
                connection -> {
                  served.add(connection);
                  return endpointDone;
                })
            .anyPath(
                connection -> {
                  served.add(connection);
                  return connection.forEachAsync(connection::send);
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  private RawPeer open(String path) throws IOException {
    return RawPeer.open(server.address(), path);
  }

  private static void await(CompletableFuture<?> future) throws Exception {
    future.get(30, TimeUnit.SECONDS);
  }

  private static void sayGoodbye(RawPeer peer, int code) throws IOException {
    peer.write(WireFrame.close(true, code, ""));
    peer.rest();
    peer.close();
  }

  private static void assertDisconnected(RawPeer peer) {
    try {
      assertEquals("", peer.restOfText());
    } catch (IOException reset) {
      assertEquals("Connection reset", reset.getMessage()); // it was not even accepted
    }
  }

  private void assertRefused() {
    assertThrows(IOException.class, () -> RawPeer.connect(server.address()).close());
  }

  /** The listening socket is closed by a thread of its own, and until then accepts in vain. */
  private void awaitRefusal() {
    while (true) {
      try (RawPeer peer = RawPeer.connect(server.address())) {
        assertDisconnected(peer);
      } catch (IOException refused) {
        return;
      }
    }
  }

  // SRV-16: test_close_closes_open_connections, test_close_stops_accepting_connections
  @Test
  void connectionsAreClosedWith1001() throws Exception {
    start(Duration.ZERO);
    try (RawPeer one = open("/");
        RawPeer two = open("/")) {
      CompletableFuture<Void> closed = server.close();
      assertArrayEquals(GOING_AWAY, one.read(GOING_AWAY.length));
      assertArrayEquals(GOING_AWAY, two.read(GOING_AWAY.length));
      assertFalse(server.isListening());
      assertFalse(closed.isDone());
      sayGoodbye(one, 1001);
      sayGoodbye(two, 1001);
      await(closed);
    }
    assertRefused();
    assertEquals(0, server.connections().size());
    ConnectionClosedException ended =
        assertThrows(ConnectionClosedException.class, () -> rethrow(served.remove()));
    assertEquals("sent 1001 (going away); then received 1001 (going away)", ended.getMessage());
  }

  private static void rethrow(Connection connection) throws Throwable {
    throw connection.recv().handle((message, failure) -> failure).get(30, TimeUnit.SECONDS);
  }

  // SRV-16: test_close_closes_open_connections_with_code_and_reason
  @Test
  void codeAndReasonMayBeGiven() throws Exception {
    start(Duration.ZERO);
    try (RawPeer peer = open("/")) {
      server.close(1012, "new version");
      server.close(4000, "too late"); // ignored
      byte[] frame = WireFrame.close(false, 1012, "new version");
      assertArrayEquals(frame, peer.read(frame.length));
    }
  }

  @Test
  void wrongCodeClosesNothing() throws Exception {
    start(Duration.ZERO);
    assertThrows(IllegalArgumentException.class, () -> server.close(1005, "reason"));
    assertThrows(IllegalArgumentException.class, () -> server.close(1006, ""));
    assertTrue(server.isListening());
    try (RawPeer peer = open("/")) {
      sayGoodbye(peer, 1000);
    }
  }

  // SRV-16, HS-37: test_close_rejects_connecting_connections
  @Test
  void handshakeInProgressIsAnsweredWith503() throws Exception {
    start(Duration.ZERO);
    try (RawPeer inHook = RawPeer.connect(server.address());
        RawPeer inRequest = RawPeer.connect(server.address())) {
      inHook.write(RawPeer.request("/hook"));
      assertEquals("/hook", hooked.poll(30, TimeUnit.SECONDS));
      String request = RawPeer.request("/");
      inRequest.write(request.substring(0, 20));
      awaitTwoGuests();
      CompletableFuture<Void> closed = server.close();
      hook.complete(null);
      inRequest.write(request.substring(20));
      for (RawPeer peer : List.of(inHook, inRequest)) {
        String answer = peer.restOfText();
        assertTrue(answer.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), answer);
        assertTrue(answer.endsWith("\r\n\r\nServer is shutting down.\n"), answer);
        peer.close();
      }
      await(closed);
    }
    assertEquals(0, served.size());
  }

  /** Opens and closes a connection, behind which all that was sent before has been read. */
  private void awaitTwoGuests() throws Exception {
    for (int i = 0; i < THREADS; i++) { // on every event loop
      try (RawPeer peer = open("/")) {
        sayGoodbye(peer, 1000);
      }
    }
    served.clear();
  }

  // SRV-17: silent sockets do not delay the end
  @Test
  void clientFromWhomNothingCameIsDisconnectedAtOnce() throws Exception {
    start(Duration.ZERO);
    try (RawPeer silent = RawPeer.connect(server.address())) {
      CompletableFuture<Void> closed = server.close();
      assertDisconnected(silent);
      await(closed);
    }
  }

  // SRV-17: one deadline for all, which begins at once for each
  @Test
  void nobodyIsClosedLaterBecauseOthersAreSlow() throws Exception {
    start(Duration.ZERO);
    List<RawPeer> peers = openFive();
    CompletableFuture<Void> closed = server.close();
    for (RawPeer peer : peers) {
      assertArrayEquals(GOING_AWAY, peer.read(GOING_AWAY.length));
    }
    assertFalse(closed.isDone());
    for (RawPeer peer : peers) {
      sayGoodbye(peer, 1001);
    }
    await(closed);
  }

  private List<RawPeer> openFive() throws IOException {
    List<RawPeer> peers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      peers.add(open("/"));
    }
    return peers;
  }

  // SRV-17
  @Test
  void silentPeersDelayTheEndNoLongerThanTheCloseTimeout() throws Exception {
    start(Duration.ofMillis(200));
    List<RawPeer> peers = openFive();
    try (RawPeer half = RawPeer.connect(server.address())) {
      half.write("GET / HT"); // and never more
      await(server.close());
    }
    for (RawPeer peer : peers) {
      assertArrayEquals(GOING_AWAY, peer.read(GOING_AWAY.length));
      peer.close();
    }
  }

  // SRV-17: a client that stopped reading, with a full buffer
  @Test
  void peerThatDoesNotReadDelaysTheEndByOneCloseTimeout() throws Exception {
    start(Duration.ofSeconds(1));
    try (RawPeer peer = open("/slow")) {
      Connection connection = served.poll(30, TimeUnit.SECONDS);
      for (int i = 0; i < 15; i++) {
        connection.send(new byte[1 << 20]);
      }
      peer.write(WireFrame.text(true, "writing is all I do"));
      endpointDone.complete(null);
      await(server.close());
      assertEquals(1006, connection.closeCode().orElseThrow());
    }
  }

  // SRV-18
  @Test
  void fragmentedMessageEndsWith1011() throws Exception {
    start(Duration.ZERO);
    try (RawPeer peer = open("/slow")) {
      Connection connection = served.poll(30, TimeUnit.SECONDS);
      await(connection.sendStreaming(MessageType.TEXT).write("be"));
      byte[] begun = WireFrame.of(false, 0, 1, false, new byte[] {'b', 'e'});
      assertArrayEquals(begun, peer.read(begun.length));
      server.close();
      byte[] close = WireFrame.close(false, 1011, "close during fragmented message");
      assertArrayEquals(close, peer.read(close.length));
      endpointDone.complete(null);
    }
  }

  // SRV-19: test_close_keeps_connections_open
  @Test
  void connectionsMayBeKept() throws Exception {
    start(Duration.ZERO);
    try (RawPeer peer = open("/");
        RawPeer silent = RawPeer.connect(server.address())) {
      CompletableFuture<Void> closed = server.stopListening();
      assertDisconnected(silent);
      awaitRefusal();
      assertFalse(server.isListening());
      peer.write(WireFrame.text(true, "still here"));
      byte[] echo = WireFrame.text(false, "still here");
      assertArrayEquals(echo, peer.read(echo.length));
      assertEquals(1, server.connections().size());
      assertFalse(closed.isDone());
      sayGoodbye(peer, 1000);
      await(closed);
    }
  }

  @Test
  void connectionsThatWereKeptMayBeClosedAfterAll() throws Exception {
    start(Duration.ZERO);
    try (RawPeer peer = open("/")) {
      CompletableFuture<Void> closed = server.stopListening();
      server.close();
      assertArrayEquals(GOING_AWAY, peer.read(GOING_AWAY.length));
      sayGoodbye(peer, 1001);
      await(closed);
    }
  }

  // SRV-13, SRV-20: test_close_keeps_handlers_running, test_wait_closed
  @Test
  void endpointsAreWaitedForAndNotInterrupted() throws Exception {
    start(Duration.ZERO);
    try (RawPeer peer = open("/slow")) {
      CompletableFuture<Void> closed = server.close();
      Connection connection = served.poll(30, TimeUnit.SECONDS);
      sayGoodbye(peer, 1001);
      await(connection.waitClosed());
      assertFalse(endpointDone.isDone());
      assertFalse(closed.isDone());
      endpointDone.complete(null);
      await(closed);
    }
  }

  // SRV-20, SRV-21: waiting for the end neither closes nor can it be faked
  @Test
  void waitingDoesNotClose() throws Exception {
    start(Duration.ZERO);
    CompletableFuture<Void> waiting = server.waitClosed();
    waiting.cancel(true);
    server.waitClosed().complete(null);
    assertTrue(server.isListening());
    assertFalse(server.waitClosed().isDone());
    CompletableFuture<Void> end = server.waitClosed();
    server.close();
    await(end);
  }
}
