package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gives the fragments of a message fails where the future does not tell it. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class FailingSourceTest {
  private final Error broken = new AssertionError("user's");
  private final RecordedLog log = new RecordedLog(false);
  private final ConnectionFixture peer;
  private final Connection connection;

  FailingSourceTest(Side side) {
    peer = new ConnectionFixture(side, ConnectionOptions.builder().logger(log).build());
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private void assertLoggedOnce() {
    List<String> errors = log.records.stream().filter(line -> line.startsWith("ERROR")).toList();
    assertEquals(List.of("ERROR " + connection.id() + " source of a message failed"), errors);
    assertSame(broken, log.failures.get(0));
  }

  /** Publishes one item, then waits; what it does when it is cancelled fails. */
  private Flow.Publisher<String> failingWhenCancelled(String item) {
    return subscriber ->
        subscriber.onSubscribe(
            new Flow.Subscription() {
              private boolean isAsked;

              @Override
              public void request(long count) {
                if (!isAsked) {
                  isAsked = true;
                  subscriber.onNext(item);
                }
              }

              @Override
              public void cancel() {
                throw broken;
              }
            });
  }

  // SEND-15
  @Test
  void aSubscriptionThatCannotBeCancelledIsLogged() {
    CompletableFuture<Void> sent = connection.sendText(failingWhenCancelled("x"));
    peer.assertSent(false, 1, "x");
    sent.cancel(false);
    peer.assertSentClose(1011, "error in fragmented message");
    assertLoggedOnce();
  }

  // SEND-14, SEND-15: the message is given up nevertheless
  @Test
  void anItemOfASubscriptionThatCannotBeCancelledFailsTheFuture() {
    CompletableFuture<Void> sent = connection.sendText(failingWhenCancelled("\ud800"));
    assertInstanceOf(IllegalArgumentException.class, failure(sent));
    assertLoggedOnce();
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // SEND-15: an executor may fail with an Error, as where no thread can be made
  @Test
  void anExecutorThatFailsLaterEndsTheMessage() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    peer.peerStopsReading();
    CompletableFuture<Void> sent =
        connection.sendText(
            List.of("x".repeat(100_000), "y"),
            task -> {
              if (!tasks.isEmpty()) {
                throw broken;
              }
              tasks.add(task);
            });
    tasks.element().run();
    peer.peerReadsAgain();
    peer.run();
    peer.tcpIsLost();
    assertSame(broken, failure(connection.recv()).getCause());
    assertSame(broken, failure(sent));
    assertLoggedOnce();
  }

  // SEND-14
  @Test
  void anExecutorThatFailsAtOnceFailsTheFuture() {
    CompletableFuture<Void> sent =
        connection.sendText(
            List.of("x"),
            task -> {
              throw broken;
            });
    assertSame(broken, failure(sent));
    peer.assertNothingSent();
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  // SEND-41: a source that gives no more does not keep its future from the end
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theEndFailsAPublisherThatWaits(int items) {
    List<String> calls = new ArrayList<>();
    Flow.Publisher<String> waiting =
        subscriber ->
            subscriber.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long count) {
                    calls.add("request");
                    if (calls.size() <= items) {
                      subscriber.onNext("x");
                    }
                  }

                  @Override
                  public void cancel() {
                    calls.add("cancel");
                  }
                });
    CompletableFuture<Void> sent = connection.sendText(waiting);
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedException.class, failure(sent));
    assertEquals("cancel", calls.get(items + 1));
    assertEquals(items + 2, calls.size());
    assertEquals(List.of(), log.failures);
  }

  // SEND-41
  @Test
  void theEndFailsAnExecutorThatWaits() {
    CompletableFuture<Void> sent = connection.sendText(List.of("x"), task -> {});
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedException.class, failure(sent));
  }

  // SEND-14
  @Test
  void anIteratorThatFailsBehindTheEndIsLogged() {
    peer.tcpIsLost();
    Iterable<String> failing =
        () -> {
          throw broken;
        };
    connection.sendText(failing);
    peer.run();
    assertLoggedOnce();
  }
}
