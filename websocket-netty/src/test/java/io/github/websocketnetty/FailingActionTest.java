package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Exceptions of the application in a loop over messages: nothing ends in silence. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class FailingActionTest {
  /** How an action fails. */
  enum Failing {
    FOR_EACH,
    THROWING,
    STAGE,
    LATER
  }

  private final IllegalStateException broken = new IllegalStateException("user's");
  private final RecordedLog log = new RecordedLog(false);
  private final ConnectionFixture peer;
  private final Connection connection;

  FailingActionTest(Side side) {
    peer = new ConnectionFixture(side, ConnectionOptions.builder().logger(log).build());
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private CompletableFuture<Void> loop(Failing failing) {
    if (failing == Failing.FOR_EACH) {
      return connection.forEach(
          message -> {
            throw broken;
          });
    }
    return connection.forEachAsync(message -> fail(failing));
  }

  private CompletionStage<Object> fail(Failing failing) {
    if (failing == Failing.THROWING) {
      throw broken;
    }
    CompletableFuture<Object> stage = new CompletableFuture<>();
    if (failing == Failing.STAGE) {
      stage.completeExceptionally(broken);
    } else {
      peer.channel.eventLoop().execute(() -> stage.completeExceptionally(broken));
    }
    return stage.thenApply(done -> done); // wraps what it failed with
  }

  private List<String> errors() {
    return log.records.stream().filter(record -> record.startsWith("ERROR")).toList();
  }

  private void assertLoggedOnce(String what) {
    assertEquals(List.of("ERROR " + connection.id() + " " + what), errors());
    assertEquals(List.of(broken), log.failures.stream().filter(broken::equals).toList());
  }

  // RECV-39
  @ParameterizedTest
  @EnumSource
  void anActionThatFailsEndsTheConnectionIfTheFutureIsNotUsed(Failing failing) {
    loop(failing);
    peer.peerSends(peer.text("a"));
    peer.assertSentClose(1011, "");
    assertLoggedOnce("action for messages failed");
    peer.tcpIsLost();
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertSame(broken, failure(connection.recv()).getCause());
  }

  // RECV-39, RECV-30: the messages were there before the loop
  @ParameterizedTest
  @EnumSource
  void anActionThatFailsAtOnceEndsTheConnectionToo(Failing failing) {
    peer.peerSends(peer.text("a"), peer.text("b"));
    loop(failing);
    peer.assertSentClose(1011, "");
    assertLoggedOnce("action for messages failed");
    assertEquals("b", value(connection.recvText()), "what has arrived stays readable");
  }

  private void assertLeftToTheFuture(Failing failing, Consumer<CompletableFuture<Void>> use) {
    CompletableFuture<Void> loop = loop(failing);
    use.accept(loop);
    peer.peerSends(peer.text("a"));
    peer.assertNothingSent();
    assertSame(broken, failure(loop));
    peer.peerSends(peer.text("b"));
    assertEquals("b", value(connection.recvText()));
    assertEquals(ConnectionState.OPEN, connection.state());
    assertEquals(List.of(), errors());
  }

  // RECV-39
  @ParameterizedTest
  @EnumSource
  void anActionThatFailsLeavesTheConnectionToTheFutureThatIsUsed(Failing failing) {
    List<Throwable> told = new ArrayList<>();
    assertLeftToTheFuture(failing, loop -> loop.whenComplete((done, failure) -> told.add(failure)));
    assertEquals(List.of(broken), told);
  }

  // RECV-39: allOf looks at futures without deriving any from them
  @ParameterizedTest
  @EnumSource
  void aFutureAmongOthersIsUsed(Failing failing) {
    assertLeftToTheFuture(
        failing, loop -> CompletableFuture.allOf(loop, new CompletableFuture<>()));
  }

  // RECV-39: a future that has failed when it is returned may be used in the same turn
  @Test
  void aFutureThatFailedWithinTheCallMayBeUsedAfterwards() {
    for (Consumer<CompletableFuture<Void>> use : uses()) {
      peer.peerSends(peer.text("a"), peer.text("b"));
      use.accept(loop(Failing.FOR_EACH));
      peer.assertNothingSent();
      assertEquals("b", value(connection.recvText()));
      assertEquals(List.of(), errors());
    }
  }

  private List<Consumer<CompletableFuture<Void>>> uses() {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    return List.of(
        loop -> loop.exceptionally(failure -> null),
        loop -> loop.thenRun(() -> {}),
        ConnectionFixture::failure,
        CompletableFuture::isCompletedExceptionally,
        loop -> done.thenCompose(nothing -> loop));
  }

  // SRV-12: an endpoint that returns the future uses it, so its failure is logged once
  @ParameterizedTest
  @EnumSource
  void anEndpointThatReturnsTheFutureIsLoggedOnce(Failing failing) {
    peer.peerSends(peer.text("a"));
    EndpointRun.run(opened -> loop(failing), connection);
    peer.assertSentClose(1011, "");
    assertLoggedOnce("connection handler failed");
  }

  // SRV-12: one that drops it does not
  @ParameterizedTest
  @EnumSource
  void anEndpointThatDropsTheFutureIsLoggedOnce(Failing failing) {
    EndpointRun.run(
        opened -> {
          loop(failing);
          return opened.waitClosed();
        },
        connection);
    peer.peerSends(peer.text("a"));
    peer.assertSentClose(1011, "");
    peer.tcpIsLost();
    assertLoggedOnce("action for messages failed");
  }

  // RECV-39: the loop has ended before, so its failure keeps no message from others
  @Test
  void anActionThatFailsAfterItsLoopWasCancelledIsLoggedOnly() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    CompletableFuture<Void> loop = connection.forEachAsync(message -> stage);
    peer.peerSends(peer.text("a"));
    loop.cancel(false);
    stage.completeExceptionally(broken);
    peer.run();
    peer.assertNothingSent();
    assertLoggedOnce("action for messages failed");
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // RECV-38: the end of its connection is no failure of an action that sends
  @Test
  void anActionThatFailsBecauseTheConnectionEndsIsNotLogged() {
    connection.forEachAsync(connection::send);
    peer.peerStopsReading();
    connection.send(new byte[100_000]);
    peer.peerSends(peer.text("a"));
    peer.tcpIsLost();
    assertEquals(List.of(), errors());
  }

  // RECV-38: also where a stage or a thread of the action wraps it
  @Test
  void anActionThatFailsWithTheWrappedEndOfTheConnectionIsNotLogged() {
    CompletableFuture<Void> stage = new CompletableFuture<>();
    CompletableFuture<Void> loop = connection.forEachAsync(message -> stage);
    peer.peerSends(peer.text("a"));
    peer.tcpIsLost();
    Throwable end = failure(connection.recv());
    stage.completeExceptionally(new IllegalStateException(new ExecutionException(end)));
    peer.run();
    assertInstanceOf(IllegalStateException.class, failure(loop));
    assertEquals(List.of(), errors());
  }

  // SRV-12: that of another connection is, however well it was closed
  @Test
  void anActionThatFailsBecauseAnotherConnectionHasEndedHasFailed() {
    ConnectionFixture other = new ConnectionFixture(peer.side);
    other.connection.close();
    other.assertSentClose(1000, "");
    other.peerCloses(1000, "");
    CompletableFuture<Void> loop = connection.forEachAsync(other.connection::send);
    peer.peerSends(peer.text("a"));
    peer.assertSentClose(1011, "");
    assertInstanceOf(ConnectionClosedOkException.class, failure(loop));
    assertEquals(1, errors().size());
    other.end();
  }

  /** What gives the fragments of a message and fails. */
  enum Source {
    ITERABLE,
    ITERABLE_WITH_EXECUTOR,
    EXECUTOR,
    PUBLISHER,
    SUBSCRIBE
  }

  /** Fails behind so many items. */
  private CompletableFuture<Void> send(Source source, int items) {
    Iterable<String> failing = () -> failing(items);
    return switch (source) {
      case ITERABLE -> connection.sendText(failing);
      case ITERABLE_WITH_EXECUTOR -> connection.sendText(failing, Runnable::run);
      case EXECUTOR ->
          connection.sendText(
              failing,
              task -> {
                throw broken;
              });
      case PUBLISHER -> connection.sendText(new Publisher(items));
      case SUBSCRIBE ->
          connection.sendText(
              (Flow.Publisher<String>)
                  subscriber -> {
                    throw broken;
                  });
    };
  }

  private Iterator<String> failing(int items) {
    return Stream.iterate(0, i -> i + 1)
        .map(
            i -> {
              if (i == items) {
                throw broken;
              }
              return "x";
            })
        .iterator();
  }

  /** Publishes when it is asked, and fails. */
  private final class Publisher implements Flow.Publisher<String>, Flow.Subscription {
    private Flow.Subscriber<? super String> subscriber;
    private int left;

    Publisher(int items) {
      left = items;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscribed) {
      subscriber = subscribed;
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long count) {
      if (left-- > 0) {
        subscriber.onNext("x");
      } else {
        subscriber.onError(broken);
      }
    }

    @Override
    public void cancel() {
      // It asks no more.
    }
  }

  // SEND-14: nothing was sent, so the connection stays
  @ParameterizedTest
  @EnumSource
  void aSourceThatFailsAtOnceIsLoggedIfTheFutureIsNotUsed(Source source) {
    send(source, 0);
    peer.run();
    peer.assertNothingSent();
    assertLoggedOnce("source of a message failed");
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // SEND-15
  @ParameterizedTest
  @EnumSource(names = {"ITERABLE", "ITERABLE_WITH_EXECUTOR", "PUBLISHER"})
  void aSourceThatFailsLaterIsLoggedIfTheFutureIsNotUsed(Source source) {
    send(source, 1);
    peer.run();
    peer.tcpIsLost();
    assertSame(broken, failure(connection.recv()).getCause());
    assertLoggedOnce("source of a message failed");
  }

  // SEND-14, SEND-15
  @ParameterizedTest
  @EnumSource
  void aSourceThatFailsIsLeftToTheFutureThatIsUsed(Source source) {
    CompletableFuture<Void> sent = send(source, 0);
    CompletableFuture<Throwable> told = sent.handle((done, failure) -> failure);
    peer.run();
    assertSame(broken, value(told));
    assertEquals(List.of(), errors());
  }
}
