package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.assertFailedWith;
import static io.github.websocketnetty.QueueFixture.closedBadly;
import static io.github.websocketnetty.QueueFixture.closedWell;
import static io.github.websocketnetty.QueueFixture.failureOf;
import static io.github.websocketnetty.QueueFixture.hex;
import static io.github.websocketnetty.QueueFixture.of;
import static io.github.websocketnetty.QueueFixture.utf8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.util.concurrent.BlockingOperationException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ReceiveQueueTest {
  private final QueueFixture at = new QueueFixture();
  private final ReceiveQueue queue = at.queue;

  // RECV-01
  @Test
  void messagesThatWaitAreReceivedByTheirTypeInOrder() {
    at.text("grüß");
    at.binary("00 ff");
    at.text("");
    at.binary("");
    assertEquals(TextMessage.of("grüß"), of(queue.recv()));
    assertEquals(BinaryMessage.of(hex("00 ff")), of(queue.recv()));
    assertEquals(TextMessage.of(""), of(queue.recv()));
    assertEquals(BinaryMessage.of(hex("")), of(queue.recv()));
  }

  // RECV-01
  @Test
  void aReceiveWaitsForItsMessage() {
    CompletableFuture<Message> text = queue.recv();
    assertFalse(text.isDone());
    at.text("a");
    assertEquals(TextMessage.of("a"), of(text));
    CompletableFuture<Message> binary = queue.recv();
    at.binary("01");
    assertEquals(BinaryMessage.of(hex("01")), of(binary));
  }

  // RECV-02
  @Test
  void theFormIsChosenByEachCall() {
    for (int i = 0; i < 2; i++) {
      at.text("é");
      at.binary("c3 a9");
    }
    assertArrayEquals(hex("c3 a9"), of(queue.recvBytes()));
    assertEquals("é", of(queue.recvText()));
    assertEquals("é", of(queue.recvText()));
    assertArrayEquals(hex("c3 a9"), of(queue.recvBytes()));
  }

  // RECV-02
  @Test
  void theFormIsKeptWhileAReceiveWaits() {
    CompletableFuture<String> text = queue.recvText();
    at.binary("61");
    assertEquals("a", of(text));
    CompletableFuture<byte[]> bytes = queue.recvBytes();
    at.text("b");
    assertArrayEquals(hex("62"), of(bytes));
  }

  // RECV-02: bytes are not looked at
  @Test
  void invalidUtf8IsReceivedAsBytes() {
    at.binary("ff");
    assertArrayEquals(hex("ff"), of(queue.recvBytes()));
    assertEquals(List.of(), at.told);
  }

  // RECV-03
  @Test
  void fragmentsThatWaitAreJoinedAndACharacterMayStraddleThem() {
    at.put(MessageType.TEXT, false, hex("63 61 66 c3"));
    at.put(null, false, hex(""));
    at.put(null, true, hex("a9"));
    at.text("next");
    assertEquals("café", at.received());
    assertEquals("next", at.received());
  }

  // RECV-03
  @Test
  void aReceiveWaitsForTheLastFragment() {
    at.begin("a");
    CompletableFuture<Message> message = queue.recv();
    at.more("b");
    assertFalse(message.isDone());
    at.last("c");
    assertEquals(TextMessage.of("abc"), of(message));
  }

  // RECV-07, RECV-11
  @Test
  void aTimeoutWithdrawsTheReceive() {
    CompletableFuture<Message> timed = queue.recv().orTimeout(1, TimeUnit.MILLISECONDS);
    ExecutionException thrown = assertThrows(ExecutionException.class, timed::get);
    assertInstanceOf(TimeoutException.class, thrown.getCause());
    at.text("a");
    assertEquals("a", at.received());
  }

  // RECV-08
  @Test
  void aSecondReceiveFailsAndTheFirstGoesOn() {
    CompletableFuture<Message> first = queue.recv();
    assertConcurrent("cannot call recv while", queue.recv());
    assertConcurrent("cannot call recvText while", queue.recvText());
    assertConcurrent("cannot call recvBytes while", queue.recvBytes());
    ConcurrencyException thrown = assertThrows(ConcurrencyException.class, queue::stream);
    assertEquals(
        "cannot call recvStreaming while another recv or recvStreaming is running",
        thrown.getMessage());
    at.text("a");
    assertEquals(TextMessage.of("a"), of(first));
    at.text("b");
    assertEquals("b", at.received());
  }

  private static void assertConcurrent(String begin, CompletableFuture<?> second) {
    Throwable failure = failureOf(second);
    assertInstanceOf(ConcurrencyException.class, failure);
    assertEquals(begin + " another recv or recvStreaming is running", failure.getMessage());
  }

  // RECV-09
  @Test
  void theSecondReceiveFailsEvenIfMessagesWaitOrAllIsClosed() {
    MessageReader reader = queue.stream();
    at.text("a");
    assertInstanceOf(ConcurrencyException.class, failureOf(queue.recv()));
    at.end(closedWell());
    assertInstanceOf(ConcurrencyException.class, failureOf(queue.recv()));
    assertEquals("a", of(reader.next()).text());
  }

  // RECV-11
  @Test
  void aReceiveCancelledBeforeAnyFrameLosesNothing() {
    CompletableFuture<Message> cancelled = queue.recv();
    assertTrue(cancelled.cancel(true));
    assertTrue(cancelled.isCancelled());
    at.text("a");
    assertEquals("a", at.received());
  }

  // RECV-12
  @Test
  void aReceiveCancelledAmidFragmentsLosesNothing() {
    CompletableFuture<Message> cancelled = queue.recv();
    at.begin("a");
    at.more("b");
    assertTrue(cancelled.cancel(false));
    assertEquals(2, queue.frames());
    CompletableFuture<Message> message = queue.recv();
    assertEquals(0, queue.frames());
    at.last("c");
    assertEquals(TextMessage.of("abc"), of(message));
  }

  // RECV-13: there the fragments were lost if another came before the cancel was handled
  @Test
  void aReceiveCancelledAfterTheNextFragmentCameLosesNothing() {
    CompletableFuture<Message> cancelled = queue.recv();
    at.begin("a");
    at.loop.run(
        () -> {
          queue.put(null, false, utf8("b"));
          cancelled.cancel(false);
          queue.put(null, false, utf8("c"));
        });
    CompletableFuture<Message> again = queue.recv();
    at.loop.run(
        () -> {
          again.cancel(false);
          queue.put(null, true, utf8("d"));
        });
    assertEquals("abcd", at.received());
  }

  // RECV-13: delivered or withdrawn, never both
  @Test
  void aCancelThatComesTooLateChangesNothing() {
    CompletableFuture<Message> message = queue.recv();
    message.thenRun(() -> assertFalse(message.cancel(false)));
    at.text("a");
    assertFalse(message.cancel(false));
    assertFalse(message.completeExceptionally(new IOException()));
    assertFalse(message.complete(TextMessage.of("x")));
    assertEquals(TextMessage.of("a"), of(message));
  }

  // RECV-11: whoever completes the future takes nothing from the queue
  @Test
  void aReceiveCompletedByTheCallerIsWithdrawn() {
    CompletableFuture<Message> first = queue.recv();
    assertTrue(first.complete(TextMessage.of("mine")));
    assertEquals("mine too", of(queue.recvText().completeAsync(() -> "mine too", Runnable::run)));
    CompletableFuture<String> failed =
        queue
            .recvText()
            .completeAsync(
                () -> {
                  throw new IllegalStateException("mine as well");
                },
                Runnable::run);
    assertEquals("mine as well", failureOf(failed).getMessage());
    assertThrows(UnsupportedOperationException.class, () -> first.obtrudeValue(null));
    assertThrows(UnsupportedOperationException.class, () -> first.obtrudeException(null));
    at.text("a");
    assertEquals("a", at.received());
  }

  // RECV-20, RECV-21
  @ParameterizedTest
  @CsvSource({
    "61 62 ff, invalid start byte at position 2",
    "c0 80, invalid start byte at position 0",
    "ed a0 80, invalid continuation byte at position 0",
    "61 f0 9f 98, unexpected end of data at position 1"
  })
  void binaryThatIsNoTextFailsTheConnection(String payload, String reason) {
    CompletableFuture<String> text = queue.recvText();
    at.binary(payload);
    assertEquals(List.of("fail 1007 " + reason), at.told);
    assertFalse(text.isDone(), "waits for the end");
    ConnectionClosedException end = closedWith(CloseCode.INVALID_PAYLOAD, reason);
    at.end(end);
    assertFailedWith(end, text);
  }

  // RECV-20
  @Test
  void aRefusedReceiveMayBeCancelled() {
    at.binary("ff");
    CompletableFuture<String> text = queue.recvText();
    assertTrue(text.cancel(false));
    at.end(closedWell());
    assertTrue(text.isCancelled());
  }

  // RECV-25
  @Test
  void messagesBehindInvalidTextStayReadable() {
    at.binary("ff");
    at.text("ok");
    CompletableFuture<String> refused = queue.recvText();
    assertEquals("ok", at.received());
    at.text("ok, too");
    ConnectionClosedException end =
        closedWith(CloseCode.INVALID_PAYLOAD, "invalid start byte at position 0");
    at.end(end);
    assertFailedWith(end, refused);
    assertEquals("ok, too", at.received());
    assertFailedWith(end, queue.recv());
  }

  // RECV-26: there invalid data looked like a clean end
  @Test
  void invalidTextReadAfterACleanEndIsAnError() {
    at.binary("61 ff");
    at.text("ok");
    ConnectionClosedException end = closedWell();
    at.end(end);
    Throwable failure = failureOf(queue.recvText());
    assertInstanceOf(ConnectionClosedErrorException.class, failure);
    assertEquals(
        "sent 1000 (OK); then received 1000 (OK);"
            + " a message was not UTF-8: invalid start byte at position 1",
        failure.getMessage());
    assertEquals("invalid start byte at position 1", failure.getCause().getMessage());
    assertInstanceOf(ProtocolException.class, failure.getCause());
    assertEquals(List.of(), at.told);
    assertEquals("ok", at.received());
    assertFailedWith(end, queue.recv());
  }

  // RECV-26: also if the close frames were on their way when it was found
  @Test
  void invalidTextReadBeforeACleanEndIsAnError() {
    at.binary("ff");
    CompletableFuture<String> text = queue.recvText();
    at.end(closedWell());
    assertInstanceOf(ConnectionClosedErrorException.class, failureOf(text));
  }

  private static ConnectionClosedException closedWith(int code, String reason) {
    return new ConnectionClosedErrorException(
        "sent", null, new CloseStatus(code, reason), null, null, false);
  }

  // RECV-30
  @Test
  void messagesStayReadableAfterTheEndAndThenItIsReportedForEver() {
    at.text("a");
    at.begin("b");
    at.last("c");
    ConnectionClosedException end = closedWell();
    at.end(end);
    assertEquals("a", at.received());
    assertEquals("bc", at.received());
    assertFailedWith(end, queue.recv());
    assertFailedWith(end, queue.recvBytes());
    assertFailedWith(end, queue.recvText());
  }

  // RECV-31
  @Test
  void aMessageThatIsIncompleteAtTheEndIsDropped() {
    at.text("a");
    at.begin("b");
    ConnectionClosedException end = closedWell();
    at.end(end);
    assertEquals("a", at.received());
    assertFailedWith(end, queue.recv());
    assertEquals(0, queue.frames());
    assertEquals(0, queue.bytes());
  }

  // RECV-32, RECV-35
  @Test
  void aWaitingReceiveFailsAtTheEndWithItsCause() {
    CompletableFuture<Message> waiting = queue.recv();
    at.begin("a");
    IOException cause = new IOException("reset");
    ConnectionClosedException end = closedBadly(cause);
    at.end(end);
    assertFailedWith(end, waiting);
    assertSame(cause, failureOf(waiting).getCause());
    assertFailedWith(end, queue.recv());
  }

  // RECV-47
  @Test
  void nothingIsAddedAfterTheEndAndTheSecondEndIsIgnored() {
    ConnectionClosedException end = closedWell();
    at.end(end);
    at.end(closedBadly(null));
    at.text("late");
    assertFailedWith(end, queue.recv());
  }

  @Test
  void aReceiveMustNotBeWaitedForOnTheEventLoop() {
    CompletableFuture<Message> waiting = queue.recv();
    CompletableFuture<String> derived = waiting.thenApply(Message::text);
    at.loop.run(
        () -> {
          assertThrows(BlockingOperationException.class, waiting::join);
          assertThrows(BlockingOperationException.class, derived::get);
        });
    at.text("a");
    at.loop.run(() -> assertEquals("a", derived.join()));
  }

  /** A continuation may do whatever it likes to the queue that calls it. */
  @Test
  void aContinuationMayReceiveAgain() {
    at.begin("a");
    CompletableFuture<String> both =
        queue.recvText().thenCompose(a -> queue.recvText().thenApply(b -> a + b));
    at.loop.run(
        () -> {
          queue.put(null, true, utf8("b"));
          queue.put(MessageType.TEXT, true, utf8("c"));
        });
    assertEquals("abc", of(both));
  }
}
