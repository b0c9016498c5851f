package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is told about the end of a connection, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionClosedExceptionTest {
  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionClosedExceptionTest(Side side) {
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  // CLOSE-34, CLOSE-35, CLOSE-36, CLOSE-37
  // A status is a code, or a code and a reason; 1005 is an empty close frame, a dash is none. The
  // third column says who sent the first close frame.
  @ParameterizedTest(name = "received {0}, sent {1}, {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -         | -         | neither  | Error | no close frame received or sent
          -         | 1000      | we       | Error | sent 1000 (OK); no close frame received
          -         | 1001 bye  | we       | Error | sent 1001 (going away) bye; no close frame received
          -         | 1005      | we       | Error | sent 1005 (no status received [internal]); no close frame received
          -         | 4999      | we       | Error | sent 4999 (private use); no close frame received
          1000      | -         | they     | Error | received 1000 (OK); no close frame sent
          1000      | 1000      | they     | Ok    | received 1000 (OK); then sent 1000 (OK)
          1000 bye  | 1000 bye  | they     | Ok    | received 1000 (OK) bye; then sent 1000 (OK) bye
          1001      | 1001      | they     | Ok    | received 1001 (going away); then sent 1001 (going away)
          1005      | 1005      | they     | Ok    | received 1005 (no status received [internal]); then sent 1005 (no status received [internal])
          1002      | 1002      | they     | Error | received 1002 (protocol error); then sent 1002 (protocol error)
          1003      | 1003      | they     | Error | received 1003 (unsupported data); then sent 1003 (unsupported data)
          1007      | 1007      | they     | Error | received 1007 (invalid frame payload data); then sent 1007 (invalid frame payload data)
          1008 no   | 1008 no   | they     | Error | received 1008 (policy violation) no; then sent 1008 (policy violation) no
          1009      | 1009      | they     | Error | received 1009 (message too big); then sent 1009 (message too big)
          1010      | 1010      | they     | Error | received 1010 (mandatory extension); then sent 1010 (mandatory extension)
          1011      | 1011      | they     | Error | received 1011 (internal error); then sent 1011 (internal error)
          1012      | 1012      | they     | Error | received 1012 (service restart); then sent 1012 (service restart)
          1013      | 1013      | they     | Error | received 1013 (try again later); then sent 1013 (try again later)
          1014      | 1014      | they     | Error | received 1014 (bad gateway); then sent 1014 (bad gateway)
          3000      | 3000      | they     | Error | received 3000 (registered); then sent 3000 (registered)
          4000      | 4000      | they     | Error | received 4000 (private use); then sent 4000 (private use)
          1000      | 1000      | we       | Ok    | sent 1000 (OK); then received 1000 (OK)
          1000      | 1001      | we       | Ok    | sent 1001 (going away); then received 1000 (OK)
          1001 bye  | 1000      | we       | Ok    | sent 1000 (OK); then received 1001 (going away) bye
          1005      | 1000      | we       | Ok    | sent 1000 (OK); then received 1005 (no status received [internal])
          1000      | 1005      | we       | Ok    | sent 1005 (no status received [internal]); then received 1000 (OK)
          4000      | 1000      | we       | Error | sent 1000 (OK); then received 4000 (private use)
          1000      | 4000      | we       | Error | sent 4000 (private use); then received 1000 (OK)
          4000 a    | 4000 b    | we       | Error | sent 4000 (private use) b; then received 4000 (private use) a
          1012      | 1012      | we       | Error | sent 1012 (service restart); then received 1012 (service restart)
          """)
  void theEndIsToldByWhatWasReceivedAndSent(
      String received, String sent, String first, String kind, String message) {
    CompletableFuture<Message> waiting = connection.recv();
    CloseStatus fromPeer = status(received);
    CloseStatus fromUs = status(sent);
    if (fromUs == null && fromPeer != null) {
      refuseToWrite(new IllegalStateException("no encoder"));
    }
    if (first.equals("we")) {
      connection.close(fromUs.code(), fromUs.reason());
    }
    if (fromPeer != null) {
      peer.peerSends(close(fromPeer));
    }
    peer.tcpIsLost();

    ConnectionClosedException failure =
        assertInstanceOf(ConnectionClosedException.class, failure(waiting));
    assertEquals("ConnectionClosed" + kind + "Exception", failure.getClass().getSimpleName());
    assertEquals(message, failure.getMessage());
    assertEquals(Optional.ofNullable(fromPeer), failure.received());
    assertEquals(Optional.ofNullable(fromUs), failure.sent());
    boolean both = fromPeer != null && fromUs != null;
    assertEquals(
        both ? Optional.of(first.equals("they")) : Optional.empty(), failure.receivedThenSent());
    assertEquals(OptionalInt.of(fromPeer == null ? 1006 : fromPeer.code()), connection.closeCode());
    assertEquals(Optional.of(fromPeer == null ? "" : fromPeer.reason()), connection.closeReason());
    assertEquals(fromPeer == null || fromUs == null, failure.getCause() != null);
  }

  private static CloseStatus status(String text) {
    if (text.equals("-")) {
      return null;
    }
    int space = text.indexOf(' ');
    return space < 0
        ? new CloseStatus(Integer.parseInt(text), "")
        : new CloseStatus(Integer.parseInt(text.substring(0, space)), text.substring(space + 1));
  }

  private byte[] close(CloseStatus status) {
    return status.equals(CloseStatus.EMPTY)
        ? peer.emptyClose()
        : peer.close(status.code(), status.reason());
  }

  // CLOSE-36: test_close_code, test_close_reason
  @Test
  void codeAndReasonAreThereOnceTheConnectionIsClosed() {
    assertEquals(OptionalInt.empty(), connection.closeCode());
    assertEquals(Optional.empty(), connection.closeReason());
    peer.peerSends(peer.close(1001, "bye"));
    assertEquals(OptionalInt.empty(), connection.closeCode());
    assertEquals(Optional.empty(), connection.closeReason());
    peer.tcpIsLost();
    assertEquals(OptionalInt.of(1001), connection.closeCode());
    assertEquals(Optional.of("bye"), connection.closeReason());
  }

  // CLOSE-38: what waits is not told before the end is known
  @Test
  void nobodyFailsBeforeTheConnectionIsClosed() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.close(1000, ""));
    CompletableFuture<Void> late = connection.send("late");
    assertFalse(waiting.isDone());
    assertFalse(late.isDone());
    peer.tcpIsLost();
    assertSame(failure(waiting), failure(late));
  }

  // CLOSE-37: one instance, cheap; blocking calls make their own
  @Test
  void theSharedFailureHasNoStackTraceAndACopyHas() {
    peer.tcpIsLost();
    ConnectionClosedException shared = (ConnectionClosedException) failure(connection.recv());
    assertSame(shared, failure(connection.recv()));
    assertEquals(0, shared.getStackTrace().length);
    ConnectionClosedException copy = shared.here();
    assertTrue(copy.getStackTrace().length > 0);
    assertSame(shared.getClass(), copy.getClass());
    assertEquals(shared.getMessage(), copy.getMessage());
    assertSame(shared.getCause(), copy.getCause());
  }

  // RECV-35: a clean end has no cause
  @Test
  void aCleanEndHasNoCause() {
    connection.close();
    peer.peerCloses(1000, "");
    assertNull(failure(connection.recv()).getCause());
  }

  // RECV-35, CLOSE-24
  @Test
  void theCauseOfAnEndWithoutCloseFramesIsTheEndOfTheStream() {
    peer.tcpIsLost();
    assertInstanceOf(EOFException.class, failure(connection.recv()).getCause());
  }

  // RECV-35
  @Test
  void theCauseOfAResetIsTheError() {
    IOException reset = new IOException("Connection reset by peer");
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<?> ping = connection.ping();
    readFails(reset);
    peer.tcpIsLost();
    assertSame(reset, failure(waiting).getCause());
    assertSame(reset, failure(ping).getCause());
    assertSame(reset, failure(connection.send("late")).getCause());
  }

  // RECV-35: websockets keeps the violation for pongs only
  @Test
  void theCauseOfAFailureIsTheViolationForEveryoneWhoWaits() {
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<?> ping = connection.ping();
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION));
    CompletableFuture<Void> late = connection.send("late");
    peer.tcpIsLost();
    Throwable cause = failure(waiting).getCause();
    assertInstanceOf(ProtocolException.class, cause);
    assertEquals("unexpected continuation frame", cause.getMessage());
    assertSame(cause, failure(ping).getCause());
    assertSame(cause, failure(late).getCause());
  }

  // RECV-35, CLOSE-10
  @Test
  void theFirstCauseStays() {
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION));
    readFails(new IOException("Connection reset by peer"));
    peer.advance(10, TimeUnit.SECONDS);
    assertInstanceOf(ProtocolException.class, failure(connection.recv()).getCause());
  }

  // CLOSE-10
  @Test
  void theCauseOfAnExpiredDeadlineIsTheTimeout() {
    connection.close();
    peer.advance(10, TimeUnit.SECONDS);
    assertInstanceOf(TimeoutException.class, failure(connection.recv()).getCause());
    assertInstanceOf(TimeoutException.class, failure(connection.send("late")).getCause());
    assertInstanceOf(TimeoutException.class, failure(connection.ping()).getCause());
  }

  // FAIL-03: what the peer said stays received although the answer could not be sent
  @Test
  void theCauseOfAMissingAnswerIsWhyItCouldNotBeSent() {
    IllegalStateException refusal = new IllegalStateException("no encoder");
    refuseToWrite(refusal);
    peer.peerSends(peer.close(1000, ""));
    ConnectionClosedException failure = (ConnectionClosedException) failure(connection.recv());
    assertEquals("received 1000 (OK); no close frame sent", failure.getMessage());
    assertSame(refusal, failure.getCause());
  }

  private void readFails(IOException failure) {
    peer.channel.pipeline().addLast(new Listener());
    peer.channel.pipeline().fireExceptionCaught(failure);
  }

  /** Stands where the channel would report what nobody handles. */
  private static final class Listener extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      assertInstanceOf(IOException.class, cause);
    }
  }

  private void refuseToWrite(RuntimeException refusal) {
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(refusal);
              }
            });
  }
}
