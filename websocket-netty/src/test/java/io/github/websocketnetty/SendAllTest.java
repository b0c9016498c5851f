package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Messages whose fragments an iterable or a publisher gives. */
@ExtendWith(LeakCheck.class)
class SendAllTest extends GateFixture {
  private final IllegalStateException broken = new IllegalStateException("source is broken");
  private final Queue<Runnable> elsewhere = new ArrayDeque<>();
  private final Source source = new Source();

  private static ByteBuf encode(String text) {
    return Unpooled.wrappedBuffer(Utf8.encode(text));
  }

  private CompletableFuture<Void> sendAll(Iterable<String> items) {
    return onLoop(() -> gate.sendAll(MessageType.TEXT, items, loop, SendAllTest::encode));
  }

  private CompletableFuture<Void> sendAll(Iterable<String> items, Executor executor) {
    return gate.sendAll(MessageType.TEXT, items, executor, SendAllTest::encode);
  }

  private CompletableFuture<Void> sendAll(Flow.Publisher<String> items) {
    return onLoop(() -> gate.sendAll(MessageType.TEXT, items, SendAllTest::encode));
  }

  /** Gives the items, then fails. */
  private Iterable<String> brokenAfter(String... items) {
    Iterator<String> given = List.of(items).iterator();
    return () ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            if (given.hasNext()) {
              return given.next();
            }
            throw broken;
          }
        };
  }

  // SEND-10
  @Test
  void itemsAreFragmentsAndAnEmptyOneEndsTheMessage() {
    assertSent(sendAll(List.of("a", "b")));
    assertEvents("text:a+", "more:b+", "more:", "flush");
  }

  // SEND-02, SEND-10
  @Test
  void typeIsThatOfTheCall() {
    CompletableFuture<Void> sent =
        onLoop(() -> gate.sendAll(MessageType.BINARY, List.of("a"), loop, SendAllTest::encode));
    assertSent(sent);
    assertEvents("binary:a+", "more:", "flush");
  }

  // SEND-11
  @Test
  void nothingIsSentForNoItems() {
    assertSent(sendAll(List.of()));
    CompletableFuture<Void> sent = sendAll((Flow.Publisher<String>) source);
    loop.run(source::complete);
    assertSent(sent);
    assertEvents();
  }

  // SEND-17
  @Test
  void nextItemIsTakenWhenTheOneBeforeHasPassedTheWriteLimit() {
    output.writesUntilFull = 1;
    Iterator<String> items = List.of("a", "b").iterator();
    CompletableFuture<Void> sent = sendAll(() -> items);
    assertEquals("b", items.next());
    assertPending(sent);
    drain();
    assertSent(sent);
    assertEvents("text:a+", "flush", "more:", "flush");
  }

  @Test
  void iteratorRunsOnItsExecutorOnly() {
    CompletableFuture<Void> sent = sendAll(List.of("a"), elsewhere::add);
    loop.runTasks();
    assertEvents();
    elsewhere.remove().run();
    loop.runTasks();
    assertEvents("text:a+", "flush");
    elsewhere.remove().run();
    loop.runTasks();
    assertSent(sent);
    assertEvents("more:", "flush");
  }

  @Test
  void longIterationLeavesOtherTasksTheirTurn() {
    CompletableFuture<Void> sent = sendAll(Collections.nCopies(1000, ""), loop);
    boolean[] wasPending = new boolean[1];
    loop.execute(() -> wasPending[0] = !sent.isDone());
    loop.runTasks();
    assertTrue(wasPending[0]);
    assertSent(sent);
  }

  // SEND-24: what other threads send before and after stands before and after
  @Test
  void iterableTakesItsPlaceAtTheCallOfAnyThread() {
    sendElsewhere("1");
    gate.sendAll(MessageType.TEXT, List.of("2", "3"), SendAllTest::encode);
    sendElsewhere("4");
    CompletableFuture<Void> last = sendAll(List.of("5")); // takes in what came before
    loop.runTasks();
    assertSent(last);
    assertEvents("text:1", "text:2+", "more:3+", "more:", "text:4", "text:5+", "more:", "flush");
  }

  // SEND-24
  @Test
  void iterableKeepsItsPlaceWhileTheChannelIsNotWritable() {
    output.isWritable = false;
    CompletableFuture<Void> first = sendAll(List.of("1", "2"));
    CompletableFuture<Void> second = send("3");
    output.writesUntilFull = 1;
    output.isWritable = true;
    loop.run(gate::writabilityChanged);
    assertEvents("text:1+", "flush");
    drain();
    assertEvents("more:2+", "more:", "text:3", "flush");
    assertSent(first);
    assertSent(second);
  }

  // SEND-24: what an iterator sends stands behind its message, as it does in a call that is nested
  @Test
  void whatAnIteratorSendsStandsBehindItsMessage() {
    Iterator<String> items = List.of("1", "2").iterator();
    CompletableFuture<Void> sent =
        sendAll(
            () -> {
              sendElsewhere("3");
              return items;
            });
    sendElsewhere("4");
    loop.runTasks();
    assertSent(sent);
    assertEvents("text:1+", "more:2+", "more:", "text:3", "flush", "text:4", "flush");
  }

  // SEND-11
  @Test
  void emptyIterableLeavesItsPlaceToTheNext() {
    output.isWritable = false;
    CompletableFuture<Void> none = sendAll(List.of());
    CompletableFuture<Void> next = send("next");
    assertPending(none);
    drain();
    assertSent(none);
    assertSent(next);
    assertEvents("text:next", "flush");
  }

  // SEND-19
  @Test
  void cancelledIterableThatWaitsLeavesItsPlaceToTheNext() {
    output.isWritable = false;
    Iterator<String> items = List.of("a").iterator();
    CompletableFuture<Void> sent = sendAll(() -> items);
    CompletableFuture<Void> next = send("next");
    loop.run(() -> sent.cancel(false));
    drain();
    assertSent(next);
    assertEvents("text:next", "flush");
    assertTrue(items.hasNext());
  }

  // SEND-19: the iterator itself, before its first item
  @Test
  void iterableThatIsCancelledByItsIteratorHarmsNobody() {
    AtomicReference<CompletableFuture<Void>> sent = new AtomicReference<>();
    output.isWritable = false;
    sent.set(
        sendAll(
            () -> {
              sent.get().cancel(false);
              return List.of("a").iterator();
            }));
    CompletableFuture<Void> next = send("next");
    drain();
    assertTrue(sent.get().isCancelled());
    assertSent(next);
    assertEvents("text:next", "flush");
  }

  @Test
  void iterablesThatWaitAreBoundedInNumber() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(4).build());
    output.isWritable = false;
    for (int i = 0; i < 1024; i++) {
      assertPending(sendAll(List.of("much more than four bytes")));
    }
    assertInstanceOf(SendQueueFullException.class, failureOf(sendAll(List.of("a"))));
    drain();
    assertSent(sendAll(List.of("a")));
    output.takeEvents();
  }

  // CLOSE-10: the close stands behind what was sent before, whoever writes it
  @Test
  void closeWaitsForIterablesThatCameBefore() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> first = sendAll(List.of("1", "2"));
    CompletableFuture<Void> second = send("3");
    CompletableFuture<Void> third = sendAll(List.of("4"));
    assertTrue(beginClose());
    end();
    assertEvents("text:1+", "flush", "more:2+", "more:", "text:3", "text:4+", "more:");
    assertSame(closed, failureOf(first)); // nothing was flushed
    assertSame(closed, failureOf(second));
    assertSame(closed, failureOf(third));
  }

  // SEND-22: an iterable has to end
  @Test
  void closeDoesNotWaitForAnIterableThatDoesNotEnd() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(1000).build());
    output.isWritable = false;
    CompletableFuture<Void> sent = sendAll(() -> Stream.generate(() -> "x".repeat(100)).iterator());
    assertFalse(beginClose());
    assertEquals(3, output.takeEvents().size());
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-22: the iterator cannot be called back, and nothing of its message is out
  @Test
  void closeByAnIteratorBeforeItsFirstItemLeavesItsMessageOut() {
    CompletableFuture<Void> sent =
        sendAll(
            () -> {
              assertTrue(gate.beginClose());
              return List.of("a").iterator();
            });
    assertEvents();
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-22
  @Test
  void closeByAnIteratorLaterIsWithinItsMessage() {
    CompletableFuture<Void> sent =
        sendAll(
            () ->
                Stream.of("a", "b")
                    .filter(item -> "a".equals(item) || !gate.beginClose())
                    .iterator());
    assertEvents("text:a+", "flush");
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-22, SEND-15
  @Test
  void iteratorThatFailsBeforeACloseFailsTheConnectionInstead() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> sent = sendAll(brokenAfter("a", "b"));
    assertFalse(beginClose());
    assertEvents("text:a+", "flush", "more:b+", "fail 1011 error in fragmented message");
    end();
    assertSame(broken, failureOf(sent));
  }

  // SEND-14
  @Test
  void failureBeforeTheFirstItemHarmsNobody() {
    assertSame(broken, failureOf(sendAll(brokenAfter())));
    Iterable<String> noIterator =
        () -> {
          throw broken;
        };
    assertSame(broken, failureOf(sendAll(noIterator)));
    assertEvents();
    assertSent(send("next"));
  }

  // SEND-13, SEND-12: websockets fails the connection although nothing was written
  @Test
  void firstItemThatCannotBeSentHarmsNobody() {
    assertInstanceOf(IllegalArgumentException.class, failureOf(sendAll(List.of("\ud800", "next"))));
    assertInstanceOf(NullPointerException.class, failureOf(sendAll(Arrays.asList(null, "next"))));
    assertEvents();
    assertSent(send("next"));
  }

  // SEND-12, SEND-15
  @Test
  void laterItemThatCannotBeSentFailsTheConnection() {
    CompletableFuture<Void> sent = sendAll(List.of("a", "\ud800"));
    assertEvents("text:a+", "fail 1011 error in fragmented message", "flush");
    end();
    assertInstanceOf(IllegalArgumentException.class, failureOf(sent));
  }

  // SEND-15: websockets may raise the closed exception instead of the user's
  @Test
  void failureAfterAFragmentFailsTheConnectionAndIsWhatTheUserGets() {
    CompletableFuture<Void> sent = sendAll(brokenAfter("a"));
    CompletableFuture<Void> waiting = send("waits");
    assertEvents("text:a+", "fail 1011 error in fragmented message", "flush");
    assertSame(broken, output.cause);
    assertPending(sent);

    end();

    assertSame(broken, failureOf(sent));
    assertArrayEquals(new Throwable[] {closed}, broken.getSuppressed());
    assertSame(closed, failureOf(waiting));
  }

  // SEND-15: also if the connection is closing for another reason
  @Test
  void failureWhileTheConnectionClosesIsWhatTheUserGets() {
    CompletableFuture<Void> sent = sendAll(brokenAfter("a"), elsewhere::add);
    elsewhere.remove().run();
    loop.runTasks();
    beginClose();
    elsewhere.remove().run();
    loop.runTasks();
    assertPending(sent);
    end();
    assertSame(broken, failureOf(sent));
    assertArrayEquals(new Throwable[] {closed}, broken.getSuppressed());
    assertEvents("text:a+", "flush");
  }

  // SEND-18: websockets loses the item and raises an AssertionError
  @Test
  void messageWhoseFirstItemComesLateQueuesUp() {
    CompletableFuture<Void> late = sendAll(source);
    MessageWriter writer = gate.writer(MessageType.BINARY);
    loop.run(() -> writer.write(new byte[] {'B'}));
    loop.run(() -> source.next("a"));
    source.complete();
    loop.runTasks();
    assertPending(late);
    loop.run(writer::finish);
    assertSent(late);
    assertEvents("binary:B+", "flush", "more:", "text:a+", "more:", "flush");
  }

  // SEND-19: websockets leaves the connection open and unusable
  @Test
  void cancelAfterAFragmentFailsTheConnectionAtOnce() {
    CompletableFuture<Void> sent = sendAll(List.of("a", "b"), elsewhere::add);
    elsewhere.remove().run();
    loop.runTasks();
    sent.cancel(false);
    loop.runTasks();
    assertEvents("text:a+", "flush", "fail 1011 error in fragmented message");
    elsewhere.remove().run();
    loop.runTasks();
    end();
    assertEvents();
    assertTrue(sent.isCancelled());
  }

  // SEND-19
  @Test
  void timeoutBeforeAFragmentHarmsNobody() {
    output.isWritable = false;
    CompletableFuture<Void> sent = sendAll(source);
    source.next("a");
    loop.runTasks();
    sent.completeExceptionally(new TimeoutException());
    loop.runTasks();
    assertTrue(source.isCancelled);
    drain();
    source.next("b");
    assertEvents();
    assertSent(send("next"));
  }

  @Test
  void refusedItemEndsTheMessage() {
    gate = gate(ConnectionOptions.builder().maxPendingSendBytes(4).build());
    output.isWritable = false;
    CompletableFuture<Void> waiting = send("1234");
    CompletableFuture<Void> refused = sendAll(List.of("a", "b"), elsewhere::add);
    elsewhere.remove().run();
    loop.runTasks();
    assertInstanceOf(SendQueueFullException.class, failureOf(refused));
    drain();
    assertSent(waiting);
    assertEvents("text:1234", "flush");
  }

  @Test
  void executorThatRefusesIsWhatTheUserGets() {
    CompletableFuture<Void> sent =
        sendAll(
            List.of("a"),
            task -> {
              throw new RejectedExecutionException("full");
            });
    loop.runTasks();
    assertInstanceOf(RejectedExecutionException.class, failureOf(sent));
  }

  // SEND-32
  @Test
  void sendFailsIfTheConnectionEndsBeforeTheLastFrame() {
    output.writesUntilFull = 2;
    CompletableFuture<Void> sent = sendAll(List.of("a"));
    assertEvents("text:a+", "more:", "flush");
    assertPending(sent);
    end();
    assertSame(closed, failureOf(sent));
  }

  // SEND-07
  @Test
  void noItemsAfterTheEndAreNoFailure() {
    end();
    assertSent(sendAll(List.of()));
  }

  @Test
  void loopThatIsGoneIsWhatTheUserGets() {
    CompletableFuture<Void> sent = sendAll(source);
    loop.shutdownGracefully();
    loop.run(() -> Collections.nCopies(64, "").forEach(source::next));
    assertTrue(source.isCancelled);
    end();
    assertInstanceOf(RejectedExecutionException.class, failureOf(sent));
  }

  // SEND-40
  @Test
  void sendAfterTheEndFails() {
    end();
    assertSame(closed, failureOf(sendAll(List.of("a"))));
    CompletableFuture<Void> sent = sendAll(source);
    loop.run(() -> source.next("a"));
    assertSame(closed, failureOf(sent));
    assertTrue(source.isCancelled);
    assertEquals(0, closed.getSuppressed().length);
  }

  // SEND-10, SEND-17
  @Test
  void publisherIsAskedForOneItemAtATime() {
    CompletableFuture<Void> sent = sendAll(source);
    assertEquals(1, source.requested);
    output.writesUntilFull = 1;
    loop.run(() -> source.next("a"));
    assertEquals(1, source.requested);
    drain();
    assertEquals(2, source.requested);
    loop.run(() -> source.next("b"));
    source.complete();
    loop.runTasks();
    assertSent(sent);
    assertEvents("text:a+", "flush", "more:b+", "flush", "more:", "flush");
  }

  // SEND-15
  @Test
  void failureOfThePublisherBeforeTheFragmentHasPassedIsWhatTheUserGets() {
    output.writesUntilFull = 1;
    CompletableFuture<Void> sent = sendAll(source);
    loop.run(() -> source.next("a"));
    loop.run(() -> source.subscriber.onError(broken));
    source.subscriber.onError(new IllegalStateException("once more"));
    source.complete();
    end();
    assertSame(broken, failureOf(sent));
    assertSame(broken, output.cause);
    assertArrayEquals(new Throwable[] {closed}, broken.getSuppressed());
  }

  // SEND-14
  @Test
  void failureOfThePublisherBeforeTheFirstItemHarmsNobody() {
    CompletableFuture<Void> sent = sendAll(source);
    loop.run(() -> source.subscriber.onError(broken));
    assertSame(broken, failureOf(sent));
    CompletableFuture<Void> unsubscribed =
        sendAll(
            (Flow.Publisher<String>)
                subscriber -> {
                  throw broken;
                });
    assertSame(broken, failureOf(unsubscribed));
    assertSent(send("next"));
    assertEvents("text:next", "flush");
  }

  // SEND-15
  @Test
  void requestThatThrowsEndsTheMessage() {
    source.thrownByRequest = broken;
    CompletableFuture<Void> sent = sendAll(source);
    assertSame(broken, failureOf(sent));
    assertTrue(source.isCancelled);
  }

  @Test
  void rulesOfReactiveStreamsAreKept() {
    CompletableFuture<Void> sent = sendAll(source);
    Source second = new Source();
    source.subscriber.onSubscribe(second);
    assertTrue(second.isCancelled, "rule 2.5");
    assertEquals(0, second.requested);
    Flow.Subscriber<? super String> subscriber = source.subscriber;
    assertThrows(NullPointerException.class, () -> subscriber.onSubscribe(null), "rule 2.13");
    assertThrows(NullPointerException.class, () -> subscriber.onError(null), "rule 2.13");
    assertThrows(NullPointerException.class, () -> subscriber.onNext(null), "rule 2.13");
    loop.runTasks();
    assertTrue(source.isCancelled);
    assertInstanceOf(NullPointerException.class, failureOf(sent));
    subscriber.onNext("late"); // rule 2.8
    subscriber.onComplete();
    assertEvents();
  }

  @Test
  void subscriptionThatComesAfterTheCancelIsCancelled() {
    Flow.Publisher<String> late = subscriber -> source.subscriber = subscriber;
    CompletableFuture<Void> sent = sendAll(late);
    sent.cancel(false);
    source.subscriber.onSubscribe(source);
    assertTrue(source.isCancelled);
    assertEquals(0, source.requested);
    loop.runTasks();
  }

  @Test
  void endOfThePublisherIsNotAnsweredWithACancel() {
    CompletableFuture<Void> sent = sendAll(source);
    loop.run(source::complete);
    assertSent(sent);
    assertTrue(!source.isCancelled, "rule 2.3");
  }

  @Test
  void longPublicationLeavesOtherTasksTheirTurn() {
    int[] given = new int[1];
    CompletableFuture<Void> sent =
        gate.sendAll(
            MessageType.TEXT,
            subscriber -> subscriber.onSubscribe(new Counter(subscriber, given)),
            SendAllTest::encode);
    loop.execute(() -> assertTrue(given[0] < 1000, "given " + given[0]));
    loop.runTasks();
    assertSent(sent);
    assertEquals(1000, given[0]);
  }

  /** Gives an item on the requesting thread, as often as it is asked, a thousand times. */
  private record Counter(Flow.Subscriber<? super String> subscriber, int[] given)
      implements Flow.Subscription {
    @Override
    public void request(long n) {
      if (given[0] == 1000) {
        subscriber.onComplete();
      } else {
        given[0]++;
        subscriber.onNext("");
      }
    }

    @Override
    public void cancel() {
      throw new NoSuchElementException("nobody cancels");
    }
  }

  /** A publisher of one subscription, driven by the test. */
  private static final class Source implements Flow.Publisher<String>, Flow.Subscription {
    private Flow.Subscriber<? super String> subscriber;
    private long requested;
    private boolean isCancelled;
    private RuntimeException thrownByRequest;

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      this.subscriber = subscriber;
      subscriber.onSubscribe(this);
    }

    private void next(String item) {
      subscriber.onNext(item);
    }

    private void complete() {
      subscriber.onComplete();
    }

    @Override
    public void request(long n) {
      requested += n;
      if (thrownByRequest != null) {
        throw thrownByRequest;
      }
    }

    @Override
    public void cancel() {
      isCancelled = true;
    }
  }
}
