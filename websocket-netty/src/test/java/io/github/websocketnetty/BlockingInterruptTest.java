package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads that are interrupted, or lose their patience, while they wait for a connection. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class BlockingInterruptTest {
  private static final int MESSAGES = 2_000;

  private final ConnectionPair pair;
  private final BlockingConnection connection;
  private final Connection peer;

  BlockingInterruptTest(Side side) throws Exception {
    pair = new ConnectionPair(side, Transports.NIO);
    connection = pair.connection.blocking();
    peer = pair.peer;
  }

  @AfterEach
  void end() throws Exception {
    Thread.interrupted();
    pair.end();
  }

  /** What a call on a thread of its own throws after it was interrupted. */
  private static final class Victim {
    final CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    final CompletableFuture<Boolean> isInterrupted = new CompletableFuture<>();
    final Thread thread;

    Victim(Runnable call) {
      thread =
          new Thread(
              () -> {
                Throwable failure = null;
                try {
                  call.run();
                } catch (Throwable caught) {
                  failure = caught;
                }
                isInterrupted.complete(Thread.currentThread().isInterrupted());
                thrown.complete(failure);
              });
      thread.start();
    }

    void awaitParked() {
      while (thread.getState() != Thread.State.WAITING) {
        assertTrue(thread.isAlive());
        Thread.onSpinWait();
      }
    }

    void assertCancelled() throws Exception {
      assertInstanceOf(CancellationException.class, thrown.get(10, TimeUnit.SECONDS));
      assertTrue(isInterrupted.get());
    }
  }

  private void assertInterruptible(Consumer<BlockingConnection> call) throws Exception {
    Victim victim = new Victim(() -> call.accept(connection));
    victim.awaitParked();
    victim.thread.interrupt();
    victim.assertCancelled();
  }

  // RECV-11
  @Test
  void anInterruptedReceiveLosesNothing() throws Exception {
    assertInterruptible(BlockingConnection::recv);
    assertInterruptible(BlockingConnection::recvText);
    assertInterruptible(BlockingConnection::recvBytes);
    assertInterruptible(ws -> ws.iterator().hasNext());
    peer.send("kept");
    assertEquals("kept", connection.recvText());
  }

  // RECV-12
  @Test
  void anInterruptedReceiveGivesFragmentsBack() throws Exception {
    Victim victim = new Victim(connection::recv);
    MessageWriter message = peer.sendStreaming(MessageType.TEXT);
    message.write("ca");
    pair.settle();
    victim.awaitParked();
    victim.thread.interrupt();
    victim.assertCancelled();
    message.write("fé");
    message.finish();
    assertEquals("café", connection.recvText());
  }

  @Test
  void anInterruptedReaderGoesOn() throws Exception {
    try (BlockingConnection.Reader reader = connection.recvStreaming()) {
      Victim victim = new Victim(reader::next);
      victim.awaitParked();
      victim.thread.interrupt();
      victim.assertCancelled();
      peer.send("kept");
      assertEquals("kept", reader.next().text());
    }
  }

  @Test
  void whatIsThereIsReceivedByAnInterruptedThread() throws Exception {
    peer.send("one");
    peer.send("two");
    pair.settle();
    Thread.currentThread().interrupt();
    assertEquals("one", connection.recvText());
    assertTrue(Thread.currentThread().isInterrupted());
    assertEquals("two", connection.recvText(Duration.ofDays(1)));
    assertTrue(Thread.currentThread().isInterrupted());
    assertThrows(CancellationException.class, connection::recvText);
    assertThrows(CancellationException.class, () -> connection.recvText(Duration.ofDays(1)));
    assertTrue(Thread.interrupted());
    peer.send("three");
    assertEquals("three", connection.recvText());
  }

  @Test
  void aSendThatWaitsForThePeerIsInterruptible() throws Exception {
    pair.hold();
    Victim victim =
        new Victim(
            () -> {
              while (true) {
                connection.send(new byte[64 << 10]);
              }
            });
    CompletableFuture<Void> unsent = new CompletableFuture<>();
    connection.channel().eventLoop().execute(() -> awaitUnwritable(unsent));
    unsent.get(10, TimeUnit.SECONDS);
    victim.awaitParked();
    victim.thread.interrupt();
    victim.assertCancelled();
    assertEquals(ConnectionState.OPEN, connection.state());
    pair.release();
    connection.connection().send("last");
    Message message;
    do {
      message = peer.recv().get(10, TimeUnit.SECONDS);
    } while (message.type() == MessageType.BINARY);
    assertEquals("last", message.text());
  }

  private void awaitUnwritable(CompletableFuture<Void> unwritable) {
    if (connection.channel().isWritable()) {
      connection.channel().eventLoop().execute(() -> awaitUnwritable(unwritable));
    } else {
      unwritable.complete(null);
    }
  }

  @Test
  void pingsAndClosesAreInterruptible() throws Exception {
    pair.hold();
    assertInterruptible(BlockingConnection::waitClosed);
    assertInterruptible(BlockingConnection::ping);
    assertInterruptible(ws -> ws.ping(new byte[] {1}));
    assertInterruptible(ws -> ws.ping(new byte[] {1})); // the payload is free again
    assertInterruptible(BlockingConnection::close);
    pair.turn();
    assertEquals(ConnectionState.CLOSING, connection.state());
    pair.release();
    connection.waitClosed();
  }

  // RECV-13
  @Test
  void interruptsThatRaceMessagesLoseNothing() throws Exception {
    List<String> received = new ArrayList<>();
    Victim victim =
        new Victim(
            () -> {
              while (received.size() < MESSAGES) {
                try {
                  received.add(connection.recvText());
                } catch (CancellationException interrupted) {
                  assertTrue(Thread.currentThread().isInterrupted());
                }
                Thread.interrupted();
              }
            });
    for (int i = 0; i < MESSAGES; i++) {
      peer.send(Integer.toString(i));
      victim.thread.interrupt();
    }
    while (victim.thread.isAlive()) {
      victim.thread.interrupt();
    }
    assertEquals(null, victim.thrown.get());
    assertEquals(IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList(), received);
  }

  // RECV-13
  @Test
  void timeoutsThatRaceMessagesLoseNothing() throws Exception {
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < MESSAGES; i++) {
                peer.blocking().send(Integer.toString(i));
              }
            });
    List<String> received = new ArrayList<>();
    while (received.size() < MESSAGES) {
      try {
        received.add(connection.recvText(Duration.ofNanos(20_000)));
      } catch (TimeoutException early) {
        Thread.onSpinWait();
      }
    }
    sent.get(10, TimeUnit.SECONDS);
    assertEquals(IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList(), received);
  }

  @Test
  void aThreadThatWaitsHoldsNoMonitor() throws Exception {
    assertParksFreely(connection::recv);
    try (BlockingConnection.Reader message = connection.recvStreaming()) {
      assertParksFreely(message::next);
      assertParksFreely(() -> uncheckedly(message.asInputStream()::read));
      assertParksFreely(() -> uncheckedly(() -> message.asReader().skip(1)));
    }
    assertParksFreely(connection::waitClosed);
  }

  private interface Call {
    Object run() throws Exception;
  }

  private static void uncheckedly(Call call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void assertParksFreely(Runnable call) throws Exception {
    Victim victim = new Victim(call);
    victim.awaitParked();
    long[] ids = {victim.thread.getId()};
    var info = ManagementFactory.getThreadMXBean().getThreadInfo(ids, true, true)[0];
    victim.thread.interrupt();
    assertEquals(0, info.getLockedMonitors().length);
    assertEquals(0, info.getLockedSynchronizers().length);
    victim.assertCancelled();
  }

  @Test
  void whatCannotBeWithdrawnIsReturned() throws Exception {
    Waiter waiter = new Waiter(connection.channel().eventLoop());
    Thread.currentThread().interrupt();
    assertEquals("came", waiter.await(() -> new Delivered("came")));
    assertTrue(Thread.interrupted());
    assertEquals("came", waiter.await(() -> new Delivered("came"), Duration.ZERO));
  }

  @Test
  void aFailureThatCannotBeWithdrawnIsThrown() {
    Waiter waiter = new Waiter(connection.channel().eventLoop());
    IllegalArgumentException failure = new IllegalArgumentException();
    Thread.currentThread().interrupt();
    assertSame(
        failure,
        assertThrows(
            IllegalArgumentException.class, () -> waiter.await(() -> new Delivered(failure))));
    assertTrue(Thread.interrupted());
  }

  /** Delivered at the moment when the waiting thread gives up. */
  private static final class Delivered extends CompletableFuture<Object> {
    private final Object outcome;

    Delivered(Object outcome) {
      this.outcome = outcome;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      if (outcome instanceof Throwable failure) {
        completeExceptionally(failure);
      } else {
        complete(outcome);
      }
      return isCancelled();
    }
  }
}
