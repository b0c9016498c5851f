package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.util.concurrent.BlockingOperationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** How a connection ends with its endpoint, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class EndpointTest {
  private final ConnectionFixture peer;
  private final Connection connection;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream console = System.err;

  EndpointTest(Side side) {
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @BeforeEach
  void captureLog() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void end() {
    System.setErr(console);
    peer.end();
  }

  private void serve(Endpoint endpoint) {
    EndpointRun.start(endpoint, connection);
  }

  private String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private void assertNothingLogged() {
    assertEquals("", log());
  }

  private void assertFailed(Throwable failure) {
    assertTrue(log().contains("ERROR"), log());
    assertTrue(log().contains("connection handler failed"), log());
    assertTrue(log().lines().anyMatch(failure.toString()::equals), log()); // not wrapped
    assertTrue(log().contains(connection.id().toString()), log());
    peer.assertSentClose(1011, "");
  }

  // SRV-11
  @Test
  void anEndpointThatIsDoneClosesWith1000() {
    CompletableFuture<String> done = new CompletableFuture<>();
    serve(
        opened -> {
          opened.send("hello");
          return done;
        });
    peer.assertSent(true, 1, "hello");
    peer.assertNothingSent();
    done.complete("anything");
    peer.assertSentClose(1000, "");
    assertNothingLogged();
  }

  // SRV-11
  @Test
  void anEndpointWithoutAStageIsDoneAtOnce() {
    serve(opened -> null);
    peer.assertSentClose(1000, "");
    assertNothingLogged();
  }

  // SRV-12: a stage that others have written may refuse to tell
  @Test
  void anEndpointWhoseStageCannotBeUsedClosesWith1011() {
    IllegalStateException failure = new IllegalStateException("no listeners");
    CompletableFuture<Void> unusable =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<Void> whenComplete(
              BiConsumer<? super Void, ? super Throwable> action) {
            throw failure;
          }
        };
    serve(opened -> unusable);
    assertFailed(failure);
  }

  // SRV-12
  @Test
  void anEndpointThatFailsLaterClosesWith1011() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    serve(opened -> done);
    IOException failure = new IOException("disk full");
    done.completeExceptionally(failure);
    assertFailed(failure);
  }

  // SRV-12
  @Test
  void anEndpointThatThrowsClosesWith1011() {
    IllegalStateException failure = new IllegalStateException("broken");
    serve(
        opened -> {
          throw failure;
        });
    assertFailed(failure);
  }

  // SRV-14
  @Test
  void anEndpointThatIsCancelledClosesWith1011() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    serve(opened -> done);
    done.cancel(true);
    peer.assertSentClose(1011, "");
    assertTrue(log().contains("CancellationException"), log());
  }

  // SRV-14
  @Test
  void anEndpointThatThrowsAnErrorClosesWith1011() {
    AssertionError failure = new AssertionError("unlikely");
    serve(
        opened -> {
          throw failure;
        });
    assertFailed(failure);
  }

  // SRV-12
  @Test
  void theEndOfTheConnectionIsNoFailure() {
    serve(opened -> opened.recv());
    peer.tcpIsLost();
    peer.assertNothingSent();
    assertNothingLogged();
  }

  // SRV-12
  @Test
  void theEndOfTheConnectionIsNoFailureHoweverItIsWrapped() {
    serve(
        opened ->
            opened
                .recv()
                .handle(
                    (message, closed) -> {
                      throw new CompletionException(new IOException("cannot copy", closed));
                    }));
    peer.tcpIsLost();
    assertNothingLogged();
  }

  // SRV-12
  @Test
  void theEndOfAnotherConnectionIsAFailure() {
    ConnectionFixture other = new ConnectionFixture(peer.side);
    serve(opened -> other.connection.recv());
    other.end();
    peer.assertSentClose(1011, "");
    assertTrue(log().contains("ConnectionClosedErrorException"), log());
  }

  // SRV-12
  @Test
  void aFailureWithCausesInACircleClosesWith1011() {
    serve(opened -> opened.waitClosed().thenRun(EndpointTest::failInCircles));
    peer.tcpIsLost();
    assertTrue(log().contains("circle"), log());
  }

  private static void failInCircles() {
    RuntimeException outer = new RuntimeException("circle");
    outer.initCause(new RuntimeException("inner", outer));
    throw outer;
  }

  // SRV-13
  @Test
  void anEndpointIsNotCancelledWhenTheConnectionEnds() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    serve(opened -> done);
    peer.tcpIsLost();
    assertFalse(done.isDone());
  }

  // SRV-11
  @Test
  void aBlockingEndpointThatReturnsClosesWith1000() {
    List<Runnable> threads = new ArrayList<>();
    AtomicReference<BlockingConnection> served = new AtomicReference<>();
    serve(Endpoint.blocking(threads::add, served::set));
    peer.assertNothingSent();
    threads.get(0).run();
    assertEquals(connection, served.get().connection());
    peer.assertSentClose(1000, "");
    assertNothingLogged();
  }

  // SRV-12
  @Test
  void aBlockingEndpointThatThrowsClosesWith1011() {
    IOException failure = new IOException("disk full");
    serve(
        Endpoint.blocking(
            Runnable::run,
            opened -> {
              throw failure;
            }));
    assertFailed(failure);
  }

  // SRV-14
  @Test
  void aBlockingEndpointThatThrowsAnErrorClosesWith1011() {
    StackOverflowError failure = new StackOverflowError("deep");
    serve(
        Endpoint.blocking(
            Runnable::run,
            opened -> {
              throw failure;
            }));
    assertFailed(failure);
  }

  // SRV-14
  @Test
  void anExecutorWithoutRoomClosesWith1011() {
    RejectedExecutionException failure = new RejectedExecutionException("no thread left");
    serve(
        Endpoint.blocking(
            task -> {
              throw failure;
            },
            BlockingConnection::recv));
    assertFailed(failure);
  }

  // SRV-14
  @Test
  void aBlockingEndpointOnTheEventLoopClosesWith1011() {
    serve(Endpoint.blocking(Runnable::run, BlockingConnection::recv));
    peer.assertSentClose(1011, "");
    assertTrue(log().contains(BlockingOperationException.class.getName()), log());
  }

  // SRV-12
  @Test
  void aBlockingEndpointThatLearnsOfTheEndHasNotFailed() {
    List<Runnable> threads = new ArrayList<>();
    serve(
        Endpoint.blocking(
            threads::add,
            opened -> {
              throw new IOException("cannot copy", ConnectionFixture.failure(connection.recv()));
            }));
    peer.tcpIsLost();
    threads.get(0).run();
    assertNothingLogged();
  }
}
