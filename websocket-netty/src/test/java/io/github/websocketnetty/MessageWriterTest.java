package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages that are written in fragments, among others. */
@ExtendWith(LeakCheck.class)
class MessageWriterTest extends GateFixture {
  private final MessageWriter writer = gate.writer(MessageType.TEXT);

  private CompletableFuture<Void> write(String text) {
    return onLoop(() -> writer.write(text));
  }

  private CompletableFuture<Void> finish() {
    return onLoop(writer::finish);
  }

  private void abort() {
    loop.run(writer::abort);
  }

  // SEND-10, SEND-17, SEND-44
  @Test
  void fragmentsAreFollowedByAnEmptyLastOne() {
    assertSent(write("a"));
    assertSent(write("b"));
    assertSent(finish());
    assertEvents("text:a+", "flush", "more:b+", "flush", "more:", "flush");
  }

  // SEND-02, SEND-10
  @Test
  void bytesOfATextMayBeCutAnywhere() {
    byte[] utf8 = "x\u00e9y".getBytes(StandardCharsets.UTF_8);
    loop.run(() -> writer.write(utf8, 0, 3));
    loop.run(() -> writer.write(new byte[] {'y'}));
    finish();
    assertEvents("text:x\u00e9+", "flush", "more:y+", "flush", "more:", "flush");
  }

  @Test
  void arrayIsCopied() {
    byte[] data = {'a'};
    writer.write(data);
    data[0] = 'b';
    writer.finish();
    loop.runTasks();
    assertEvents("text:a+", "more:", "flush");
  }

  // SEND-04: websockets drops the connection without a close frame
  @Test
  void badArgumentsAreRefusedAndTheMessageGoesOn() {
    write("a");
    assertThrows(IllegalArgumentException.class, () -> writer.write("\ud800"));
    assertThrows(IndexOutOfBoundsException.class, () -> writer.write(new byte[2], 1, 2));
    assertThrows(NullPointerException.class, () -> gate.writer(null));
    MessageWriter binary = gate.writer(MessageType.BINARY);
    assertThrows(IllegalArgumentException.class, () -> binary.write("text"));
    assertSent(finish());
    assertEvents("text:a+", "flush", "more:", "flush");
  }

  // SEND-20, SEND-24
  @Test
  void othersWaitInOrderUntilTheMessageIsFinished() {
    MessageWriter second = gate.writer(MessageType.BINARY);
    write("a");
    CompletableFuture<Void> whole = send("whole");
    CompletableFuture<Void> fragment = sendFragment(second, "B");
    CompletableFuture<Void> last = sendElsewhere("last");
    loop.runTasks();
    write("b");
    assertPending(whole);
    assertEvents("text:a+", "flush", "more:b+", "flush");

    finish();

    assertSent(whole);
    assertSent(fragment);
    assertPending(last);
    assertEvents("more:", "text:whole", "binary:B+", "flush");
    assertSent(onLoop(second::finish));
    assertSent(last);
    assertEvents("more:", "text:last", "flush");
  }

  private static CompletableFuture<Void> sendFragment(MessageWriter to, String text) {
    return to.write(text.getBytes(StandardCharsets.UTF_8));
  }

  // SEND-20
  @Test
  void firstFragmentWaitsForEarlierMessages() {
    output.isWritable = false;
    send("earlier");
    CompletableFuture<Void> fragment = write("a");
    send("later");
    write("b");
    CompletableFuture<Void> finished = finish();
    assertPending(fragment);
    drain();
    assertSent(finished);
    assertEvents("text:earlier", "text:a+", "more:b+", "more:", "text:later", "flush");
  }

  // SEND-17
  @Test
  void eachFragmentFeelsTheWriteLimit() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = write("a");
    CompletableFuture<Void> second = write("b");
    assertPending(first);
    output.isWritable = true;
    output.writesUntilFull = 1;
    loop.run(gate::writabilityChanged);
    assertSent(first);
    assertPending(second);
    drain();
    assertSent(second);
    assertEvents("text:a+", "flush", "more:b+", "flush");
  }

  // SEND-31: those that wait for the end of the message must not keep it from coming
  @Test
  void openMessageHasItsOwnRoom() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(4).build());
    MessageWriter open = gate.writer(MessageType.TEXT);
    assertSent(onLoop(() -> open.write("a")));
    CompletableFuture<Void> waiting = send("1234");
    assertInstanceOf(SendQueueFullException.class, failureOf(sendElsewhere("5")));
    CompletableFuture<Void> fragment = open.write("bcde");
    assertEquals(8, gate.pendingBytes());
    assertInstanceOf(SendQueueFullException.class, failureOf(open.write("f")));
    CompletableFuture<Void> finished = open.finish();
    loop.runTasks();
    assertSent(fragment);
    assertSent(finished);
    assertSent(waiting);
    assertEvents("text:a+", "flush", "more:bcde+", "more:", "text:1234", "flush");
  }

  // SEND-11
  @Test
  void messageOfNoFragmentIsNotSent() {
    assertSent(finish());
    abort();
    assertSent(finish());
    assertEvents();
    assertSent(send("next"));
  }

  // SEND-44
  @Test
  void fragmentOfAFinishedMessageIsRefused() {
    write("a");
    finish();
    assertInstanceOf(IllegalStateException.class, failureOf(write("late")));
    assertSent(finish());
    abort();
    assertEvents("text:a+", "flush", "more:", "flush");
    assertSent(send("next"));
  }

  // SEND-19: websockets leaves the connection open and unusable
  @Test
  void abortAfterAFragmentFailsTheConnection() {
    write("a");
    CompletableFuture<Void> waiting = send("waits");
    abort();
    assertEvents("text:a+", "flush", "fail 1011 error in fragmented message");
    assertInstanceOf(CancellationException.class, output.cause);
    assertInstanceOf(IllegalStateException.class, failureOf(write("late")));
    assertPending(waiting);
    end();
    assertSame(closed, failureOf(waiting));
    assertEvents();
  }

  // SEND-13
  @Test
  void abortBeforeTheFirstFragmentWasWrittenHarmsNobody() {
    output.isWritable = false;
    CompletableFuture<Void> earlier = send("earlier");
    CompletableFuture<Void> fragment = write("a");
    CompletableFuture<Void> second = write("b");
    CompletableFuture<Void> later = send("later");
    abort();
    assertInstanceOf(IllegalStateException.class, failureOf(fragment));
    assertInstanceOf(IllegalStateException.class, failureOf(second));
    drain();
    assertSent(earlier);
    assertSent(later);
    assertEvents("text:earlier", "text:later", "flush");
    assertEquals(0, gate.pendingBytes());
  }

  @Test
  void abortOfAnotherThreadMeetsTheStateThatTheLoopSees() {
    writer.write("a");
    writer.abort();
    loop.runTasks();
    assertEvents();
    assertSent(send("next"));
  }

  // SEND-22, CLOSE-15
  @Test
  void closeInsideTheMessageIsReported() {
    write("a");
    CompletableFuture<Void> waiting = send("waits");
    assertFalse(beginClose());
    assertFalse(beginClose());
    assertEvents("text:a+", "flush");
    CompletableFuture<Void> next = write("b");
    CompletableFuture<Void> finished = finish();
    assertPending(next);
    end();
    assertSame(closed, failureOf(waiting));
    assertSame(closed, failureOf(next));
    assertSame(closed, failureOf(finished));
    assertEvents();
  }

  // SEND-22: a message whose end is here is not cut off
  @Test
  void closeWritesOutAFinishedMessage() {
    write("a");
    output.isWritable = false;
    CompletableFuture<Void> fragment = write("b");
    CompletableFuture<Void> finished = writer.finish();
    CompletableFuture<Void> whole = sendElsewhere("whole");
    assertTrue(beginClose());
    assertEvents("text:a+", "flush", "more:b+", "more:", "text:whole", "flush");
    drain();
    assertSent(fragment);
    assertSent(finished);
    assertSent(whole);
  }

  // SEND-22
  @Test
  void closeLeavesOutAMessageThatHasNotBegunAndHasNoEnd() {
    output.isWritable = false;
    MessageWriter complete = gate.writer(MessageType.BINARY);
    CompletableFuture<Void> first = write("incomplete");
    CompletableFuture<Void> second = write("incomplete as well");
    sendFragment(complete, "c");
    complete.finish();
    CompletableFuture<Void> whole = sendElsewhere("whole");
    assertTrue(beginClose());
    assertEvents("binary:c+", "more:", "text:whole", "flush");
    assertPending(first);
    abort();
    end();
    assertSame(closed, failureOf(first));
    assertSame(closed, failureOf(second));
    assertSame(closed, failureOf(whole));
  }

  // SEND-40
  @Test
  void writerFailsAfterTheEnd() {
    end();
    assertSame(closed, failureOf(write("a")));
    assertSame(closed, failureOf(finish()));
    abort();
    assertEvents();
  }

  // SEND-46
  @Test
  void writerFailsAsTheConnectionDidWhenTheLoopIsGone() {
    write("a");
    end();
    loop.shutdownGracefully();
    assertSame(closed, failureOf(writer.finish()));
  }

  // SEND-40
  @Test
  void fragmentsThatMeetTheEndFail() {
    write("a");
    CompletableFuture<Void> fragment = writer.write("b");
    CompletableFuture<Void> finished = writer.finish();
    end();
    assertSame(closed, failureOf(fragment));
    assertSame(closed, failureOf(finished));
    assertEquals(0, gate.pendingBytes());
  }
}
