package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.ConnectionOptions.Builder;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What each option is by default, what it does, and which values it refuses. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionOptionsTest {
  private static final Duration NONE = Duration.ZERO;

  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionOptionsTest(Side side) {
    this.side = side;
    open(options -> options);
  }

  private void open(UnaryOperator<Builder> change) {
    if (peer != null) {
      peer.end();
    }
    peer = new ConnectionFixture(side, change.apply(ConnectionOptions.builder()).build());
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private static void assertRefused(String message, UnaryOperator<Builder> change) {
    Builder builder = ConnectionOptions.builder();
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> change.apply(builder)).getMessage());
  }

  private void assertKeepalivePing() {
    RecordedFrames.Frame ping = peer.sent();
    assertTrue(ping != null, "no ping was sent");
    assertEquals(Opcode.PING, ping.opcode());
  }

  // OPT-02..OPT-06, OPT-08, OPT-23
  @Test
  void theDefaultsAreAsDocumented() {
    ConnectionOptions options = ConnectionOptions.defaults();
    assertEquals(Duration.ofSeconds(20), options.pingInterval());
    assertEquals(Duration.ofSeconds(20), options.pingTimeout());
    assertEquals(Duration.ofSeconds(10), options.closeTimeout());
    assertEquals(16, options.maxQueueHigh());
    assertEquals(4, options.maxQueueLow());
    assertEquals(32_768, options.writeLimitHigh());
    assertEquals(8_192, options.writeLimitLow());
    assertEquals(16 << 20, options.maxQueueBytes());
    assertEquals(16 << 20, options.maxPendingSendBytes());
    assertEquals(1 << 20, options.limits().maxMessageSize());
  }

  // OPT-02: test_keepalive
  @Test
  void aPingIsSentEachInterval() {
    peer.advance(19_999, TimeUnit.MILLISECONDS);
    peer.assertNothingSent();
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertKeepalivePing();
    peer.assertNothingSent();
  }

  // OPT-02: test_disable_keepalive
  @Test
  void withoutAnIntervalNoPingIsSentAndOnlyYoursMeasureTheLatency() {
    open(options -> options.pingInterval(NONE));
    peer.advance(1, TimeUnit.HOURS);
    peer.assertNothingSent();
    assertEquals(NONE, connection.latency());
    CompletableFuture<Duration> latency = connection.ping(new byte[] {1});
    peer.advance(5, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong((byte) 1));
    assertEquals(Duration.ofMillis(5), value(latency));
    assertEquals(Duration.ofMillis(5), connection.latency());
  }

  // OPT-03
  @Test
  void aPeerThatIsSilentForTheTimeoutIsGivenUp() {
    peer.advance(20, TimeUnit.SECONDS);
    assertKeepalivePing();
    peer.advance(20, TimeUnit.SECONDS);
    peer.assertSentClose(1011, "keepalive ping timeout");
  }

  // OPT-03: test_keepalive_ignores_timeout
  @Test
  void withoutATimeoutPingsGoOnWhateverThePeerDoes() {
    open(options -> options.pingTimeout(NONE));
    for (int i = 0; i < 100; i++) {
      peer.advance(20, TimeUnit.SECONDS);
      assertKeepalivePing();
    }
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // OPT-04: test_close_timeout
  @Test
  void closingTakesNoLongerThanTheTimeout() {
    open(options -> options.closeTimeout(Duration.ofMillis(300)));
    CompletableFuture<Void> closed = connection.close();
    peer.advance(299, TimeUnit.MILLISECONDS);
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    value(closed);
    assertEquals(1006, connection.closeCode().orElseThrow());
  }

  // OPT-04: test_close_no_timeout_waits_for_close_frame
  @Test
  void withoutATimeoutClosingWaitsForTheCloseFrameForEver() {
    open(options -> options.closeTimeout(NONE).pingInterval(NONE));
    CompletableFuture<Void> closed = connection.close();
    peer.advance(1, TimeUnit.DAYS);
    assertFalse(closed.isDone());
    peer.peerCloses(1000, "");
    value(closed);
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  // OPT-04: test_close_no_timeout_waits_for_connection_closed
  @Test
  void withoutATimeoutClosingWaitsForTheEndOfTcpForEver() {
    open(options -> options.closeTimeout(NONE).pingInterval(NONE));
    CompletableFuture<Void> closed = connection.close();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(1, TimeUnit.DAYS);
    assertFalse(closed.isDone());
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.tcpIsLost();
    value(closed);
  }

  // OPT-05: test_max_queue; OPT-06: test_set_high_water_mark
  @Test
  void theLowMarkIsAQuarterOfTheHighOne() {
    ConnectionOptions options = ConnectionOptions.builder().maxQueue(10).writeLimit(7).build();
    assertEquals(10, options.maxQueueHigh());
    assertEquals(2, options.maxQueueLow());
    assertEquals(7, options.writeLimitHigh());
    assertEquals(1, options.writeLimitLow());
  }

  // OPT-05: test_max_queue_tuple; OPT-06: test_set_high_and_low_water_marks
  @Test
  void bothMarksOfTheQueueMayBeGiven() {
    open(options -> options.maxQueue(3, 2));
    peer.peerSends(peer.text("0"), peer.text("1"), peer.text("2"));
    assertTrue(peer.channel.config().isAutoRead());
    peer.peerSends(peer.text("3"));
    assertFalse(peer.channel.config().isAutoRead());
    value(connection.recv());
    assertFalse(peer.channel.config().isAutoRead());
    value(connection.recv());
    assertTrue(peer.channel.config().isAutoRead());
  }

  // OPT-05: test_max_queue_none; OPT-06: test_unset_high_and_low_water_marks: numbers have no
  // "none", the largest one says the same
  @Test
  void theLargestQueueIsNoLimit() {
    ConnectionOptions options = ConnectionOptions.builder().maxQueue(Integer.MAX_VALUE).build();
    assertEquals(Integer.MAX_VALUE, options.maxQueueHigh());
  }

  // OPT-06: test_set_low_water_mark: there is no high mark that is derived from the low one
  @Test
  void zeroIsALegalMark() {
    ConnectionOptions options = ConnectionOptions.builder().maxQueue(0).writeLimit(0).build();
    assertEquals(0, options.maxQueueHigh());
    assertEquals(0, options.maxQueueLow());
    assertEquals(0, options.writeLimitHigh());
    assertEquals(0, options.writeLimitLow());
  }

  // OPT-07: test_set_invalid_low_water_mark
  @Test
  void aNegativeMarkOfTheQueueIsRefusedWhereItIsGiven() {
    String negative = "maxQueue: low is -1, must be positive or equal to zero";
    assertRefused(negative, options -> options.maxQueue(-1));
    assertRefused(negative, options -> options.maxQueue(1, -1));
  }

  // OPT-07: test_set_invalid_high_water_mark
  @Test
  void aHighMarkBelowTheLowOneIsRefused() {
    assertRefused(
        "maxQueue: high is 3, must be greater than or equal to low 4",
        options -> options.maxQueue(3, 4));
  }

  // OPT-08
  @Test
  void wrongWriteLimitsAreRefusedWhereTheyAreGiven() {
    assertRefused(
        "writeLimit: low is -1, must be positive or equal to zero",
        options -> options.writeLimit(-1));
    assertRefused(
        "writeLimit: high is 3, must be greater than or equal to low 4",
        options -> options.writeLimit(3, 4));
    assertRefused(
        "maxPendingSendBytes is -1, must not be negative",
        options -> options.maxPendingSendBytes(-1));
    assertRefused(
        "maxQueueBytes is -1, must not be negative", options -> options.maxQueueBytes(-1));
  }

  // OPT-08: test_write_limit, test_write_limits: the largest marks are accepted by the channel
  @Test
  void theLargestWriteLimitIsUsable() {
    open(options -> options.writeLimit(Integer.MAX_VALUE, Integer.MAX_VALUE));
    peer.peerStopsReading();
    value(connection.send(new byte[100_000]));
    open(options -> options.writeLimit(1));
    value(connection.send("a"));
    value(connection.send("b"));
    peer.assertSent(true, Opcode.TEXT, "a");
    peer.assertSent(true, Opcode.TEXT, "b");
  }

  // OPT-09
  @Test
  void negativeTimesAreRefused() {
    Duration negative = Duration.ofNanos(-1);
    for (UnaryOperator<Builder> change :
        List.<UnaryOperator<Builder>>of(
            options -> options.pingInterval(negative),
            options -> options.pingTimeout(negative),
            options -> options.closeTimeout(negative))) {
      Builder builder = ConnectionOptions.builder();
      assertThrows(IllegalArgumentException.class, () -> change.apply(builder));
    }
  }

  // OPT-09: zero switches a time off; it neither pings without pause nor aborts at once
  @Test
  void zeroSwitchesATimeOff() {
    open(options -> options.pingInterval(NONE).pingTimeout(NONE).closeTimeout(NONE));
    CompletableFuture<Void> closed = connection.close();
    peer.advance(1, TimeUnit.HOURS);
    assertFalse(closed.isDone());
    peer.peerCloses(1000, "");
    assertEquals(1000, connection.closeCode().orElseThrow());
  }

  // OPT-12: test_keepalive*, test_close_no_timeout_* set theirs late; here options do not change,
  // so a connection keeps those it began with
  @Test
  void aBuilderThatGoesOnDoesNotChangeOptionsThatWereMade() {
    Builder builder = ConnectionOptions.builder().closeTimeout(Duration.ofSeconds(1));
    ConnectionOptions options = builder.build();
    builder.closeTimeout(Duration.ofSeconds(2)).maxQueue(1);
    ConnectionOptions changed = options.toBuilder().pingInterval(NONE).build();
    assertEquals(Duration.ofSeconds(1), options.closeTimeout());
    assertEquals(16, options.maxQueueHigh());
    assertEquals(Duration.ofSeconds(20), options.pingInterval());
    assertEquals(Duration.ofSeconds(1), changed.closeTimeout());
    assertEquals(NONE, changed.pingInterval());
  }
}
