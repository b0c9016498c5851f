package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Automatic pings, seen from the connection, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionKeepaliveTest {
  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionKeepaliveTest(Side side) {
    this.side = side;
    connect(ConnectionOptions.defaults());
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private void connect(ConnectionOptions options) {
    if (peer != null) {
      peer.end();
    }
    peer = new ConnectionFixture(side, options);
    connection = peer.connection;
  }

  private void connect(long intervalSeconds, long timeoutSeconds) {
    connect(
        ConnectionOptions.builder()
            .pingInterval(Duration.ofSeconds(intervalSeconds))
            .pingTimeout(Duration.ofSeconds(timeoutSeconds))
            .build());
  }

  private byte[] takePing() {
    Frame ping = peer.sent();
    assertTrue(ping != null, "no ping was sent");
    assertEquals(Opcode.PING, ping.opcode());
    return ping.payload();
  }

  // KA-01, KA-02, KA-03, PING-11, OPT-10, OPT-12: test_keepalive
  @Test
  void pingsGoOutEveryIntervalAndMeasureTheLatency() {
    assertEquals(Duration.ZERO, connection.latency());
    peer.advance(19_999, TimeUnit.MILLISECONDS);
    peer.assertNothingSent();
    peer.advance(1, TimeUnit.MILLISECONDS);
    byte[] first = takePing();
    assertEquals(4, first.length);
    peer.advance(3, TimeUnit.SECONDS);
    peer.peerSends(peer.pong(first));
    assertEquals(Duration.ofSeconds(3), connection.latency());
    peer.advance(16_999, TimeUnit.MILLISECONDS);
    peer.assertNothingSent();
    peer.advance(1, TimeUnit.MILLISECONDS);
    byte[] second = takePing();
    peer.advance(1, TimeUnit.SECONDS);
    peer.peerSends(peer.pong(second));
    assertEquals(Duration.ofSeconds(1), connection.latency());
  }

  // KA-02
  @Test
  void trafficDoesNotPostponeAPing() {
    peer.advance(19, TimeUnit.SECONDS);
    peer.peerSends(peer.text("traffic"), peer.ping());
    peer.assertSent(true, Opcode.PONG, "");
    peer.advance(1, TimeUnit.SECONDS);
    takePing();
  }

  // KA-03
  @Test
  void afterAPongThatTookLongerThanTheIntervalTheNextPingFollowsAtOnce() {
    connect(1, 5);
    peer.advance(1, TimeUnit.SECONDS);
    byte[] ping = takePing();
    peer.advance(3, TimeUnit.SECONDS);
    peer.assertNothingSent();
    peer.peerSends(peer.pong(ping));
    peer.advance(0, TimeUnit.SECONDS);
    takePing();
  }

  // KA-04
  @Test
  void onePingIsOutAtATimeAndThePongOfALaterOneWillDo() {
    connect(1, 100);
    peer.advance(1, TimeUnit.SECONDS);
    takePing();
    peer.advance(2, TimeUnit.SECONDS);
    peer.assertNothingSent();
    connection.ping(new byte[] {1});
    peer.assertSent(true, Opcode.PING, new byte[] {1});
    peer.peerSends(peer.pong((byte) 1));
    peer.advance(1, TimeUnit.SECONDS);
    takePing();
  }

  // OPT-02, KA-01: test_disable_keepalive
  @Test
  void withoutAnIntervalThereAreNoPings() {
    connect(0, 20);
    peer.advance(1, TimeUnit.DAYS);
    peer.assertNothingSent();
    assertEquals(ConnectionState.OPEN, connection.state());
    connection.ping(new byte[] {1});
    peer.advance(1, TimeUnit.SECONDS);
    peer.peerSends(peer.pong((byte) 1));
    assertEquals(Duration.ofSeconds(1), connection.latency());
  }

  // KA-05: test_keepalive_times_out
  @Test
  void aSilentPeerIsToldAndTheConnectionFails() {
    peer.advance(20, TimeUnit.SECONDS);
    takePing();
    peer.advance(19_999, TimeUnit.MILLISECONDS);
    assertEquals(ConnectionState.OPEN, connection.state());
    peer.advance(1, TimeUnit.MILLISECONDS);
    peer.assertSentClose(1011, "keepalive ping timeout");
    assertEquals(ConnectionState.CLOSED, connection.state());
  }

  // KA-06: nobody waits for the closing handshake of a peer that is gone
  @Test
  void thoseWhoWaitLearnOfASilentPeerWithoutTheCloseTimeout() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(20, TimeUnit.SECONDS);
    Throwable failure = failure(waiting);
    assertInstanceOf(ConnectionClosedErrorException.class, failure);
    assertEquals(
        "sent 1011 (internal error) keepalive ping timeout; no close frame received",
        failure.getMessage());
    assertInstanceOf(TimeoutException.class, failure.getCause());
    assertEquals(OptionalInt.of(1006), connection.closeCode());
    value(connection.waitClosed());
  }

  // KA-07, OPT-03: test_keepalive_ignores_timeout
  @Test
  void withoutATimeoutThePingsGoOnAndTheConnectionStays() {
    connect(20, 0);
    for (int i = 0; i < 100; i++) {
      peer.advance(20, TimeUnit.SECONDS);
      takePing();
    }
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // KA-08: an unanswered ping is forgotten when the next one goes out
  @Test
  void unansweredPingsDoNotPileUp() {
    connect(20, 0);
    peer.advance(20, TimeUnit.SECONDS);
    byte[] first = takePing();
    peer.advance(20, TimeUnit.SECONDS);
    byte[] second = takePing();
    peer.peerSends(peer.pong(first));
    assertEquals(Duration.ZERO, connection.latency()); // nobody waits for it any more
    assertFalse(connection.ping(first).isDone()); // and its payload is free
    peer.advance(1, TimeUnit.SECONDS);
    peer.peerSends(peer.pong(second));
    assertEquals(Duration.ofSeconds(1), connection.latency());
  }

  // KA-09: the time for the pong runs although the ping cannot be flushed
  @Test
  void aPeerThatStoppedReadingIsDetected() {
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[100_000]);
    CompletableFuture<Message> waiting = connection.recv();
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(20, TimeUnit.SECONDS);
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.advance(1, TimeUnit.SECONDS); // for the close frame, which cannot leave either
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertInstanceOf(ConnectionClosedErrorException.class, failure(blocked));
    assertInstanceOf(TimeoutException.class, failure(waiting).getCause());
  }

  // KA-10: whatever arrives is a sign of life
  @Test
  void aPeerThatSendsDataInsteadOfThePongIsAlive() {
    peer.advance(20, TimeUnit.SECONDS);
    byte[] ping = takePing();
    for (int i = 0; i < 10; i++) {
      peer.advance(15, TimeUnit.SECONDS);
      peer.peerSends(peer.text("long"));
      value(connection.recv());
    }
    assertEquals(ConnectionState.OPEN, connection.state());
    peer.peerSends(peer.pong(ping));
    assertEquals(Duration.ofSeconds(150), connection.latency());
  }

  // KA-10, RECV-40: a pong may lie unread behind what the application has not taken
  @Test
  void silenceDoesNotCountWhileOurOwnQueueIsFull() {
    connect(ConnectionOptions.builder().maxQueue(1, 0).build());
    peer.peerSends(peer.text("1"), peer.text("2"));
    assertFalse(peer.channel.config().isAutoRead());
    peer.advance(20, TimeUnit.SECONDS);
    takePing();
    for (int i = 0; i < 10; i++) {
      peer.advance(20, TimeUnit.SECONDS);
    }
    assertEquals(ConnectionState.OPEN, connection.state());
    value(connection.recv());
    value(connection.recv());
    assertTrue(peer.channel.config().isAutoRead());
    peer.advance(20, TimeUnit.SECONDS); // an excuse holds for one more timeout at most
    peer.advance(20, TimeUnit.SECONDS);
    assertEquals(ConnectionState.CLOSED, connection.state());
  }

  // KA-11, CLOSE-29: test_keepalive_terminates_while_sleeping
  @Test
  void nothingIsSentAfterTheEndThatCameBetweenPings() {
    peer.advance(10, TimeUnit.SECONDS);
    peer.tcpIsLost();
    peer.advance(1, TimeUnit.DAYS);
    peer.assertNothingSent();
    assertNoTimerIsLeft();
  }

  // KA-11: test_keepalive_terminates_while_waiting_for_pong
  @Test
  void nothingIsSentAfterTheEndThatCameBeforeThePong() {
    peer.advance(20, TimeUnit.SECONDS);
    takePing();
    peer.tcpIsLost();
    assertEquals(
        "no close frame received or sent",
        assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.recv()))
            .getMessage());
    peer.advance(1, TimeUnit.DAYS);
    peer.assertNothingSent();
    assertNoTimerIsLeft();
  }

  // KA-11, LOG-01: test_keepalive_reports_errors
  @Test
  void anErrorInsideEndsTheKeepaliveAndNotTheConnection() {
    peer.channel.breakConfig(true);
    peer.advance(20, TimeUnit.SECONDS); // logs "keepalive ping failed"
    peer.channel.breakConfig(false);
    peer.advance(1, TimeUnit.DAYS);
    assertEquals(ConnectionState.OPEN, connection.state());
    value(connection.send("still here"));
    peer.assertSent(true, Opcode.TEXT, "still here");
  }

  // KA-12, RECV-34: without pings the close deadline holds all the same
  @Test
  void aReceiveEndsAtTheCloseDeadlineWithoutKeepalive() {
    connect(0, 0);
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(10, TimeUnit.SECONDS);
    assertInstanceOf(ConnectionClosedOkException.class, failure(waiting));
  }

  private void assertNoTimerIsLeft() {
    assertEquals(-1, peer.channel.runScheduledPendingTasks());
  }
}
