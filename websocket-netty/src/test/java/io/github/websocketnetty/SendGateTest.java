package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.BlockingOperationException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whole messages through the gate: order, flushes, back-pressure and the end. */
@ExtendWith(LeakCheck.class)
class SendGateTest extends GateFixture {
  // SEND-01, SEND-02, SEND-03, SEND-30
  @Test
  void messageIsWrittenWithItsTypeAndCompletesAtOnce() {
    assertSent(send("a"));
    assertSent(onLoop(() -> gate.send(MessageType.BINARY, payload("\u00ff"))));
    assertEvents("text:a", "flush", "binary:\u00ff", "flush");
  }

  // SEND-24
  @Test
  void burstFromOtherThreadsIsOneTaskAndOneFlush() {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sent.add(sendElsewhere("m" + i));
    }
    assertEquals(1, loop.scheduled());
    assertEvents();

    loop.runTasks();

    assertEvents("text:m0", "text:m1", "text:m2", "flush");
    sent.forEach(GateFixture::assertSent);
    assertEquals(0, loop.scheduled());
  }

  @Test
  void nextBurstHasItsOwnTask() {
    sendElsewhere("a");
    loop.runTasks();
    sendElsewhere("b");
    assertEquals(1, loop.scheduled());
    loop.runTasks();
    assertEvents("text:a", "flush", "text:b", "flush");
  }

  // SEND-24: the event loop may know of the earlier message before its task has run
  @Test
  void sendOnTheLoopStaysBehindWhatOtherThreadsSentBefore() {
    CompletableFuture<Void> earlier = sendElsewhere("a");
    send("b");
    assertEvents("text:a", "text:b", "flush");
    assertSent(earlier);
  }

  @Test
  void flushesOfAReadWaitForItsEnd() {
    loop.run(gate::readBegins);
    assertSent(send("a"));
    assertSent(send("b"));
    assertEvents("text:a", "text:b");
    loop.run(gate::readCompletes);
    assertEvents("flush");
    loop.run(gate::readCompletes);
    assertEvents();
  }

  @Test
  void fullBufferIsFlushedDuringARead() {
    output.writesUntilFull = 2;
    output.onFlush = this::becomeWritable;
    loop.run(gate::readBegins);
    send("a");
    send("b");
    send("c");
    assertEvents("text:a", "text:b", "flush", "text:c");
  }

  private void becomeWritable() {
    output.writesUntilFull = 2;
    output.isWritable = true;
    gate.writabilityChanged();
  }

  // SEND-30: nested in its own flush, the change of writability lets the next write through
  @Test
  void burstBeyondTheWriteLimitIsFlushedInBetween() {
    output.writesUntilFull = 2;
    output.onFlush = this::becomeWritable;
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(sendElsewhere("m" + i));
    }
    loop.runTasks();
    assertEvents("text:m0", "text:m1", "flush", "text:m2", "text:m3", "flush", "text:m4", "flush");
    sent.forEach(GateFixture::assertSent);
  }

  // SEND-30, SEND-33
  @Test
  void sendBeyondTheWriteLimitCompletesWhenTheChannelIsWritableAgain() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = send("a");
    CompletableFuture<Void> second = send("b");
    assertEvents("text:a", "flush");
    assertPending(first);
    assertPending(second);

    drain();

    assertSent(first);
    assertSent(second);
    assertEvents("text:b", "flush");
    assertFalse(output.written(0).isDone(), "is in the buffer, below the low mark");
  }

  // SEND-30
  @Test
  void sendBeyondTheWriteLimitCompletesWhenItsBytesAreGone() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> sent = send("a");
    loop.run(() -> output.written(0).setSuccess());
    assertSent(sent);
    loop.run(gate::writabilityChanged);
    assertEvents("text:a", "flush");
  }

  // SEND-31: websockets writes them all, without bound
  @Test
  void nothingIsWrittenBeyondTheWriteLimit() {
    output.isWritable = false;
    for (int i = 0; i < 100; i++) {
      assertPending(send("waits"));
    }
    assertEvents();
    assertEquals(500, gate.pendingBytes());
    end();
    assertEquals(0, gate.pendingBytes());
  }

  // SEND-31, SEND-43
  @Test
  void messageBeyondTheBoundIsRefusedAndTheOthersAreUnharmed() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(10).build());
    output.isWritable = false;
    CompletableFuture<Void> first = send("123456");
    CompletableFuture<Void> second = sendElsewhere("7890");
    CompletableFuture<Void> refused = sendElsewhere("!");

    loop.runTasks();
    Throwable failure = failureOf(refused);
    assertInstanceOf(SendQueueFullException.class, failure);
    assertEquals(
        "message of 1 bytes refused: 10 bytes wait to be sent, at most 10 may",
        failure.getMessage());

    drain();

    assertSent(first);
    assertSent(second);
    assertEvents("text:123456", "text:7890", "flush");
    assertSent(send("again"));
  }

  // SEND-31, SEND-35: the limit for incoming messages does not matter
  @Test
  void oneMessageAloneIsAcceptedWhateverItsSize() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(0).maxMessageSize(1).build());
    output.isWritable = false;
    CompletableFuture<Void> large = send("large");
    assertInstanceOf(SendQueueFullException.class, failureOf(send("a")));
    drain();
    assertSent(large);
    assertEvents("text:large", "flush");
  }

  // SEND-31
  @Test
  void emptyMessagesAreBoundedByTheirNumber() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(0).build());
    output.isWritable = false;
    for (int i = 0; i < 1024; i++) {
      assertPending(sendElsewhere(""));
    }
    assertEquals(
        "1024 messages wait to be sent already, more may not",
        failureOf(sendElsewhere("")).getMessage());
    loop.runTasks();
    drain();
    assertSent(send(""));
    end();
  }

  // SEND-32: websockets reports success although the bytes were thrown away
  @Test
  void sendFailsIfTheConnectionEndsBeforeItsBytesAreGone() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> written = send("written");
    CompletableFuture<Void> waiting = send("waiting");
    loop.run(() -> output.written(0).setFailure(new ClosedChannelException()));
    assertPending(written);
    assertPending(waiting);

    end();

    assertSame(closed, failureOf(written));
    assertSame(closed, failureOf(waiting));
    assertEvents("text:written", "flush");
  }

  // SEND-32: the end may be known before the write has failed
  @Test
  void sendFailsAtTheEndThoughItsWriteIsPending() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> sent = send("a");
    end();
    assertSame(closed, failureOf(sent));
    loop.run(() -> output.written(0).setSuccess());
  }

  // SEND-32
  @Test
  void failedWriteIsNotASuccessBecauseTheChannelIsWritableAgain() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> sent = send("a");
    // Its listeners are told later, as Netty does when they nest too deep.
    output.written(0).setFailure(new IOException("broken pipe"));
    assertEquals(1, loop.scheduled());
    drain();
    assertPending(sent);
    assertEvents("text:a", "flush", "fail 1011 error while sending");
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-32
  @Test
  void bytesThatWereGoneInTimeAreASuccess() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = send("a");
    output.written(0).setSuccess(); // its listeners are told later
    assertEquals(1, loop.scheduled());
    end();
    assertSent(first);
  }

  // SEND-42
  @Test
  void laterFailureOfAWriteThatNobodyWaitsForFailsTheConnection() {
    assertSent(send("a"));
    IOException reset = new IOException("reset");
    loop.run(() -> gate.lost(reset));
    assertSame(reset, output.cause);
    assertEvents("text:a", "flush", "fail 1011 error while sending");
    CompletableFuture<Void> later = send("b");
    loop.run(() -> gate.lost(reset));
    end();
    loop.run(() -> gate.lost(reset));
    assertSame(closed, failureOf(later));
    assertEvents();
  }

  // SEND-30: the estimate of what fits was wrong
  @Test
  void messageThatUnexpectedlyFillsTheChannelWaitsUntilItIsWritable() {
    output.onWrite = () -> output.isWritable = false;
    CompletableFuture<Void> sent = send("a");
    output.onWrite = () -> {};
    assertPending(sent);
    assertEvents("text:a", "flush");
    drain();
    assertSent(sent);
    assertEvents();
  }

  // SEND-20
  @Test
  void sendOfAWriteIsWrittenBehindIt() {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    output.onWrite =
        () -> {
          output.onWrite = () -> {};
          sent.add(gate.send(MessageType.TEXT, payload("b")));
          assertPending(sent.get(0));
        };
    assertSent(send("a"));
    assertSent(sent.get(0));
    assertEvents("text:a", "text:b", "flush");
  }

  /** Each caller may do with its future what it likes. */
  @Test
  void futureOfASendIsNotShared() {
    CompletableFuture<Void> first = send("a");
    first.obtrudeException(new IOException());
    assertSent(send("b"));
  }

  // SEND-41, SEND-42
  @Test
  void failedWriteFailsTheConnectionAndTheSendWithWhatComesOfIt() {
    IOException reset = new IOException("reset");
    output.failureOfWrite = reset;
    CompletableFuture<Void> sent = send("a");
    output.failureOfWrite = null;
    assertPending(sent);
    assertSame(reset, output.cause);
    CompletableFuture<Void> later = send("b");
    assertEvents("text:a", "fail 1011 error while sending", "flush");
    end();
    assertSame(closed, failureOf(sent));
    assertSame(closed, failureOf(later));
  }

  // SEND-42
  @Test
  void writeThatThrowsFailsTheConnection() {
    output.thrownByWrite = new IllegalStateException("bug");
    CompletableFuture<Void> sent = send("a");
    assertSame(output.thrownByWrite, output.cause);
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-40
  @Test
  void writeAfterOurCloseFrameWaitsForTheEndWithoutFailingTheConnection() {
    output.failureOfWrite = new ClosedChannelException();
    CompletableFuture<Void> sent = send("a");
    CompletableFuture<Void> later = send("b");
    assertEvents("text:a", "flush");
    assertPending(sent);
    end();
    assertSame(closed, failureOf(sent));
    assertSame(closed, failureOf(later));
  }

  // SEND-40, SEND-46
  @Test
  void sendAfterTheEndFailsAtOnce() {
    end();
    assertSame(closed, failureOf(send("a")));
    assertSame(closed, failureOf(sendElsewhere("b")));
    assertEquals(0, loop.scheduled());
    end();
    loop.run(gate::writabilityChanged);
    loop.run(gate::readCompletes);
    assertTrue(beginClose());
    assertEvents();
    assertEquals(0, gate.pendingBytes());
  }

  // SEND-40
  @Test
  void sendOfAnotherThreadThatMeetsTheEndFails() {
    CompletableFuture<Void> sent = sendElsewhere("a");
    end();
    assertSame(closed, failureOf(sent));
    assertEvents();
  }

  // SEND-40, CLOSE-02
  @Test
  void closeWritesOutWhatWaitsAndRefusesWhatFollows() {
    output.isWritable = false;
    CompletableFuture<Void> first = send("a");
    CompletableFuture<Void> second = sendElsewhere("b");

    assertTrue(beginClose());

    assertEvents("text:a", "text:b", "flush");
    CompletableFuture<Void> late = send("c");
    CompletableFuture<Void> lateElsewhere = sendElsewhere("d");
    assertTrue(beginClose());
    drain();
    assertSent(first);
    assertSent(second);
    assertPending(late);
    end();
    assertSame(closed, failureOf(late));
    assertSame(closed, failureOf(lateElsewhere));
    assertEvents();
  }

  // SEND-20
  @Test
  void sendFromAContinuationIsWrittenAfterTheOneThatCompleted() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = send("a");
    send("b");
    first.thenRun(() -> sendElsewhere("c")); // runs on the loop
    drain();
    assertEvents("text:a", "flush", "text:b", "text:c", "flush");
  }

  @Test
  void closeFromAContinuationStandsBehindWhatWasSent() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = send("a");
    CompletableFuture<Void> second = send("b");
    first.thenRun(() -> assertTrue(gate.beginClose()));
    drain();
    assertSent(second);
    CompletableFuture<Void> third = send("c");
    end();
    assertSame(closed, failureOf(third));
    assertEvents("text:a", "flush", "text:b", "flush");
  }

  @Test
  void endDuringAWriteFailsThatSend() {
    output.onWrite =
        () -> {
          output.isWritable = false;
          gate.end(closed);
        };
    assertSame(closed, failureOf(send("a")));
    assertSame(closed, failureOf(send("b")));
  }

  @Test
  void endDuringAWriteThatFailsFailsThatSend() {
    output.failureOfWrite = new ClosedChannelException();
    output.onWrite = () -> gate.end(closed);
    assertSame(closed, failureOf(send("a")));
  }

  // SEND-43
  @Test
  void releasedBufferIsRefusedAndTheConnectionIsUnharmed() {
    ByteBuf released = payload("a");
    released.release();
    assertThrows(
        IllegalReferenceCountException.class, () -> gate.send(MessageType.BINARY, released));
    assertSent(send("b"));
    assertEvents("text:b", "flush");
  }

  @Test
  void endlessSendsFromContinuationsLeaveOtherTasksTheirTurn() {
    int[] count = new int[1];
    boolean[] hasRun = new boolean[1];
    output.isWritable = false;
    sendForEver(count, hasRun);
    loop.runTasks();
    output.isWritable = true;
    loop.execute(gate::writabilityChanged);
    loop.execute(() -> hasRun[0] = true);
    loop.runTasks();
    assertTrue(count[0] < 10_000, "sent " + count[0]);
    assertTrue(hasRun[0]);
  }

  private void sendForEver(int[] count, boolean[] stop) {
    if (!stop[0]) {
      count[0]++;
      gate.send(MessageType.TEXT, payload("")).thenRun(() -> sendForEver(count, stop));
    }
  }

  @Test
  void cancellingTheFutureChangesNothing() {
    CompletableFuture<Void> sent = sendElsewhere("a");
    assertTrue(sent.cancel(true));
    loop.runTasks();
    assertEvents("text:a", "flush");
  }

  @Test
  void joinOnTheLoopThrowsInsteadOfWaiting() {
    output.isWritable = false;
    CompletableFuture<Void> sent = send("a");
    loop.run(() -> assertThrows(BlockingOperationException.class, sent::join));
    end();
  }

  // SEND-46
  @Test
  void sendFailsIfTheLoopIsGone() {
    loop.shutdownGracefully();
    assertInstanceOf(RejectedExecutionException.class, failureOf(sendElsewhere("a")));
  }
}
