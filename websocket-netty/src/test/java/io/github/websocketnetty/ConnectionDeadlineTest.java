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

/**
 * Nothing takes longer than it may, whatever the peer does, on both sides. There is no keepalive
 * here, except where it is the subject: nothing but the deadline itself may end a connection.
 */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionDeadlineTest {
  private static final ConnectionOptions.Builder QUIET =
      ConnectionOptions.builder().pingInterval(Duration.ZERO);

  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionDeadlineTest(Side side) {
    this.side = side;
    connect(QUIET.build());
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

  /** Advances to right before the deadline, and to it. */
  private void assertEndsAfterTenSeconds(CompletableFuture<?> future) {
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertFalse(future.isDone(), "ended before the deadline");
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertTrue(future.isDone(), "did not end at the deadline");
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertFalse(peer.channel.isOpen());
  }

  // CLOSE-09, CLOSE-10
  @Test
  void closeEndsIfThePeerIsSilent() {
    CompletableFuture<Void> closed = connection.close();
    assertEndsAfterTenSeconds(closed);
    value(closed);
  }

  // CLOSE-11: the deadline begins with the call and includes flushing
  @Test
  void closeEndsIfThePeerDoesNotRead() {
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[100_000]);
    CompletableFuture<Void> behind = connection.send("behind");
    CompletableFuture<Void> closed = connection.close();
    assertFalse(blocked.isDone());
    assertEndsAfterTenSeconds(closed);
    value(closed);
    // SEND-32: what was not handed to the operating system was not sent
    assertInstanceOf(TimeoutException.class, failure(blocked).getCause());
    assertInstanceOf(TimeoutException.class, failure(behind).getCause());
  }

  // CLOSE-11: what waits is sent before the close frame if the peer reads again
  @Test
  void closeFlushesForAPeerThatReadsAgain() {
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[100_000]);
    CompletableFuture<Void> behind = connection.send("behind");
    connection.close();
    peer.advance(9, TimeUnit.SECONDS);
    peer.peerReadsAgain();
    value(blocked);
    value(behind);
    peer.assertSent(true, Opcode.BINARY, new byte[100_000]);
    peer.assertSent(true, Opcode.TEXT, "behind");
    peer.assertSentClose(1000, "");
  }

  // CLOSE-17, RECV-40: reading goes on, and the peer's close frame is seen at once
  @Test
  void closeTakesOneRoundTripAlthoughTheReceiveQueueIsFull() {
    connect(QUIET.maxQueue(2, 1).build());
    peer.peerSends(peer.text("1"), peer.text("2"), peer.text("3"));
    assertFalse(peer.channel.config().isAutoRead());
    CompletableFuture<Void> closed = connection.close();
    assertTrue(peer.channel.config().isAutoRead());
    peer.assertSentClose(1000, "");
    peer.peerSends(peer.text("beyond"), peer.close(1000, ""));
    peer.tcpIsLost();
    value(closed);
    assertEquals(OptionalInt.of(1000), connection.closeCode());
    assertEquals(TextMessage.of("1"), value(connection.recv()));
    assertEquals(TextMessage.of("2"), value(connection.recv()));
    assertEquals(TextMessage.of("3"), value(connection.recv()));
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  // CLOSE-17
  @Test
  void closeEndsIfTheReceiveQueueIsFullAndThePeerIsSilent() {
    connect(QUIET.maxQueue(0, 0).build());
    peer.peerSends(peer.text("1"));
    assertFalse(peer.channel.config().isAutoRead());
    assertEndsAfterTenSeconds(connection.close());
  }

  // CLOSE-18: the timer does not belong to the caller
  @Test
  void theConnectionEndsAlthoughTheCallerOfCloseGaveUp() {
    CompletableFuture<Message> waiting = connection.recv();
    connection.close().cancel(true);
    peer.assertSentClose(1000, "");
    assertEndsAfterTenSeconds(waiting);
    assertEquals("sent 1000 (OK); no close frame received", failure(waiting).getMessage());
  }

  // CLOSE-18: a later call does not begin the time anew
  @Test
  void theDeadlineIsThatOfTheFirstClose() {
    connection.close().cancel(true);
    peer.advance(6, TimeUnit.SECONDS);
    CompletableFuture<Void> second = connection.close();
    connection.send("late");
    connection.ping();
    peer.advance(3_999, TimeUnit.MILLISECONDS);
    assertFalse(second.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    value(second);
  }

  // CLOSE-09: one deadline for the close frame and for the end of TCP
  @Test
  void thePeersCloseFrameDoesNotProlongTheDeadline() {
    CompletableFuture<Void> closed = connection.close();
    peer.advance(6, TimeUnit.SECONDS);
    peer.peerSends(peer.close(1000, ""));
    peer.advance(3_999, TimeUnit.MILLISECONDS);
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    value(closed);
  }

  // CLOSE-09: nor does data
  @Test
  void aPeerThatGoesOnSendingDoesNotProlongTheDeadline() {
    CompletableFuture<Void> closed = connection.close();
    for (int i = 0; i < 9; i++) {
      peer.advance(1, TimeUnit.SECONDS);
      peer.peerSends(peer.text("more"), peer.ping());
    }
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.SECONDS);
    value(closed);
  }

  // RECV-34: nobody calls anything, and the peer began
  @Test
  void aReceiveEndsIfThePeerClosesAndKeepsTcp() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.close(1000, ""));
    assertEndsAfterTenSeconds(waiting);
    assertInstanceOf(ConnectionClosedOkException.class, failure(waiting));
    assertInstanceOf(TimeoutException.class, failure(waiting).getCause());
  }

  // RECV-34, FAIL-02
  @Test
  void aReceiveEndsIfThePeerBreaksARuleAndKeepsTcp() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.frame(true, Opcode.TEXT, (byte) 0xFF));
    peer.assertSentClose(1007, "invalid start byte at position 0");
    assertEndsAfterTenSeconds(waiting);
    assertEquals(
        "sent 1007 (invalid frame payload data) invalid start byte at position 0; "
            + "no close frame received",
        failure(waiting).getMessage());
  }

  // RECV-34: a reader in the middle of a message
  @Test
  void aReaderEndsIfTheRestOfTheMessageDoesNotCome() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "half"));
    value(reader.next());
    CompletableFuture<Fragment> rest = reader.next();
    connection.close();
    assertEndsAfterTenSeconds(rest);
    assertInstanceOf(ConnectionClosedErrorException.class, failure(rest));
  }

  // CLOSE-40, RECV-34
  @Test
  void waitingForTheEndEndsIfThePeerClosesAndKeepsTcp() {
    CompletableFuture<Void> waiting = connection.waitClosed();
    peer.peerSends(peer.close(1001, ""));
    assertEndsAfterTenSeconds(waiting);
    value(waiting);
  }

  // PING-13, SEND-40
  @Test
  void sendsAndPingsWhileClosingEndAtTheDeadline() {
    connection.close();
    peer.advance(4, TimeUnit.SECONDS);
    CompletableFuture<Void> send = connection.send("late");
    CompletableFuture<Duration> ping = connection.ping();
    peer.advance(6, TimeUnit.SECONDS);
    assertInstanceOf(TimeoutException.class, failure(send).getCause());
    assertInstanceOf(TimeoutException.class, failure(ping).getCause());
  }

  // CLOSE-15, SEND-22, FAIL-02
  @Test
  void aMessageInFragmentsEndsAtTheDeadline() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.write("half");
    connection.close();
    CompletableFuture<Void> rest = writer.write("late");
    assertEndsAfterTenSeconds(rest);
    assertInstanceOf(ConnectionClosedErrorException.class, failure(rest));
  }

  // CLOSE-23: TCP must be over in time, although only our output is left
  @Test
  void theFinOfAPeerThatDoesNotReadIsAsGoodAsAClose() {
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[100_000]);
    peer.peerEndsItsHalf();
    assertEndsAfterTenSeconds(blocked);
    assertInstanceOf(ConnectionClosedErrorException.class, failure(blocked));
  }

  // KA-09: keepalive finds a peer that stopped reading, however much waits for it
  @Test
  void keepaliveFindsAPeerThatStoppedReading() {
    connect(ConnectionOptions.defaults());
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[1_000_000]);
    CompletableFuture<Void> behind = connection.send(new byte[1_000_000]);
    CompletableFuture<Message> waiting = connection.recv();
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(1, TimeUnit.SECONDS);
    String message = "no close frame received or sent"; // ours waited behind the data
    assertInstanceOf(TimeoutException.class, failure(blocked).getCause());
    assertEquals(message, failure(blocked).getMessage());
    assertEquals(message, failure(behind).getMessage());
    assertEquals(message, failure(waiting).getMessage());
  }

  // KA-06: from the death of the network to its discovery, nobody calling anything
  @Test
  void keepaliveFindsADeadPeerWithinIntervalAndTimeout() {
    connect(ConnectionOptions.defaults());
    CompletableFuture<Void> closed = connection.waitClosed();
    peer.advance(20, TimeUnit.SECONDS);
    peer.advance(19_999, TimeUnit.MILLISECONDS);
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    value(closed);
  }
}
