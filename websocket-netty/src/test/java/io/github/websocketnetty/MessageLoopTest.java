package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.assertFailedWith;
import static io.github.websocketnetty.QueueFixture.closedBadly;
import static io.github.websocketnetty.QueueFixture.closedWell;
import static io.github.websocketnetty.QueueFixture.failureOf;
import static io.github.websocketnetty.QueueFixture.of;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MessageLoopTest {
  private final QueueFixture at = QueueFixture.withMarks(1 << 20, 0);
  private final ReceiveQueue queue = at.queue;
  private final List<String> seen = new ArrayList<>();
  private CompletableFuture<Void> stage = new CompletableFuture<>();

  private CompletableFuture<Void> forEach(Consumer<Message> action) {
    CompletableFuture<Void> done = MessageLoop.forEach(at.loop, queue, action);
    at.loop.runTasks();
    return done;
  }

  private CompletableFuture<Void> forEachAsync(Function<Message, CompletionStage<?>> action) {
    CompletableFuture<Void> done = MessageLoop.forEachAsync(at.loop, queue, action);
    at.loop.runTasks();
    return done;
  }

  private void see(Message message) {
    assertTrue(at.loop.inEventLoop());
    seen.add(message.text());
  }

  private CompletionStage<Void> seeAndWait(Message message) {
    see(message);
    stage = new CompletableFuture<>();
    return stage;
  }

  // RECV-37
  @Test
  void messagesOfBothTypesAreSeenWhetherTheyWaitedOrNot() {
    List<Message> messages = new ArrayList<>();
    at.text("a");
    at.binary("62");
    CompletableFuture<Void> done = forEach(messages::add);
    at.begin("c");
    at.last("d");
    assertEquals(
        List.of(TextMessage.of("a"), BinaryMessage.of(new byte[] {'b'}), TextMessage.of("cd")),
        messages);
    assertFalse(done.isDone());
  }

  // RECV-38
  @Test
  void aGoodEndCompletesTheLoopBehindTheLastMessageAndSoItDoesAgain() {
    at.text("a");
    at.end(closedWell());
    assertNull(of(forEach(this::see)));
    assertEquals(List.of("a"), seen);
    assertNull(of(forEach(this::see)));
    assertNull(of(forEachAsync(this::seeAndWait)));
    assertEquals(List.of("a"), seen);
  }

  // RECV-38
  @Test
  void aBadEndFailsTheLoop() {
    CompletableFuture<Void> done = forEach(this::see);
    at.text("a");
    ConnectionClosedException end = closedBadly(new IOException("reset"));
    at.end(end);
    assertFailedWith(end, done);
    assertFailedWith(end, forEachAsync(this::seeAndWait));
    assertEquals(List.of("a"), seen);
  }

  // RECV-39
  @Test
  void anExceptionEndsTheLoopAndTheNextLoopGoesOn() {
    IllegalStateException enough = new IllegalStateException("enough");
    at.text("a");
    at.text("b");
    CompletableFuture<Void> done =
        forEach(
            message -> {
              see(message);
              throw enough;
            });
    assertFailedWith(enough, done);
    forEach(this::see);
    assertEquals(List.of("a", "b"), seen);
  }

  @Test
  void theNextMessageComesWhenTheStageIsComplete() {
    CompletableFuture<Void> done = forEachAsync(this::seeAndWait);
    at.text("a");
    at.text("b");
    assertEquals(List.of("a"), seen);
    assertEquals(1, queue.frames(), "the second counts for back-pressure");
    at.loop.run(() -> stage.complete(null));
    assertEquals(List.of("a", "b"), seen);
    at.end(closedWell());
    assertFalse(done.isDone(), "the last action goes on");
    at.loop.run(() -> stage.complete(null));
    assertNull(of(done));
  }

  @Test
  void theActionIsCalledOnTheEventLoopWhereverTheStageCompletes() {
    forEachAsync(this::seeAndWait);
    at.text("a");
    at.text("b");
    stage.complete(null);
    assertEquals(List.of("a"), seen);
    at.loop.runTasks();
    assertEquals(List.of("a", "b"), seen);
  }

  @Test
  void aFailedStageEndsTheLoop() {
    IOException failure = new IOException("disk full");
    CompletableFuture<Void> done = forEachAsync(this::seeAndWait);
    at.text("a");
    at.text("b");
    at.loop.run(() -> stage.completeExceptionally(new CompletionException(failure)));
    assertFailedWith(failure, done);
    assertEquals("b", at.received());
  }

  @Test
  void anActionWithoutAStageIsDoneAtOnce() {
    CompletableFuture<Void> done =
        forEachAsync(
            message -> {
              see(message);
              return null;
            });
    at.text("a");
    at.text("b");
    assertEquals(List.of("a", "b"), seen);
    at.end(closedWell());
    assertNull(of(done));
  }

  @Test
  void anErrorInTheActionEndsTheLoop() {
    AssertionError error = new AssertionError("wrong");
    CompletableFuture<Void> done =
        forEachAsync(
            message -> {
              throw error;
            });
    at.text("a");
    assertFailedWith(error, done);
  }

  @Test
  void cancellingWithdrawsTheReceiveThatWaits() {
    CompletableFuture<Void> done = forEach(this::see);
    at.begin("a");
    assertTrue(done.cancel(false));
    at.loop.runTasks();
    at.last("b");
    assertEquals("ab", at.received());
    assertEquals(List.of(), seen);
  }

  @Test
  void cancellingWhileTheLoopBeginsToWaitWithdrawsIt() {
    QueueFixture full = QueueFixture.withMarks(0, 0);
    full.text("a");
    CompletableFuture<Void> done = MessageLoop.forEach(full.loop, full.queue, this::add);
    full.onResume = () -> done.cancel(false); // told when the loop has taken all
    full.loop.runTasks();
    full.text("b");
    assertEquals("b", full.received());
    assertEquals(List.of("a"), seen);
  }

  private void add(Message message) {
    seen.add(message.text());
  }

  @Test
  void cancellingInTheActionEndsTheLoop() {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    done.add(
        forEach(
            message -> {
              see(message);
              done.get(0).cancel(false);
            }));
    at.text("a");
    at.text("b");
    assertEquals(List.of("a"), seen);
    assertEquals("b", at.received());
  }

  @Test
  void cancellingWhileAStageIsAwaitedEndsTheLoop() {
    CompletableFuture<Void> done = forEachAsync(this::seeAndWait);
    at.text("a");
    at.text("b");
    done.cancel(false);
    at.loop.run(() -> stage.complete(null));
    assertEquals(List.of("a"), seen);
    assertEquals("b", at.received());
  }

  // RECV-09
  @Test
  void aLoopFailsWhileAnotherReceiveWaits() {
    forEach(this::see);
    assertInstanceOf(ConcurrencyException.class, failureOf(forEach(this::see)));
    at.text("a");
    assertEquals(List.of("a"), seen);
  }

  @Test
  void aLoopFailsOnAnEventLoopThatWasShutDown() {
    at.text("a");
    at.loop.shutdownGracefully();
    assertInstanceOf(RejectedExecutionException.class, failureOf(forEach(this::see)));
    assertEquals("a", at.received());
  }

  @Test
  void messagesOfAReadAreSeenAsTheyCome() {
    forEachAsync(this::seeAtOnce);
    at.loop.run(queue::readBegins);
    at.text("a");
    at.begin("b");
    at.last("c");
    at.text("d");
    assertEquals(List.of("a", "bc", "d"), seen);
    at.loop.run(queue::readCompletes);
    at.text("e");
    at.loop.run(queue::readBegins);
    at.text("f");
    at.end(closedWell());
    assertEquals(List.of("a", "bc", "d", "e", "f"), seen);
  }

  private CompletionStage<Void> seeAtOnce(Message message) {
    see(message);
    return CompletableFuture.completedFuture(null);
  }

  @Test
  void theEndDuringAReadEndsTheLoop() {
    CompletableFuture<Void> done = forEach(this::see);
    at.loop.run(queue::readBegins);
    at.text("a");
    at.end(closedWell());
    assertNull(of(done));
  }

  // RECV-08
  @Test
  void anotherReceiveDuringAReadFailsAndTheLoopGoesOn() {
    forEach(this::see);
    at.loop.run(queue::readBegins);
    at.text("a");
    assertInstanceOf(ConcurrencyException.class, failureOf(queue.recv()));
    assertThrows(ConcurrencyException.class, queue::stream);
    assertInstanceOf(ConcurrencyException.class, failureOf(forEach(this::see)));
    at.text("b");
    at.loop.run(queue::readCompletes);
    assertInstanceOf(ConcurrencyException.class, failureOf(queue.recv()));
    at.text("c");
    assertEquals(List.of("a", "b", "c"), seen);
  }

  // RECV-11
  @Test
  void cancellingDuringAReadLosesNothing() {
    CompletableFuture<Void> done = forEach(this::see);
    at.loop.run(queue::readBegins);
    at.text("a");
    done.cancel(false);
    at.text("b");
    assertEquals(1, queue.frames());
    assertEquals("b", at.received());
    CompletableFuture<Message> next = queue.recv();
    at.text("c");
    assertEquals("c", of(next).text());
    at.loop.run(queue::readCompletes);
    assertEquals(List.of("a"), seen);
  }

  @Test
  void theActionMayReceiveTheNextMessageItself() {
    forEachAsync(
        message -> {
          see(message);
          return queue.recvText().thenAccept(text -> seen.add("and " + text));
        });
    at.loop.run(queue::readBegins);
    at.text("a");
    at.text("b");
    at.loop.run(queue::readCompletes);
    at.text("c");
    at.text("d");
    assertEquals(List.of("a", "and b", "c", "and d"), seen);
  }

  @Test
  void aFailedStageDuringAReadEndsTheLoop() {
    IOException failure = new IOException("disk full");
    CompletableFuture<Void> done = forEachAsync(message -> CompletableFuture.failedFuture(failure));
    at.loop.run(queue::readBegins);
    at.text("a");
    at.text("b");
    assertFailedWith(failure, done);
    assertEquals("b", at.received());
  }

  // Whoever completes the future ends the loop
  @Test
  void theLoopMayBeCompletedInOtherWays() {
    CompletableFuture<Void> completed = forEach(this::see);
    assertTrue(completed.complete(null));
    CompletableFuture<Void> failed = forEach(this::see);
    assertTrue(failed.completeExceptionally(new IOException()));
    CompletableFuture<Void> supplied = forEach(this::see);
    supplied.completeAsync(() -> null, Runnable::run);
    CompletableFuture<Void> obtruded = forEach(this::see);
    obtruded.obtrudeValue(null);
    CompletableFuture<Void> obtrudedFailure = forEach(this::see);
    obtrudedFailure.obtrudeException(new IOException());
    at.text("a");
    assertEquals("a", at.received());
    assertEquals(List.of(), seen);
  }

  /** Fails with a stack overflow in a chain of {@code thenCompose}. */
  @Test
  void aLongQueueDoesNotDeepenTheStack() {
    for (int i = 0; i < 100_000; i++) {
      at.text("");
    }
    List<Integer> depths = new ArrayList<>();
    at.end(closedWell());
    CompletableFuture<Void> done =
        forEachAsync(
            message -> {
              depths.add(StackDepth.now());
              return CompletableFuture.completedStage(null);
            });
    assertNull(of(done));
    assertEquals(100_000, depths.size());
    assertEquals(1, depths.stream().distinct().count());
  }

  /** A chain of {@code thenCompose} keeps something for each message. */
  @Test
  void nothingIsRetainedWhileTheLoopWaits() {
    List<WeakReference<Object>> garbage = new ArrayList<>();
    forEachAsync(
        message -> {
          CompletableFuture<Void> acted = new CompletableFuture<>();
          garbage.add(new WeakReference<>(message));
          garbage.add(new WeakReference<>(acted));
          at.loop.execute(() -> acted.complete(null));
          return acted;
        });
    for (int i = 0; i < 100; i++) {
      at.text("" + i);
    }
    assertEquals(200, garbage.size());
    while (garbage.stream().anyMatch(each -> each.get() != null)) {
      System.gc(); // until the class's time limit
    }
  }
}
