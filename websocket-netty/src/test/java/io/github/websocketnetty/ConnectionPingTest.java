package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Pings and pongs of the application and of the peer, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionPingTest {
  private static final byte[] A = {'a'};
  private static final byte[] B = {'b'};
  private static final byte[] C = {'c'};

  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionPingTest(Side side) {
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  // PING-01: test_ping
  @Test
  void aPingWithoutPayloadCarriesFourRandomBytes() {
    connection.ping();
    connection.ping();
    Frame first = peer.sent();
    Frame second = peer.sent();
    assertEquals(Opcode.PING, first.opcode());
    assertEquals(4, first.payload().length);
    assertEquals(4, second.payload().length);
    assertNotEquals(hex(first.payload()), hex(second.payload()));
    peer.assertNothingSent();
  }

  // PING-02: test_ping_explicit_text
  @Test
  void aPingCarriesTheUtf8OfAText() {
    connection.ping("grüß".getBytes(StandardCharsets.UTF_8));
    peer.assertSent(true, Opcode.PING, "grüß");
  }

  // PING-02: test_ping_explicit_binary
  @Test
  void aPingCarriesTheBytesThatWereGiven() {
    byte[] payload = {0, (byte) 0xFF, 1};
    CompletableFuture<Duration> latency = connection.ping(payload);
    payload[0] = 9; // the payload was copied
    peer.assertSent(true, Opcode.PING, new byte[] {0, (byte) 0xFF, 1});
    peer.peerSends(peer.pong((byte) 0, (byte) 0xFF, (byte) 1));
    value(latency);
  }

  // PING-02
  @Test
  void anEmptyPayloadStaysEmpty() {
    CompletableFuture<Duration> latency = connection.ping(new byte[0]);
    peer.assertSent(true, Opcode.PING, "");
    peer.peerSends(peer.pong());
    value(latency);
  }

  // PING-03: test_ping_unsupported_type
  @Test
  void aPingOfNothingIsRefusedAndTheConnectionStaysUsable() {
    assertThrows(NullPointerException.class, () -> connection.ping(null));
    peer.assertNothingSent();
    assertIsUsable();
  }

  // PING-03: test_pong_unsupported_type
  @Test
  void aPongOfNothingIsRefusedAndTheConnectionStaysUsable() {
    assertThrows(NullPointerException.class, () -> connection.pong(null));
    peer.assertNothingSent();
    assertIsUsable();
  }

  // PING-04: the payload must not count as used after the refusal
  @Test
  void aPingThatIsTooLongIsRefusedEachTimeAndLeavesNothingBehind() {
    for (int i = 0; i < 2; i++) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> connection.ping(new byte[126]))
              .getMessage();
      assertEquals("payload is 126 bytes, at most 125 fit", message);
    }
    peer.assertNothingSent();
    connection.ping(new byte[125]);
    peer.assertSent(true, Opcode.PING, new byte[125]);
    assertIsUsable();
  }

  // PING-05, PING-06, PING-11: test_acknowledge_ping
  @Test
  void thePongCompletesThePingWithTheRoundTripTime() {
    CompletableFuture<Duration> latency = connection.ping(A);
    peer.assertSent(true, Opcode.PING, "a");
    peer.advance(150, TimeUnit.MILLISECONDS);
    assertFalse(latency.isDone());
    peer.peerSends(peer.pong(A));
    assertEquals(Duration.ofMillis(150), value(latency));
    assertEquals(Duration.ofMillis(150), connection.latency());
  }

  // PING-06, SEND-34: time runs from the call, also while the frame waits behind data
  @Test
  void theRoundTripBeginsWhenThePingIsMade() {
    peer.peerStopsReading();
    connection.send(new byte[40_000]);
    CompletableFuture<Duration> latency = connection.ping(A);
    peer.advance(2, TimeUnit.SECONDS);
    peer.peerReadsAgain();
    peer.advance(1, TimeUnit.SECONDS);
    peer.peerSends(peer.pong(A));
    assertEquals(Duration.ofSeconds(3), value(latency));
  }

  // PING-07, SEND-43: test_ping_duplicate_payload
  @Test
  void aPayloadThatWaitsForItsPongIsRefusedAndFreeAfterwards() {
    CompletableFuture<Duration> first = connection.ping(A);
    CompletableFuture<Duration> second = connection.ping(A);
    assertEquals(
        "already waiting for a pong with the same data",
        assertInstanceOf(ConcurrencyException.class, failure(second)).getMessage());
    assertFalse(first.isDone());
    peer.assertSent(true, Opcode.PING, "a");
    peer.assertNothingSent();
    peer.peerSends(peer.pong(A));
    value(first);
    CompletableFuture<Duration> third = connection.ping(A);
    peer.assertSent(true, Opcode.PING, "a");
    assertFalse(third.isDone());
    assertIsUsable();
  }

  // PING-08: test_acknowledge_previous_ping
  @Test
  void aPongAcknowledgesItsPingAndTheEarlierOnesWithATimeEach() {
    CompletableFuture<Duration> first = connection.ping(A);
    peer.advance(100, TimeUnit.MILLISECONDS);
    CompletableFuture<Duration> second = connection.ping(B);
    peer.advance(20, TimeUnit.MILLISECONDS);
    CompletableFuture<Duration> third = connection.ping(C);
    peer.advance(3, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(B));
    assertEquals(Duration.ofMillis(123), value(first));
    assertEquals(Duration.ofMillis(23), value(second));
    assertFalse(third.isDone());
    // PING-11: pings acknowledged along the way do not count
    assertEquals(Duration.ofMillis(23), connection.latency());
  }

  // PING-09: test_acknowledge_ping_non_matching_pong
  @Test
  void aPongThatNobodyWaitsForIsIgnored() {
    CompletableFuture<Duration> latency = connection.ping(A);
    peer.advance(10, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(B), peer.pong());
    assertFalse(latency.isDone());
    assertEquals(Duration.ZERO, connection.latency());
    peer.peerSends(peer.pong(A));
    value(latency);
  }

  // PING-09
  @Test
  void thePongThatComesAfterThatOfALaterPingIsIgnored() {
    connection.ping(A);
    connection.ping(B);
    peer.advance(10, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(B));
    peer.advance(10, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(A));
    assertEquals(Duration.ofMillis(10), connection.latency());
    assertIsUsable();
  }

  // PING-10: test_acknowledge_canceled_ping
  @Test
  void aCancelledPingFreesItsPayloadAndItsPongIsIgnored() {
    connection.ping(A).cancel(false);
    CompletableFuture<Duration> again = connection.ping(A);
    assertFalse(again.isDone());
    again.cancel(true);
    peer.advance(5, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(A));
    assertEquals(Duration.ZERO, connection.latency());
    assertIsUsable();
  }

  // PING-10: test_acknowledge_previous_canceled_ping
  @Test
  void aCancelledPingDoesNotKeepAnotherFromBeingAcknowledged() {
    CompletableFuture<Duration> first = connection.ping(A);
    CompletableFuture<Duration> second = connection.ping(B);
    CompletableFuture<Duration> third = connection.ping(C);
    second.cancel(false);
    peer.peerSends(peer.pong(C));
    value(first);
    value(third);
    assertTrue(second.isCancelled());
  }

  // PING-11
  @Test
  void theLatencyStaysAfterTheEnd() {
    connection.ping(A);
    peer.advance(7, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong(A));
    peer.tcpIsLost();
    assertEquals(Duration.ofMillis(7), connection.latency());
  }

  // PING-12, CLOSE-29: test_terminate_ping_on_close
  @Test
  void pingsWithoutPongFailWhenTheConnectionEnds() {
    CompletableFuture<Duration> first = connection.ping(A);
    CompletableFuture<Duration> second = connection.ping();
    connection.close();
    peer.peerSends(peer.close(1000, ""));
    assertFalse(first.isDone());
    peer.tcpIsLost();
    Throwable failure = failure(first);
    assertEquals(
        "sent 1000 (OK); then received 1000 (OK)",
        assertInstanceOf(ConnectionClosedOkException.class, failure).getMessage());
    assertSame(failure, failure(second));
    assertSame(failure, failure(connection.recv()));
  }

  // PING-13
  @Test
  void aPingWhileClosingSendsNothingAndFailsWhenTheConnectionEnds() {
    connection.close();
    peer.assertSentClose(1000, "");
    CompletableFuture<Duration> latency = connection.ping(A);
    CompletableFuture<Void> pong = connection.pong(A);
    assertFalse(latency.isDone());
    assertFalse(pong.isDone());
    assertNull(peer.channel.readOutbound());
    peer.peerCloses(1000, "");
    assertInstanceOf(ConnectionClosedOkException.class, failure(latency));
    assertInstanceOf(ConnectionClosedOkException.class, failure(pong));
  }

  // PING-13
  @Test
  void aPingOnAClosedConnectionFailsAtOnce() {
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.ping()));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.ping(A)));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.pong()));
  }

  // PONG-01: test_pong
  @Test
  void aPongWithoutPayloadIsEmpty() {
    value(connection.pong());
    peer.assertSent(true, Opcode.PONG, "");
  }

  // PONG-01: test_pong_explicit_text
  @Test
  void aPongCarriesTheUtf8OfAText() {
    value(connection.pong("grüß".getBytes(StandardCharsets.UTF_8)));
    peer.assertSent(true, Opcode.PONG, "grüß");
  }

  // PONG-01: test_pong_explicit_binary
  @Test
  void aPongCarriesTheBytesThatWereGivenAndMayBeRepeated() {
    value(connection.pong(A));
    value(connection.pong(A));
    peer.assertSent(true, Opcode.PONG, "a");
    peer.assertSent(true, Opcode.PONG, "a");
  }

  // PONG-01
  @Test
  void aPongThatIsTooLongIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> connection.pong(new byte[126]));
    peer.assertNothingSent();
    value(connection.pong(new byte[125]));
    peer.assertSent(true, Opcode.PONG, new byte[125]);
    assertIsUsable();
  }

  // SEND-34: control frames do not wait for the write limit
  @Test
  void aPongIsDoneAlthoughThePeerDoesNotRead() {
    peer.peerStopsReading();
    assertFalse(connection.send(new byte[40_000]).isDone());
    value(connection.pong(A));
  }

  // PONG-02
  @Test
  void eachPingOfThePeerIsAnswered() {
    peer.peerSends(peer.ping(A), peer.ping(A), peer.ping());
    peer.assertSent(true, Opcode.PONG, "a");
    peer.assertSent(true, Opcode.PONG, "a");
    peer.assertSent(true, Opcode.PONG, "");
    peer.assertNothingSent();
  }

  // PONG-02
  @Test
  void aPingIsAnsweredWhileWeCloseButNotBehindThePeersClose() {
    connection.close();
    peer.peerSends(peer.ping(A), peer.close(1000, ""), peer.ping(B));
    ByteBuf written;
    StringBuilder all = new StringBuilder();
    while ((written = peer.channel.readOutbound()) != null) {
      all.append((char) (written.isReadable() ? written.getByte(0) & 0x0F | 0x30 : ' '));
      written.release();
    }
    assertEquals("8:", all.toString().replace(" ", "")); // close (8), pong (10), nothing else
  }

  // PONG-03: test_writing_in_data_received_fails
  @Test
  void anAnswerThatCannotBeWrittenIsTheCauseOfTheEnd() {
    CompletableFuture<Message> waiting = connection.recv();
    IOException broken = new IOException("Broken pipe");
    peer.channel.pipeline().addFirst(new BrokenOutput(broken));
    peer.peerSends(peer.ping(A));
    peer.tcpIsLost();
    Throwable failure = failure(waiting);
    assertInstanceOf(ConnectionClosedErrorException.class, failure);
    assertSame(broken, failure.getCause());
  }

  private static final class BrokenOutput extends ChannelOutboundHandlerAdapter {
    private final IOException cause;

    BrokenOutput(IOException cause) {
      this.cause = cause;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(cause);
    }
  }

  // PONG-04, RECV-41
  @Test
  void pingsAndPongsAreNotSeenByTheApplication() {
    CompletableFuture<Message> waiting = connection.recv();
    byte[][] pings = new byte[100][];
    Arrays.fill(pings, peer.ping(A));
    peer.peerSends(pings);
    peer.peerSends(peer.pong(A));
    assertFalse(waiting.isDone());
    assertTrue(peer.channel.config().isAutoRead());
    peer.peerSends(peer.text("message"));
    assertEquals(TextMessage.of("message"), value(waiting));
  }

  // PING-12, CLOSE-29
  @Test
  void theConnectionIsClosedBeforeAPingFails() {
    CompletableFuture<ConnectionState> seen =
        connection.ping(A).handle((latency, failure) -> connection.state());
    connection.close();
    peer.peerCloses(1000, "");
    assertEquals(ConnectionState.CLOSED, value(seen));
  }

  private void assertIsUsable() {
    assertEquals(ConnectionState.OPEN, connection.state());
    byte[] payload = {42};
    while (peer.sent() != null) {
      // What the test has left.
    }
    CompletableFuture<Duration> latency = connection.ping(payload);
    assertArrayEquals(payload, peer.sent().payload());
    peer.peerSends(peer.pong(payload));
    value(latency);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
