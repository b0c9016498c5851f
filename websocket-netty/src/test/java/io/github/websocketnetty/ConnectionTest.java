package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection from its opening to its end, on both sides. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionTest {
  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionTest(Side side) {
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  @Test
  void textAndBinaryMessagesAreReceivedInOrder() {
    peer.peerSends(peer.text("grüß"), peer.binary((byte) 1, (byte) 2));
    assertEquals(TextMessage.of("grüß"), value(connection.recv()));
    assertEquals(BinaryMessage.of(new byte[] {1, 2}), value(connection.recv()));
    CompletableFuture<String> waiting = connection.recvText();
    assertFalse(waiting.isDone());
    peer.peerSends(
        peer.fragment(false, Opcode.TEXT, "ca"), peer.fragment(true, Opcode.CONTINUATION, "fé"));
    assertEquals("café", value(waiting));
  }

  @Test
  void textAndBinaryMessagesAreSentInOrder() {
    CompletableFuture<Void> sent = connection.send("grüß");
    connection.send(new byte[] {1, 2});
    peer.assertSent(true, Opcode.TEXT, "grüß");
    peer.assertSent(true, Opcode.BINARY, new byte[] {1, 2});
    value(sent);
  }

  @Test
  void closeIsAnsweredAndEndsWithTcp() {
    CompletableFuture<Void> closed = connection.close();
    peer.assertSentClose(1000, "");
    assertEquals(ConnectionState.CLOSING, connection.state());
    peer.peerSends(peer.close(1000, ""));
    assertFalse(closed.isDone());
    assertEquals(OptionalInt.empty(), connection.closeCode());
    peer.tcpIsLost();
    value(closed);
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertEquals(OptionalInt.of(1000), connection.closeCode());
    assertEquals(
        "sent 1000 (OK); then received 1000 (OK)",
        assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()))
            .getMessage());
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.send("late")));
  }

  @Test
  void pingCompletesWithTheLatency() {
    CompletableFuture<Duration> latency = connection.ping(new byte[] {7});
    peer.assertSent(true, Opcode.PING, new byte[] {7});
    peer.advance(30, TimeUnit.MILLISECONDS);
    peer.peerSends(peer.pong((byte) 7));
    assertEquals(Duration.ofMillis(30), value(latency));
    assertEquals(Duration.ofMillis(30), connection.latency());
  }

  @Test
  void messagesWaitForAPeerThatDoesNotReadAndFailWithTheConnection() {
    peer.peerStopsReading();
    CompletableFuture<Void> first = connection.send(new byte[40_000]);
    CompletableFuture<Void> second = connection.send("waits");
    assertFalse(first.isDone());
    peer.peerReadsAgain();
    value(first);
    value(second);
    peer.peerStopsReading();
    CompletableFuture<Void> third = connection.send(new byte[40_000]);
    connection.close();
    peer.advance(10, TimeUnit.SECONDS);
    assertInstanceOf(ConnectionClosedErrorException.class, failure(third));
    assertTrue(connection.waitClosed().isDone());
  }
}
