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
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Sending a message in fragments: from iterables, publishers and writers. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionFragmentedSendTest {
  private static final String IN_FRAGMENTS = "error in fragmented message";

  private final Side side;
  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionFragmentedSendTest(Side side) {
    this.side = side;
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  /** Returns a publisher that runs on the test's thread. */
  private static <T> SubmissionPublisher<T> publisher() {
    return new SubmissionPublisher<>(Runnable::run, 16);
  }

  private static <T> CompletableFuture<Void> publish(
      Function<SubmissionPublisher<T>, CompletableFuture<Void>> send, List<T> items) {
    SubmissionPublisher<T> publisher = publisher();
    CompletableFuture<Void> sent = send.apply(publisher);
    items.forEach(publisher::submit);
    publisher.close();
    return sent;
  }

  private void assertText(String... fragments) {
    int opcode = Opcode.TEXT;
    for (String fragment : fragments) {
      peer.assertSent(false, opcode, fragment);
      opcode = Opcode.CONTINUATION;
    }
    peer.assertSent(true, Opcode.CONTINUATION, "");
  }

  private void assertBinary() {
    peer.assertSent(false, Opcode.BINARY, new byte[] {1, 2});
    peer.assertSent(false, Opcode.CONTINUATION, new byte[] {-2, -1});
    peer.assertSent(true, Opcode.CONTINUATION, "");
  }

  private void assertUntouched() {
    peer.assertNothingSent();
    assertEquals(ConnectionState.OPEN, connection.state());
    value(connection.send("next"));
    peer.assertSent(true, Opcode.TEXT, "next");
  }

  private static ConnectionClosedErrorException error(CompletableFuture<?> future) {
    return assertInstanceOf(ConnectionClosedErrorException.class, failure(future));
  }

  // SEND-10: test_send_fragmented_text
  @Test
  void anIterableOfTextIsSentAsAFragmentForEachItemAndAnEmptyLastOne() {
    value(connection.sendText(List.of("😀", "😀")));
    assertText("😀", "😀");
    peer.assertNothingSent();
  }

  // SEND-10: test_send_fragmented_binary
  @Test
  void anIterableOfBytesIsSentTheSameWay() {
    value(connection.sendBinary(List.of(new byte[] {1, 2}, new byte[] {-2, -1})));
    assertBinary();
  }

  // SEND-10: test_send_async_fragmented_text
  @Test
  void aPublisherOfTextIsSentTheSameWay() {
    value(publish(connection::sendText, List.of("😀", "😀")));
    assertText("😀", "😀");
  }

  // SEND-10: test_send_async_fragmented_binary
  @Test
  void aPublisherOfBytesIsSentTheSameWay() {
    value(publish(connection::sendBinary, List.of(new byte[] {1, 2}, new byte[] {-2, -1})));
    assertBinary();
  }

  // SEND-02: test_send_fragmented_text_from_bytes, test_send_async_fragmented_text_from_bytes: a
  // writer takes the UTF-8 of a text, cut anywhere
  @Test
  void fragmentsOfTextAreSentFromBytes() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    value(writer.write(WireFrame.hex("F09F")));
    value(writer.write(WireFrame.hex("009880"), 1, 2));
    value(writer.write("a"));
    value(writer.finish());
    peer.assertSent(false, Opcode.TEXT, WireFrame.hex("F09F"));
    peer.assertSent(false, Opcode.CONTINUATION, WireFrame.hex("9880"));
    peer.assertSent(false, Opcode.CONTINUATION, "a");
    peer.assertSent(true, Opcode.CONTINUATION, "");
  }

  // SEND-02: test_send_fragmented_binary_from_str, test_send_async_fragmented_binary_from_str: the
  // type of the message and that of its fragments are chosen by the caller, text is no bytes
  @Test
  void aWriterOfBytesTakesNoText() {
    MessageWriter writer = connection.sendStreaming(MessageType.BINARY);
    assertThrows(IllegalArgumentException.class, () -> writer.write("text"));
    value(writer.finish());
    assertUntouched();
  }

  // SEND-06: test_send_dict: a Map is not Iterable, so the compiler refuses it; its keys are
  @Test
  void theKeysOfAMapAreSentLikeAnyIterable() {
    value(connection.sendText(Map.of("key", 1).keySet()));
    assertText("key");
  }

  /** Gives other items to those who iterate than to those who subscribe. */
  private record Both(List<String> items, Flow.Publisher<String> published)
      implements Iterable<String>, Flow.Publisher<String> {
    @Override
    public Iterator<String> iterator() {
      return items.iterator();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      published.subscribe(subscriber);
    }
  }

  // SEND-08: the compiler wants to be told which it is
  @Test
  void whatIsIterableAndAPublisherIsSentAsTheCallerSays() {
    SubmissionPublisher<String> publisher = publisher();
    Both both = new Both(List.of("iterated"), publisher);
    value(connection.sendText((Iterable<String>) both));
    assertText("iterated");
    CompletableFuture<Void> sent = connection.sendText((Flow.Publisher<String>) both);
    publisher.submit("published");
    publisher.close();
    value(sent);
    assertText("published");
  }

  // SEND-11: test_send_empty_iterable
  @Test
  void anEmptyIterableSendsNothing() {
    value(connection.sendText(List.of()));
    value(connection.sendBinary(List.of()));
    assertUntouched();
  }

  // SEND-11: test_send_empty_async_iterable
  @Test
  void anEmptyPublisherSendsNothing() {
    value(publish(connection::sendText, List.<String>of()));
    value(publish(connection::sendBinary, List.<byte[]>of()));
    value(connection.sendStreaming(MessageType.TEXT).finish());
    assertUntouched();
  }

  // SEND-12: test_send_mixed_iterable: the compiler refuses mixed types; what is left is an item
  // that cannot be sent
  @Test
  void anItemOfAnIterableThatCannotBeSentFailsTheConnection() {
    CompletableFuture<Void> sent = connection.sendText(Arrays.asList("😀", null));
    peer.assertSent(false, Opcode.TEXT, "😀");
    peer.assertSentClose(1011, IN_FRAGMENTS);
    peer.tcpIsLost();
    assertInstanceOf(NullPointerException.class, failure(sent));
    assertEquals(1011, error(connection.recv()).sent().orElseThrow().code());
  }

  // SEND-12, SEND-04: test_send_mixed_async_iterable
  @Test
  void anItemOfAPublisherThatCannotBeSentFailsTheConnection() {
    CompletableFuture<Void> sent = publish(connection::sendText, List.of("😀", "a\uDE00"));
    peer.assertSent(false, Opcode.TEXT, "😀");
    peer.assertSentClose(1011, IN_FRAGMENTS);
    peer.tcpIsLost();
    assertInstanceOf(IllegalArgumentException.class, failure(sent));
  }

  // SEND-13: test_send_unsupported_iterable: nothing was sent, so nothing is broken
  @Test
  void aFirstItemThatCannotBeSentLeavesTheConnectionUntouched() {
    assertInstanceOf(
        NullPointerException.class, failure(connection.sendText(Arrays.asList(null, "a"))));
    assertUntouched();
  }

  // SEND-13: test_send_unsupported_async_iterable
  @Test
  void aFirstItemOfAPublisherThatCannotBeSentLeavesTheConnectionUntouched() {
    CompletableFuture<Void> sent = publish(connection::sendText, List.of("\uDE00", "a"));
    assertInstanceOf(IllegalArgumentException.class, failure(sent));
    assertUntouched();
  }

  /** Gives the items and then fails. */
  private static Iterable<String> failing(RuntimeException failure, String... items) {
    Iterator<String> given = List.of(items).iterator();
    return () ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            if (!given.hasNext()) {
              throw failure;
            }
            return given.next();
          }
        };
  }

  // SEND-14
  @Test
  void aSourceThatFailsBeforeItsFirstItemLeavesTheConnectionUntouched() {
    RuntimeException users = new IllegalStateException("user's");
    assertSame(users, failure(connection.sendText(failing(users))));
    assertUntouched();
    SubmissionPublisher<String> publisher = publisher();
    CompletableFuture<Void> sent = connection.sendText(publisher);
    publisher.closeExceptionally(users);
    assertSame(users, failure(sent));
    assertUntouched();
  }

  // SEND-15: the user's exception surfaces though the peer is silent, that of the end is suppressed
  @Test
  void aSourceThatFailsLaterFailsTheConnectionAndItsFailureSurfaces() {
    RuntimeException users = new IllegalStateException("user's");
    CompletableFuture<Void> sent = connection.sendText(failing(users, "a", "b"));
    CompletableFuture<Void> behind = connection.send("behind");
    peer.assertSent(false, Opcode.TEXT, "a");
    peer.assertSent(false, Opcode.CONTINUATION, "b");
    peer.assertSentClose(1011, IN_FRAGMENTS);
    assertFalse(sent.isDone());
    peer.advance(10, TimeUnit.SECONDS);
    assertSame(users, failure(sent));
    assertSame(error(behind), users.getSuppressed()[0]);
    assertEquals(
        "sent 1011 (internal error) error in fragmented message; no close frame received",
        error(behind).getMessage());
    assertSame(users, error(behind).getCause());
  }

  // SEND-15
  @Test
  void aPublisherThatFailsLaterFailsTheConnectionAndItsFailureSurfaces() {
    RuntimeException users = new IllegalStateException("user's");
    SubmissionPublisher<byte[]> publisher = publisher();
    CompletableFuture<Void> sent = connection.sendBinary(publisher);
    publisher.submit(new byte[] {1});
    publisher.closeExceptionally(users);
    peer.assertSent(false, Opcode.BINARY, new byte[] {1});
    peer.assertSentClose(1011, IN_FRAGMENTS);
    peer.tcpIsLost();
    assertSame(users, failure(sent));
  }

  // SEND-16: the other end of SEND-15
  @Test
  void aPeerThatGivesAMessageUpIsNoticed() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "half"), peer.close(1011, IN_FRAGMENTS));
    peer.assertSentClose(1011, IN_FRAGMENTS); // not 1002: RFC 6455 5.5.1 lets us echo the code
    peer.tcpIsLost();
    assertEquals(1011, error(waiting).received().orElseThrow().code());
  }

  // SEND-17: test_send_while_send_blocked
  @Test
  void anIterableIsReadAtThePaceOfThePeer() {
    AtomicInteger taken = new AtomicInteger();
    Iterable<String> endless = () -> endless(taken);
    peer.peerStopsReading();
    CompletableFuture<Void> sent = connection.sendText(endless);
    for (int i = 0; i < 100; i++) {
      peer.run();
    }
    int first = taken.get();
    assertTrue(first <= 4, "took " + first + " items");
    CompletableFuture<Void> waiting = connection.send("waits");
    assertFalse(waiting.isDone());
    peer.peerReadsAgain();
    value(sent);
    value(waiting);
    assertEquals(1000, taken.get());
  }

  /** Gives items of 10,000 characters. */
  private static Iterator<String> endless(AtomicInteger taken) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return taken.get() < 1000;
      }

      @Override
      public String next() {
        taken.incrementAndGet();
        return "x".repeat(10_000);
      }
    };
  }

  // SEND-17: test_send_while_send_async_blocked
  @Test
  void aPublisherIsAskedAtThePaceOfThePeer() {
    peer.peerStopsReading();
    SubmissionPublisher<byte[]> publisher = publisher();
    CompletableFuture<Void> sent = connection.sendBinary(publisher);
    publisher.submit(new byte[40_000]);
    publisher.submit(new byte[] {2});
    CompletableFuture<Void> waiting = connection.send("waits");
    assertEquals(1, publisher.estimateMaximumLag());
    peer.peerReadsAgain();
    assertEquals(0, publisher.estimateMaximumLag());
    assertFalse(waiting.isDone());
    publisher.close();
    value(sent);
    value(waiting);
  }

  // SEND-18
  @Test
  void twoPublishersThatBeginTogetherAreSentOneAfterTheOther() {
    SubmissionPublisher<String> slow = publisher();
    CompletableFuture<Void> first = connection.sendText(slow);
    SubmissionPublisher<String> fast = publisher();
    CompletableFuture<Void> second = connection.sendText(fast);
    fast.submit("fast");
    slow.submit("slow");
    slow.close();
    assertFalse(first.isDone());
    fast.close();
    value(second);
    value(first);
    assertText("fast");
    assertText("slow");
  }

  // SEND-19
  @Test
  void whoCancelsAMessageInFragmentsFailsTheConnectionAtOnce() {
    SubmissionPublisher<String> publisher = publisher();
    CompletableFuture<Void> sent = connection.sendText(publisher);
    publisher.submit("half");
    CompletableFuture<Void> waiting = connection.send("waits");
    assertTrue(sent.cancel(true));
    peer.assertSent(false, Opcode.TEXT, "half");
    peer.assertSentClose(1011, IN_FRAGMENTS);
    assertFalse(publisher.hasSubscribers());
    peer.tcpIsLost();
    assertEquals(1011, error(waiting).sent().orElseThrow().code());
  }

  // SEND-19: before the first fragment it does no harm
  @Test
  void whoCancelsBeforeTheFirstFragmentFailsNothing() {
    SubmissionPublisher<String> publisher = publisher();
    assertTrue(connection.sendText(publisher).cancel(true));
    publisher.offer("late", null);
    assertUntouched();
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.abort();
    assertUntouched();
  }

  // SEND-19
  @Test
  void aWriterThatIsAbortedFailsTheConnection() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    value(writer.write("half"));
    writer.abort();
    peer.assertSent(false, Opcode.TEXT, "half");
    peer.assertSentClose(1011, IN_FRAGMENTS);
  }

  // SEND-20: test_send_during_send
  @Test
  void messagesWaitInOrderWhileOneIsSentInFragments() {
    SubmissionPublisher<String> publisher = publisher();
    CompletableFuture<Void> first = connection.sendText(publisher);
    publisher.submit("1");
    List<CompletableFuture<Void>> waiting =
        List.of(
            connection.send("2"),
            connection.sendText(List.of("3", "4")),
            connection.sendBinary("5"),
            publish(connection::sendText, List.of("6")));
    publisher.submit("1 too");
    waiting.forEach(send -> assertFalse(send.isDone()));
    publisher.close();
    value(first);
    waiting.forEach(ConnectionFixture::value);
    assertText("1", "1 too");
    peer.assertSent(true, Opcode.TEXT, "2");
    assertText("3", "4");
    peer.assertSent(true, Opcode.BINARY, "5");
    assertText("6");
  }

  // SEND-20: those that wait fail with the connection
  @Test
  void messagesThatWaitForTheEndOfAnotherFailWithTheConnection() {
    connection.sendStreaming(MessageType.TEXT).write("half");
    CompletableFuture<Void> waiting = connection.send("waits");
    CompletableFuture<Void> fragments = connection.sendText(List.of("waits", "too"));
    peer.tcpIsLost();
    assertSame(error(waiting), failure(fragments));
  }

  // SEND-21
  @Test
  void controlFramesPassBetweenFragments() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.write("a");
    connection.ping(new byte[] {1});
    value(connection.pong());
    peer.peerSends(peer.ping((byte) 2));
    writer.write("b");
    writer.finish();
    peer.assertSent(false, Opcode.TEXT, "a");
    peer.assertSent(true, Opcode.PING, new byte[] {1});
    peer.assertSent(true, Opcode.PONG, "");
    peer.assertSent(true, Opcode.PONG, new byte[] {2});
    peer.assertSent(false, Opcode.CONTINUATION, "b");
    peer.assertSent(true, Opcode.CONTINUATION, "");
  }

  // SEND-22: test_close_during_send
  @Test
  void closingWithinAMessageFailsTheConnection() {
    SubmissionPublisher<String> publisher = publisher();
    CompletableFuture<Void> sent = connection.sendText(publisher);
    publisher.submit("half");
    CompletableFuture<Void> waiting = connection.send("waits");
    CompletableFuture<Void> closed = connection.close(1001, "ignored");
    peer.assertSent(false, Opcode.TEXT, "half");
    peer.assertSentClose(1011, "close during fragmented message");
    publisher.submit("late");
    peer.tcpIsLost();
    value(closed);
    assertEquals(
        "sent 1011 (internal error) close during fragmented message; no close frame received",
        error(sent).getMessage());
    assertEquals("close during fragmented message", error(sent).getCause().getMessage());
    assertSame(error(sent), failure(waiting));
  }

  // SEND-22: a message whose end waits is no obstacle
  @Test
  void closingSendsAMessageThatIsFinishedAndWaitsFirst() {
    peer.peerStopsReading();
    connection.send(new byte[40_000]);
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.write("a");
    CompletableFuture<Void> finished = writer.finish();
    connection.close();
    peer.peerReadsAgain();
    value(finished);
    assertEquals(40_000, peer.sent().payload().length);
    assertText("a");
    peer.assertSentClose(1000, "");
  }

  // SEND-24, SRV-05: all that a thread sends, whatever the event loop does meanwhile
  @Test
  void anIterableHasItsPlaceAmongAllThatItsThreadSends() throws Exception {
    try (LoopConnection loop = new LoopConnection(side, ConnectionOptions.defaults(), 11)) {
      CountDownLatch sent = new CountDownLatch(1);
      loop.occupyLoop(sent);
      loop.connection.send("1");
      loop.connection.sendText(List.of("2", "2"));
      loop.connection.ping(new byte[0]);
      Message all = TextMessage.of("4");
      Connections.broadcast(List.of(loop.connection), all, SlowReceivers.SKIP);
      loop.connection.sendBinary(List.of(new byte[] {'5'}));
      MessageWriter writer = loop.connection.sendStreaming(MessageType.TEXT);
      writer.write("6");
      loop.connection.sendText(List.of()); // nothing
      writer.finish();
      loop.connection.close();
      sent.countDown();
      assertEquals(
          // what waits is written at once, so the ping comes behind
          List.of("1:1", "1:2", "0:2", "0:", "1:4", "2:5", "0:", "1:6", "0:", "9:", "8:"),
          loop.received().stream().map(ConnectionFragmentedSendTest::describe).toList());
    }
  }

  private static String describe(RecordedFrames.Frame frame) {
    boolean isClose = frame.opcode() == Opcode.CLOSE;
    String payload = isClose ? "" : new String(frame.payload(), StandardCharsets.US_ASCII);
    return frame.opcode() + ":" + payload;
  }

  // SEND-24: the blocking view takes the items on the calling thread
  @Test
  void aBlockingCallHasItsPlaceAmongAllThatItsThreadSends() throws Exception {
    try (LoopConnection loop = new LoopConnection(side, ConnectionOptions.defaults(), 6)) {
      BlockingConnection blocking = loop.connection.blocking();
      loop.connection.send("1");
      loop.connection.sendText(List.of("2"));
      blocking.sendText(List.of("3"));
      blocking.send("4");
      assertEquals(
          List.of("1:1", "1:2", "0:", "1:3", "0:", "1:4"),
          loop.received().stream().map(ConnectionFragmentedSendTest::describe).toList());
    }
  }

  // SEND-24, SEND-18: what takes its place later says so
  @Test
  void aPublisherAndAnExecutorTakeTheirPlaceWithTheFirstItem() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    SubmissionPublisher<String> publisher = publisher();
    connection.sendText(publisher);
    connection.sendText(List.of("on an executor"), tasks::add);
    connection.send("first");
    peer.assertSent(true, Opcode.TEXT, "first");
    peer.assertNothingSent();
    tasks.remove().run();
    publisher.submit("published");
    assertText("on an executor");
    publisher.close();
    assertText("published");
  }
}
