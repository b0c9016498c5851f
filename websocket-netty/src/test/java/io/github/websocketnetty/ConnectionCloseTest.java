package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing from either end, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionCloseTest {
  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionCloseTest(Side side) {
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

  private void connectWithCloseTimeout(Duration timeout) {
    connect(ConnectionOptions.builder().closeTimeout(timeout).pingInterval(Duration.ZERO).build());
  }

  /** Beyond what was looked at; bytes, since behind a close frame there should be no frames. */
  private void assertNoBytesSent() {
    peer.run();
    for (ByteBuf part; (part = peer.channel.readOutbound()) != null; part.release()) {
      assertFalse(part.isReadable(), "more was sent");
    }
  }

  // CLOSE-01, CLOSE-02, OPT-10: test_close, test_state
  @Test
  void closeSendsACloseFrameAndEndsWithTcp() {
    assertEquals(ConnectionState.OPEN, connection.state());
    CompletableFuture<Void> closed = connection.close();
    peer.assertSentClose(1000, "");
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.peerCloses(1000, "");
    assertEquals(ConnectionState.CLOSED, connection.state());
    value(closed);
    assertNoBytesSent();
  }

  // CLOSE-02, CLOSE-36: test_close_explicit_code_reason, test_close_code, test_close_reason
  @Test
  void closeSendsTheCodeAndTheReasonThatWereGiven() {
    connection.close(4001, "tschüß");
    peer.assertSentClose(4001, "tschüß");
    assertEquals(OptionalInt.empty(), connection.closeCode());
    assertEquals(Optional.empty(), connection.closeReason());
    peer.peerSends(peer.close(4002, "bye"));
    assertEquals(OptionalInt.empty(), connection.closeCode()); // not before CLOSED
    assertEquals(Optional.empty(), connection.closeReason());
    peer.tcpIsLost();
    assertEquals(OptionalInt.of(4002), connection.closeCode());
    assertEquals(Optional.of("bye"), connection.closeReason());
  }

  // CLOSE-02, CLOSE-31: test_close_waits_for_close_frame
  @Test
  void closeWaitsForThePeersCloseFrame() {
    CompletableFuture<Void> closed = connection.close();
    peer.assertSentClose(1000, "");
    peer.advance(9, TimeUnit.SECONDS);
    assertFalse(closed.isDone());
    peer.peerSends(peer.close(1000, ""));
    peer.tcpIsLost();
    value(closed);
    assertNoBytesSent(); // the peer's frame is the answer, and is not answered
  }

  // CLOSE-02, CLOSE-13: test_close_waits_for_connection_closed
  @Test
  void closeWaitsForTheEndOfTcp() {
    CompletableFuture<Void> closed = connection.close();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(9, TimeUnit.SECONDS);
    assertFalse(closed.isDone());
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.tcpIsLost();
    value(closed);
  }

  // CLOSE-03, CLOSE-32
  @Test
  void aCloseFrameMayBeEmpty() {
    connection.close(1005, "");
    peer.assertSent(true, Opcode.CLOSE, "");
    peer.peerSends(peer.emptyClose());
    peer.tcpIsLost();
    assertEquals(OptionalInt.of(1005), connection.closeCode());
    assertEquals(Optional.of(""), connection.closeReason());
  }

  // CLOSE-03
  @Test
  void aReasonWithoutACodeIsRefused() {
    assertRefused(() -> connection.close(1005, "why"), "without a code");
  }

  // CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1006, 1015, 1016, 2999, 5000, 65_536})
  void aCodeThatMayNotBeSentIsRefused(int code) {
    assertRefused(() -> connection.close(code, ""), "invalid status code: " + code);
  }

  // CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {1000, 1003, 1007, 1014, 3000, 4999})
  void aCodeThatMayBeSentIsSent(int code) {
    connection.close(code, "");
    peer.assertSentClose(code, "");
  }

  // CLOSE-05
  @Test
  void aReasonThatIsTooLongIsRefusedAndNotCut() {
    assertRefused(() -> connection.close(1000, "ü".repeat(62)), "124 bytes, at most 123");
    connection.close(1000, "x".repeat(123));
    peer.assertSentClose(1000, "x".repeat(123));
  }

  // CLOSE-05, SEND-04
  @Test
  void aReasonThatCannotBeEncodedIsRefused() {
    assertRefused(() -> connection.close(1000, "\uD83D"), "unpaired surrogate");
  }

  private void assertRefused(Supplier<?> close, String part) {
    String message = assertThrows(IllegalArgumentException.class, close::get).getMessage();
    assertTrue(message.contains(part), message);
    peer.assertNothingSent();
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // CLOSE-06: test_close_idempotency
  @Test
  void closingAgainSendsNothingAndEndsWithTheFirst() {
    CompletableFuture<Void> first = connection.close(4000, "first");
    CompletableFuture<Void> second = connection.close(4001, "second"); // CLOSE-07
    peer.assertSentClose(4000, "first");
    assertFalse(second.isDone());
    peer.peerCloses(4000, "first");
    value(first);
    value(second);
    value(connection.close());
    assertNoBytesSent();
    assertEquals(
        "sent 4000 (private use) first; then received 4000 (private use) first",
        failure(connection.recv()).getMessage());
  }

  // CLOSE-06
  @Test
  void closingWhileThePeerClosesWaitsForTheEnd() {
    peer.peerSends(peer.close(1001, ""));
    peer.assertSentClose(1001, "");
    CompletableFuture<Void> closed = connection.close(4000, "late");
    assertFalse(closed.isDone());
    peer.tcpIsLost();
    value(closed);
    assertNoBytesSent();
  }

  // CLOSE-08
  @Test
  void whenBothCloseAtOnceEachTakesTheOthersFrameForTheAnswer() {
    connection.close(1001, "ours");
    peer.peerCloses(1000, "theirs");
    peer.assertSentClose(1001, "ours");
    assertNoBytesSent();
    assertEquals(
        "sent 1001 (going away) ours; then received 1000 (OK) theirs",
        failure(connection.recv()).getMessage());
  }

  // CLOSE-09, CLOSE-10, OPT-04: test_close_timeout
  @Test
  void theTimeForClosingCanBeChosen() {
    connectWithCloseTimeout(Duration.ofMillis(300));
    CompletableFuture<Void> closed = connection.close();
    peer.advance(299, TimeUnit.MILLISECONDS);
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    value(closed);
    assertEquals(ConnectionState.CLOSED, connection.state());
  }

  // CLOSE-09, CLOSE-12, RECV-35: test_close_timeout_waiting_for_close_frame
  @Test
  void withoutThePeersCloseFrameTheEndIsAbnormal() {
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<Void> closed = connection.close();
    peer.advance(10, TimeUnit.SECONDS);
    value(closed);
    Throwable failure = failure(waiting);
    assertInstanceOf(ConnectionClosedErrorException.class, failure);
    assertEquals("sent 1000 (OK); no close frame received", failure.getMessage());
    assertTimedOut(failure);
    assertEquals(OptionalInt.of(1006), connection.closeCode());
    assertEquals(Optional.of(""), connection.closeReason());
  }

  // CLOSE-09, CLOSE-13, RECV-35: test_close_timeout_waiting_for_connection_closed
  @Test
  void withThePeersCloseFrameTheEndIsCleanAlthoughTcpStayed() {
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<Void> closed = connection.close();
    peer.advance(6, TimeUnit.SECONDS);
    peer.peerSends(peer.close(1000, ""));
    peer.advance(3_999, TimeUnit.MILLISECONDS);
    assertFalse(closed.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS); // one deadline for both steps
    value(closed);
    Throwable failure = failure(waiting);
    assertInstanceOf(ConnectionClosedOkException.class, failure);
    assertEquals("sent 1000 (OK); then received 1000 (OK)", failure.getMessage());
    assertTimedOut(failure);
    assertEquals(OptionalInt.of(1000), connection.closeCode());
  }

  private static void assertTimedOut(Throwable failure) {
    assertEquals(
        "timed out while closing connection",
        assertInstanceOf(TimeoutException.class, failure.getCause()).getMessage());
  }

  // CLOSE-14, OPT-04, OPT-12: test_close_no_timeout_waits_for_close_frame
  @Test
  void withoutATimeoutClosingWaitsForTheCloseFrame() {
    connectWithCloseTimeout(Duration.ZERO);
    CompletableFuture<Void> closed = connection.close();
    peer.advance(100, TimeUnit.DAYS);
    assertFalse(closed.isDone());
    peer.peerCloses(1000, "");
    value(closed);
  }

  // CLOSE-14, OPT-04, OPT-12: test_close_no_timeout_waits_for_connection_closed
  @Test
  void withoutATimeoutClosingWaitsForTheEndOfTcp() {
    connectWithCloseTimeout(Duration.ZERO);
    CompletableFuture<Void> closed = connection.close();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(100, TimeUnit.DAYS);
    assertFalse(closed.isDone());
    peer.tcpIsLost();
    value(closed);
  }

  // CLOSE-15, SEND-22: test_close_during_send
  @Test
  void closingInsideAMessageInFragmentsFailsTheConnection() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.write("half");
    peer.assertSent(false, Opcode.TEXT, "half");
    CompletableFuture<Void> closed = connection.close(4000, "ignored");
    peer.assertSentClose(1011, "close during fragmented message");
    CompletableFuture<Void> rest = writer.finish();
    assertFalse(closed.isDone());
    peer.tcpIsLost();
    value(closed);
    Throwable failure = failure(rest);
    assertInstanceOf(ConnectionClosedErrorException.class, failure);
    assertEquals(
        "sent 1011 (internal error) close during fragmented message; no close frame received",
        failure.getMessage());
    assertNoBytesSent();
  }

  // CLOSE-16, RECV-30: test_close_preserves_queued_messages
  @Test
  void messagesThatArrivedStayReadableBehindTheClose() {
    peer.peerSends(peer.text("1"), peer.binary((byte) 2));
    connection.close();
    peer.peerSends(peer.text("3")); // RECV-33
    peer.peerCloses(1000, "");
    assertEquals(TextMessage.of("1"), value(connection.recv()));
    assertEquals(BinaryMessage.of(new byte[] {2}), value(connection.recv()));
    assertEquals(TextMessage.of("3"), value(connection.recv()));
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  // CLOSE-02, RECV-10, RECV-32: test_close_during_recv
  @Test
  void closingReleasesAWaitingReceiveWhenTcpEnds() {
    CompletableFuture<Message> waiting = connection.recv();
    connection.close();
    peer.peerSends(peer.close(1000, ""));
    assertFalse(waiting.isDone());
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedOkException.class, failure(waiting));
  }

  // CLOSE-19: test_aenter
  @Test
  void anEndpointGetsTheOpenConnection() {
    List<ConnectionState> seen = new ArrayList<>();
    CompletableFuture<Void> running = new CompletableFuture<>();
    EndpointRun.start(
        given -> {
          assertSame(connection, given);
          seen.add(given.state());
          return running;
        },
        connection);
    assertEquals(List.of(ConnectionState.OPEN), seen);
    peer.assertNothingSent();
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // CLOSE-19: test_aexit
  @Test
  void theConnectionIsClosedWhenTheEndpointIsDone() {
    CompletableFuture<Void> running = new CompletableFuture<>();
    EndpointRun.start(given -> running, connection);
    peer.assertNothingSent();
    running.complete(null);
    peer.assertSentClose(1000, "");
  }

  // CLOSE-19: test_aexit_with_exception
  @Test
  void theConnectionIsClosedWith1011WhenTheEndpointFails() {
    CompletableFuture<Void> running = new CompletableFuture<>();
    EndpointRun.start(given -> running, connection);
    running.completeExceptionally(new IllegalStateException("for the test"));
    peer.assertSentClose(1011, "");
  }

  // CLOSE-19
  @Test
  void theConnectionIsClosedWith1011WhenTheEndpointThrows() {
    EndpointRun.start(
        given -> {
          throw new IllegalStateException("for the test");
        },
        connection);
    peer.assertSentClose(1011, "");
  }

  // CLOSE-20
  @Test
  void theServerEndsItsHalfOfTcpBehindTheCloseFrames() {
    connection.close();
    assertFalse(peer.channel.isOutputShutdown());
    peer.peerSends(peer.close(1000, ""));
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown()); // CLOSE-21
    assertTrue(peer.channel.isOpen());
  }

  // CLOSE-20, CLOSE-21
  @Test
  void theClientWaitsForTheServersFinAlsoIfThePeerClosesFirst() {
    peer.peerSends(peer.close(1000, ""));
    peer.assertSentClose(1000, "");
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.peerEndsItsHalf();
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertFalse(peer.channel.isOpen());
  }

  // CLOSE-22: a half-close that fails does no harm, the deadline ends TCP
  @Test
  void aHalfCloseMayFail() {
    peer.channel.refuseHalfClose();
    CompletableFuture<Void> closed = connection.close();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(10, TimeUnit.SECONDS);
    value(closed);
    assertEquals(OptionalInt.of(1000), connection.closeCode());
  }

  // CLOSE-23
  @Test
  void thePeersFinEndsTheConnectionAndWhatWasWrittenIsFlushed() {
    peer.peerStopsReading();
    CompletableFuture<Void> sent = connection.send(new byte[40_000]);
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerEndsItsHalf();
    assertEquals(ConnectionState.CLOSED, connection.state());
    CompletableFuture<Void> late = connection.send("late");
    assertFalse(waiting.isDone()); // TCP is still there
    peer.peerReadsAgain();
    peer.assertSent(true, Opcode.BINARY, new byte[40_000]);
    value(sent);
    assertInstanceOf(ConnectionClosedErrorException.class, failure(waiting));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(late));
    assertNoBytesSent();
  }

  // CLOSE-24
  @Test
  void aFinWithoutCloseFrameIsNotAnswered() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerEndsItsHalf();
    assertNoBytesSent();
    Throwable failure = failure(waiting);
    assertEquals("no close frame received or sent", failure.getMessage());
    assertEquals(
        "unexpected end of stream",
        assertInstanceOf(EOFException.class, failure.getCause()).getMessage());
    assertEquals(OptionalInt.of(1006), connection.closeCode());
  }

  // CLOSE-25, RECV-31
  @Test
  void aFinInsideAFrameNamesWhatIsMissing() {
    byte[] frame = peer.text("whole");
    byte[] part = Arrays.copyOf(frame, frame.length - 2);
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(part);
    peer.peerEndsItsHalf();
    Throwable cause = assertInstanceOf(EOFException.class, failure(waiting).getCause());
    assertTrue(cause.getMessage().startsWith("stream ends after"), cause.getMessage());
  }

  // CLOSE-26
  @Test
  void aFinBehindOurCloseFrameIsAnAbnormalEnd() {
    CompletableFuture<Void> closed = connection.close(1001, "");
    peer.peerEndsItsHalf();
    value(closed);
    assertEquals(
        "sent 1001 (going away); no close frame received", failure(connection.recv()).getMessage());
    assertEquals(OptionalInt.of(1006), connection.closeCode());
  }

  // CLOSE-27
  @Test
  void theEndMayBeReportedTwice() {
    peer.peerEndsItsHalf();
    Throwable failure = failure(connection.recv());
    peer.peerEndsItsHalf();
    peer.tcpIsLost();
    assertSame(failure, failure(connection.recv()));
  }

  // CLOSE-28: outside of CLOSING there is no deadline
  @Test
  void anOpenConnectionHasNoDeadline() {
    connectWithCloseTimeout(Duration.ofSeconds(10));
    peer.advance(100, TimeUnit.DAYS);
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // CLOSE-30
  @Test
  void thePeersCloseFrameIsEchoed() {
    peer.peerSends(peer.close(4321, "grüß"));
    peer.assertSentClose(4321, "grüß");
    assertEquals(ConnectionState.CLOSING, connection.state());
  }

  // CLOSE-30, CLOSE-32
  @Test
  void anEmptyCloseFrameIsEchoedEmptyAndIsAGoodEnd() {
    peer.peerSends(peer.emptyClose());
    peer.assertSent(true, Opcode.CLOSE, "");
    peer.tcpIsLost();
    Throwable failure = failure(connection.recv());
    assertInstanceOf(ConnectionClosedOkException.class, failure);
    assertEquals(
        "received 1005 (no status received [internal]); "
            + "then sent 1005 (no status received [internal])",
        failure.getMessage());
  }

  // CLOSE-33, PONG-02, RECV-33
  @Test
  void whatComesBehindThePeersCloseFrameIsIgnored() {
    CompletableFuture<Duration> latency = connection.ping(new byte[] {7});
    peer.assertSent(true, Opcode.PING, new byte[] {7});
    peer.peerSends(
        peer.close(1000, ""),
        peer.text("late"),
        peer.ping(),
        peer.pong((byte) 7),
        peer.close(1001, ""));
    peer.assertSentClose(1000, "");
    assertNoBytesSent();
    assertFalse(latency.isDone());
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
    assertEquals(OptionalInt.of(1000), connection.closeCode());
  }

  // CLOSE-29, CLOSE-40: test_wait_closed
  @Test
  void anyNumberMayWaitForTheEndWithoutCausingIt() {
    CompletableFuture<Void> first = connection.waitClosed();
    CompletableFuture<Void> second = connection.waitClosed();
    connection.waitClosed().cancel(true);
    peer.assertNothingSent();
    peer.advance(5, TimeUnit.SECONDS);
    assertFalse(first.isDone());
    connection.close();
    peer.peerSends(peer.close(1000, ""));
    assertFalse(first.isDone());
    peer.tcpIsLost();
    value(first);
    value(second);
    value(connection.waitClosed());
  }

  // CLOSE-40
  @Test
  void waitingForTheEndNeverFails() {
    CompletableFuture<Void> waiting = connection.waitClosed();
    peer.tcpIsLost();
    value(waiting);
  }

  // FAIL-01, CLOSE-20: what arrives behind a failure is discarded, the peer's close frame too
  @Test
  void aViolationIsToldAndWhatArrivesThenIsDiscarded() {
    peer.peerSends(peer.text("good"), peer.frame(true, Opcode.CONTINUATION));
    peer.assertSentClose(1002, "unexpected continuation frame");
    assertEquals(side == Side.SERVER, peer.channel.isOutputShutdown());
    peer.peerSends(peer.ping(), peer.text("late"), peer.close(1000, ""));
    assertNoBytesSent();
    peer.tcpIsLost();
    assertEquals(TextMessage.of("good"), value(connection.recv()));
    Throwable failure = failure(connection.recv());
    assertEquals(
        "sent 1002 (protocol error) unexpected continuation frame; no close frame received",
        failure.getMessage());
    assertEquals("unexpected continuation frame", failure.getCause().getMessage());
    assertEquals(OptionalInt.of(1006), connection.closeCode());
  }

  // FAIL-01: while closing no second close frame is sent
  @Test
  void aViolationWhileClosingSendsNothing() {
    connection.close();
    peer.assertSentClose(1000, "");
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION));
    assertNoBytesSent();
    peer.tcpIsLost();
    assertEquals(
        "sent 1000 (OK); no close frame received", failure(connection.recv()).getMessage());
  }

  // FAIL-02, RECV-34: also the side that waits for the other's FIN has a timer
  @Test
  void afterAViolationReadersAreReleasedAtTheDeadline() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION));
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertFalse(waiting.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    // RECV-35: the root cause, and not the timeout that followed
    assertEquals("unexpected continuation frame", failure(waiting).getCause().getMessage());
  }

  // FAIL-03, PROTO-15: a close frame inside a message is answered, and is what was received
  @Test
  void aCloseFrameInsideAMessageIsReceived() {
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "half"), peer.close(1000, "enough"));
    peer.assertSentClose(1000, "enough");
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
    assertEquals(OptionalInt.of(1000), connection.closeCode());
    assertEquals(Optional.of("enough"), connection.closeReason());
  }

  // CLOSE-29: whoever resumes finds the connection closed, with its code
  @Test
  void theConnectionIsClosedBeforeAnyWaiterResumes() {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    peer.peerStopsReading();
    record(seen, "send", connection.send(new byte[40_000]));
    record(seen, "ping", connection.ping());
    record(seen, "recv", connection.recv());
    record(seen, "close", connection.close());
    record(seen, "late send", connection.send("late"));
    record(seen, "late ping", connection.ping());
    record(seen, "late pong", connection.pong());
    record(seen, "waitClosed", connection.waitClosed());
    assertEquals(List.of(), seen);
    peer.tcpIsLost();
    Collections.sort(seen);
    assertEquals(
        List.of(
            "close CLOSED 1006",
            "late ping CLOSED 1006",
            "late pong CLOSED 1006",
            "late send CLOSED 1006",
            "ping CLOSED 1006",
            "recv CLOSED 1006",
            "send CLOSED 1006",
            "waitClosed CLOSED 1006"),
        seen);
  }

  // CLOSE-29
  @Test
  void theConnectionIsClosedBeforeAReaderAndAWriterResume() {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    peer.peerStopsReading();
    record(seen, "read", connection.recvStreaming().next());
    record(seen, "loop", connection.forEach(message -> {}));
    record(seen, "write", connection.sendStreaming(MessageType.BINARY).write(new byte[40_000]));
    seen.clear(); // the loop was refused: a reader is at work
    peer.tcpIsLost();
    Collections.sort(seen);
    assertEquals(List.of("read CLOSED 1006", "write CLOSED 1006"), seen);
  }

  // CLOSE-29: also if the peer's close frame ended it well
  @Test
  void theConnectionIsClosedBeforeALoopEnds() {
    List<String> seen = new ArrayList<>();
    record(seen, "loop", connection.forEach(message -> {}));
    peer.peerCloses(1000, "");
    assertEquals(List.of("loop CLOSED 1000"), seen);
  }

  private void record(List<String> seen, String who, CompletableFuture<?> future) {
    future.whenComplete(
        (value, failure) ->
            seen.add(
                who
                    + " "
                    + connection.state()
                    + " "
                    + connection.closeCode().orElse(0)
                    + (failure instanceof CompletionException ? " wrapped" : "")));
  }
}
