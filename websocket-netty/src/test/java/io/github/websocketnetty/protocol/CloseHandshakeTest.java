package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseHandshake.Step;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CloseHandshakeTest {
  private static final CloseStatus BYE = new CloseStatus(4000, "bye");

  // CLOSE-34: the decision table, with all its worked cases; CLOSE-35: the texts. The order "-" is
  // for one that leaves no choice.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // received | sent | who was first | OK | message | close code
        "    |      | -        | false | no close frame received or sent              | 1006",
        "    | 1000 | -        | false | sent 1000 (OK); no close frame received      | 1006",
        "    | 1011 | -        | false | sent 1011 (internal error); no close frame received |"
            + " 1006",
        "1000|      | -        | false | received 1000 (OK); no close frame sent      | 1000",
        "1000| 1000 | received | true  | received 1000 (OK); then sent 1000 (OK)      | 1000",
        "1000| 1000 | sent     | true  | sent 1000 (OK); then received 1000 (OK)      | 1000",
        "1001| 1001 | received | true  | received 1001 (going away); then sent 1001 (going away) |"
            + " 1001",
        "1001| 1000 | sent     | true  | sent 1000 (OK); then received 1001 (going away) | 1001",
        "1005| 1000 | sent     | true  | sent 1000 (OK); then received 1005 (no status received"
            + " [internal]) | 1005",
        "4000| 1000 | sent     | false | sent 1000 (OK); then received 4000 (private use) | 4000",
        "4000| 4000 | received | false | received 4000 (private use); then sent 4000 (private use)"
            + " | 4000",
        "1012| 1012 | received | false | received 1012 (service restart); then sent 1012 (service"
            + " restart) | 1012",
        "1000| 1002 | sent     | false | sent 1002 (protocol error); then received 1000 (OK) |"
            + " 1000",
      })
  void endsAsTheTableSays(
      Integer received, Integer sent, String first, boolean ok, String message, int closeCode) {
    for (Side side : Side.values()) {
      CloseHandshake closing = new CloseHandshake(side);
      drive(closing, received, sent, first);
      closing.inputEnded();

      assertEquals(ok, closing.isOk());
      assertEquals(message, closing.describe());
      assertEquals(OptionalInt.of(closeCode), closing.closeCode());
      assertEquals(Optional.of(""), closing.closeReason());
      assertEquals(received, closing.received() == null ? null : closing.received().code());
      assertEquals(sent, closing.sent() == null ? null : closing.sent().code());
      // CLOSE-37
      Boolean order = received == null || sent == null ? null : first.equals("received");
      assertEquals(order, closing.receivedFirst());
    }
  }

  private static void drive(CloseHandshake closing, Integer received, Integer sent, String first) {
    if (sent != null && !first.equals("received")) {
      closing.closeRequested(new CloseStatus(sent, ""));
      closing.closeFlushed();
    }
    if (received != null) {
      closing.closeReceived(new CloseStatus(received, ""));
      if (sent == null) {
        closing.closeNotSent(new IllegalStateException("no encoder"));
      } else if (first.equals("received")) {
        closing.closeFlushed();
      }
    }
  }

  // CLOSE-34
  @Test
  void closeFrameThatWasNotFlushedWasNotSentAlthoughThePeerClosedToo() {
    CloseHandshake closing = new CloseHandshake(Side.CLIENT);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeReceived(CloseStatus.NORMAL);
    closing.deadlineReached();
    assertFalse(closing.isOk());
    assertNull(closing.receivedFirst());
    assertEquals("received 1000 (OK); no close frame sent", closing.describe());
  }

  // CLOSE-12: nothing counts as sent that the transport did not get; until the end it may still
  @Test
  void closeFrameThatWasNotFlushedWasNotSent() {
    CloseHandshake closing = new CloseHandshake(Side.CLIENT);
    closing.closeRequested(CloseStatus.NORMAL);
    assertNull(closing.sent());
    assertEquals("closing with 1000 (OK)", closing.describe());
    closing.deadlineReached();
    assertNull(closing.sent());
    assertEquals("no close frame received or sent", closing.describe());
  }

  // CLOSE-34, CLOSE-35: any code from 1002 to 1014 but the OK codes is an error, echoed or not
  @ParameterizedTest
  @CsvSource({
    "1002, protocol error",
    "1003, unsupported data",
    "1007, invalid frame payload data",
    "1008, policy violation",
    "1009, message too big",
    "1010, mandatory extension",
    "1011, internal error",
    "1012, service restart",
    "1013, try again later",
    "1014, bad gateway",
    "3000, registered",
    "3999, registered",
    "4999, private use"
  })
  void aCodeThatIsNotOkIsAnError(int code, String explanation) {
    CloseHandshake closing = new CloseHandshake(Side.SERVER);
    closing.closeReceived(new CloseStatus(code, "why"));
    closing.closeFlushed();
    closing.inputEnded();
    String status = code + " (" + explanation + ") why";
    assertEquals("received " + status + "; then sent " + status, closing.describe());
    assertFalse(closing.isOk());
    assertEquals(Optional.of("why"), closing.closeReason());
  }

  // CLOSE-01, CLOSE-20, CLOSE-21, CLOSE-30: echoed verbatim, then the server ends TCP
  @ParameterizedTest
  @EnumSource
  void theFirstCloseFrameOfThePeerIsEchoed(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(ConnectionState.OPEN, closing.state());

    Step step = closing.closeReceived(BYE);

    assertEquals(new Step(BYE, true, side == Side.SERVER, false, false, false), step);
    assertEquals(ConnectionState.CLOSING, closing.state());
    assertEquals(BYE, closing.received());
    assertNull(closing.sent());
    closing.closeFlushed();
    assertEquals(BYE, closing.sent());
    assertTrue(closing.isDiscardingInput());
    assertFalse(closing.maySendControl());
  }

  // CLOSE-32: an empty close frame stays empty
  @ParameterizedTest
  @EnumSource
  void anEmptyCloseFrameIsEchoedEmpty(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(CloseStatus.EMPTY, closing.closeReceived(CloseStatus.EMPTY).send());
    closing.closeFlushed();
    closing.inputEnded();
    assertTrue(closing.isOk());
    assertEquals(OptionalInt.of(1005), closing.closeCode());
    assertEquals(
        "received 1005 (no status received [internal]); "
            + "then sent 1005 (no status received [internal])",
        closing.describe());
  }

  // CLOSE-06, CLOSE-31, CLOSE-20, CLOSE-21
  @ParameterizedTest
  @EnumSource
  void ourCloseIsSentOnceAndTheAnswerIsNotEchoed(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(
        new Step(CloseStatus.NORMAL, true, false, false, false, false),
        closing.closeRequested(CloseStatus.NORMAL));
    closing.closeFlushed();
    assertTrue(closing.maySendControl());
    assertSame(Step.NONE, closing.closeRequested(BYE));

    Step step = closing.closeReceived(BYE);

    assertEquals(new Step(null, false, side == Side.SERVER, false, false, false), step);
    assertEquals(CloseStatus.NORMAL, closing.sent());
    assertEquals(BYE, closing.received());
    assertSame(Step.NONE, closing.closeRequested(BYE));
  }

  // CLOSE-08: both sides close at the same time, each with its own status
  @Test
  void simultaneousClosesAnswerEachOther() {
    CloseHandshake server = new CloseHandshake(Side.SERVER);
    CloseHandshake client = new CloseHandshake(Side.CLIENT);
    CloseStatus fromServer = server.closeRequested(CloseStatus.NORMAL).send();
    CloseStatus fromClient = client.closeRequested(BYE).send();
    server.closeFlushed();
    client.closeFlushed();
    server.closeReceived(fromClient);
    client.closeReceived(fromServer);
    assertEquals("sent 1000 (OK); then received 4000 (private use) bye", server.describe());
    assertEquals("sent 4000 (private use) bye; then received 1000 (OK)", client.describe());
  }

  // CLOSE-33
  @ParameterizedTest
  @EnumSource
  void aSecondCloseFrameIsIgnored(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeReceived(BYE);
    assertSame(Step.NONE, closing.closeReceived(CloseStatus.NORMAL));
    assertEquals(BYE, closing.received());
  }

  // FAIL-01, FAIL-02, CLOSE-20, CLOSE-21, PROTO-25
  @ParameterizedTest
  @EnumSource
  void failingSendsTheCodeAndDiscardsTheRest(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    ProtocolException cause = ProtocolException.violation("invalid opcode");

    Step step = closing.failed(cause.closeCode(), cause.getMessage(), cause);

    CloseStatus status = new CloseStatus(1002, "invalid opcode");
    assertEquals(new Step(status, true, side == Side.SERVER, false, false, false), step);
    assertTrue(closing.isDiscardingInput());
    assertFalse(closing.maySendControl());
    assertSame(Step.NONE, closing.closeReceived(CloseStatus.NORMAL));
    closing.closeFlushed();
    closing.inputEnded();
    assertNull(closing.received());
    assertSame(cause, closing.cause());
    assertEquals(
        "sent 1002 (protocol error) invalid opcode; no close frame received", closing.describe());
    assertEquals(OptionalInt.of(1006), closing.closeCode());
  }

  // PROTO-24, FAIL-01: no second close frame
  @ParameterizedTest
  @EnumSource
  void failingWhileClosingSendsNothing(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeFlushed();
    ProtocolException cause = ProtocolException.violation("incorrect masking");

    Step step = closing.failed(cause.closeCode(), cause.getMessage(), cause);

    assertEquals(new Step(null, false, side == Side.SERVER, false, false, false), step);
    assertEquals(CloseStatus.NORMAL, closing.sent());
    assertSame(cause, closing.cause());
    assertTrue(closing.isDiscardingInput());
    // The output is ended once.
    assertFalse(closing.failed(1011, "", null).endsOutput());
  }

  // FAIL-01: 1006 is never sent
  @ParameterizedTest
  @EnumSource
  void failingWithACodeThatMayNotBeSentAborts(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(
        new Step(null, false, false, false, true, true), closing.failed(1006, "gone", null));
    assertEquals("no close frame received or sent", closing.describe());
  }

  // FAIL-03: what was received stays received when the answer cannot be sent
  @ParameterizedTest
  @EnumSource
  void aCloseFrameThatCannotBeEchoedIsStillReceived(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeReceived(BYE);
    IllegalStateException cause = new IllegalStateException("no encoder");
    assertEquals(new Step(null, false, false, false, true, true), closing.closeNotSent(cause));
    assertEquals(BYE, closing.received());
    assertNull(closing.sent());
    assertNull(closing.receivedFirst());
    assertSame(cause, closing.cause());
  }

  // KA-05, KA-06: no waiting for a peer that is silent
  @ParameterizedTest
  @EnumSource
  void aSilentPeerIsNotWaitedFor(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    TimeoutException cause = new TimeoutException("silence");
    Step step = closing.peerSilent(1011, "keepalive ping timeout", cause);
    CloseStatus status = new CloseStatus(1011, "keepalive ping timeout");
    assertEquals(new Step(status, true, false, true, false, false), step);
    assertSame(cause, closing.cause());
    closing.closeFlushed();
    assertEquals(
        "sent 1011 (internal error) keepalive ping timeout; no close frame received",
        closing.describe());

    CloseHandshake begun = new CloseHandshake(side);
    begun.closeRequested(CloseStatus.NORMAL);
    assertEquals(
        new Step(null, false, false, true, false, false), begun.peerSilent(1011, "", cause));
  }

  // CLOSE-23, CLOSE-24, PROTO-21: from OPEN straight to CLOSED, nothing is sent
  @ParameterizedTest
  @EnumSource
  void endOfInputEndsEverything(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(new Step(null, true, false, true, false, true), closing.inputEnded());
    assertEquals(ConnectionState.CLOSED, closing.state());
    assertInstanceOf(EOFException.class, closing.cause());
    assertEquals("unexpected end of stream", closing.cause().getMessage());
    assertEquals(OptionalInt.of(1006), closing.closeCode());
    // CLOSE-27, CLOSE-06
    assertSame(Step.NONE, closing.inputEnded());
    assertSame(Step.NONE, closing.closeRequested(BYE));
    assertSame(Step.NONE, closing.closeReceived(BYE));
    assertSame(Step.NONE, closing.failed(1002, "late", null));
    assertEquals("no close frame received or sent", closing.describe());
  }

  // CLOSE-25: whoever knows more about the end of the stream says so before it
  @Test
  void theFirstCauseWins() {
    CloseHandshake closing = new CloseHandshake(Side.SERVER);
    EOFException inside = new EOFException("stream ends after 2 bytes, expected 5 bytes");
    closing.remember(inside);
    closing.inputEnded();
    closing.transportFailed(new IOException("later"));
    closing.deadlineReached();
    assertSame(inside, closing.cause());
  }

  // CLOSE-26
  @ParameterizedTest
  @EnumSource
  void endOfInputAfterOurCloseIsAbnormal(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeFlushed();
    assertEquals(new Step(null, false, false, true, false, true), closing.inputEnded());
    assertEquals("sent 1000 (OK); no close frame received", closing.describe());
    assertInstanceOf(EOFException.class, closing.cause());
  }

  @ParameterizedTest
  @EnumSource
  void endOfInputAfterBothClosesHasNoCause(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeReceived(CloseStatus.NORMAL);
    closing.closeFlushed();
    closing.inputEnded();
    assertNull(closing.cause());
    assertTrue(closing.isOk());
  }

  // CLOSE-10, CLOSE-12
  @ParameterizedTest
  @EnumSource
  void theDeadlineAborts(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeFlushed();
    assertEquals(new Step(null, false, false, false, true, true), closing.deadlineReached());
    assertEquals(ConnectionState.CLOSED, closing.state());
    assertInstanceOf(TimeoutException.class, closing.cause());
    assertEquals("timed out while closing connection", closing.cause().getMessage());
    assertEquals("sent 1000 (OK); no close frame received", closing.describe());
    assertEquals(OptionalInt.of(1006), closing.closeCode());
    assertEquals(Optional.of(""), closing.closeReason());
  }

  // CLOSE-13: a peer that only keeps TCP open still closed well
  @ParameterizedTest
  @EnumSource
  void theDeadlineAfterBothClosesIsStillOk(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeFlushed();
    closing.closeReceived(CloseStatus.NORMAL);
    closing.deadlineReached();
    assertTrue(closing.isOk());
    assertInstanceOf(TimeoutException.class, closing.cause());
    assertEquals(OptionalInt.of(1000), closing.closeCode());
  }

  // CLOSE-23: what is written is flushed after the end of input, but not for ever
  @Test
  void theDeadlineAlsoBoundsTheFlushAfterEndOfInput() {
    CloseHandshake closing = new CloseHandshake(Side.SERVER);
    closing.inputEnded();
    assertEquals(new Step(null, false, false, false, true, false), closing.deadlineReached());
  }

  // CLOSE-36, CLOSE-38: nothing is reported before the end
  @ParameterizedTest
  @EnumSource
  void codeAndReasonAreAbsentUntilClosed(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    assertEquals(OptionalInt.empty(), closing.closeCode());
    closing.closeReceived(BYE);
    assertEquals(OptionalInt.empty(), closing.closeCode());
    assertEquals(Optional.empty(), closing.closeReason());
    closing.inputEnded();
    assertEquals(OptionalInt.of(4000), closing.closeCode());
    assertEquals(Optional.of("bye"), closing.closeReason());
  }

  // CLOSE-05: reasons made by programs are cut to what fits, at a character
  @ParameterizedTest
  @CsvSource({"a, 123", "é, 61", "€, 41", "😀, 30"})
  void aLongReasonOfAFailureIsCutToWhatFits(String character, int fits) {
    CloseHandshake closing = new CloseHandshake(Side.SERVER);
    CloseStatus sent = closing.failed(1009, character.repeat(500), null).send();
    assertEquals(character.repeat(fits), sent.reason());
    assertTrue(sent.reason().getBytes(StandardCharsets.UTF_8).length <= 123);
  }

  @Test
  void aFailureCannotFailItself() {
    assertEquals("", new CloseHandshake(Side.SERVER).failed(1002, null, null).send().reason());
    CloseStatus sent = new CloseHandshake(Side.SERVER).failed(1002, "half \ud83d!", null).send();
    assertEquals("half ?!", sent.reason());
  }

  @Test
  void transportFailureAborts() {
    CloseHandshake closing = new CloseHandshake(Side.CLIENT);
    IOException reset = new IOException("Connection reset");
    assertEquals(new Step(null, false, false, false, true, true), closing.transportFailed(reset));
    assertSame(reset, closing.cause());
    assertEquals("no close frame received or sent", closing.describe());
  }

  @ParameterizedTest
  @EnumSource
  void aCloseFrameForTheApplicationStartsTheDeadlineAndLeavesTheConnectionOpen(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    Step step = closing.closeReceivedUnanswered(BYE);
    assertEquals(new Step(null, true, false, false, false, false), step);
    assertEquals(ConnectionState.OPEN, closing.state());
    assertTrue(closing.maySendControl());
    assertTrue(closing.isDiscardingInput());
    assertSame(Step.NONE, closing.closeReceivedUnanswered(CloseStatus.NORMAL));
    assertSame(BYE, closing.received());
    Step answer = closing.closeRequested(CloseStatus.NORMAL);
    assertEquals(CloseStatus.NORMAL, answer.send());
    assertEquals(side == Side.SERVER, answer.endsOutput());
    assertFalse(closing.maySendControl());
    closing.closeFlushed();
    assertEquals(true, closing.receivedFirst());
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerToOursIsForTheApplicationToSeeAndNotToAnswer(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.closeRequested(CloseStatus.NORMAL);
    closing.closeFlushed();
    Step step = closing.closeReceivedUnanswered(BYE);
    assertNull(step.send());
    assertFalse(step.armsTimer());
    assertEquals(side == Side.SERVER, step.endsOutput());
    assertEquals(false, closing.receivedFirst());
  }

  @ParameterizedTest
  @EnumSource
  void anEndOfOurOwnIsNoFailure(Side side) {
    CloseHandshake closing = new CloseHandshake(side);
    closing.abandoned();
    assertEquals(ConnectionState.CLOSED, closing.state());
    assertSame(Step.NONE, closing.inputEnded());
    assertNull(closing.cause());
    assertFalse(closing.isOk());
    assertSame(Step.NONE, closing.closeReceivedUnanswered(BYE));
  }
}
