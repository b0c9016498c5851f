package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Receiving whole messages: values, one receive at a time, withdrawal, iteration. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionReceiveTest {
  private final ConnectionFixture peer;
  private final Connection connection;

  ConnectionReceiveTest(Side side) {
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  // RECV-01: test_recv_text, test_get_text_message_already_received
  @Test
  void textIsReceivedAsText() {
    peer.peerSends(peer.text("😀"));
    Message message = value(connection.recv());
    assertEquals(MessageType.TEXT, message.type());
    assertEquals(TextMessage.of("😀"), message);
  }

  // RECV-01: test_recv_binary, test_get_binary_message_already_received
  @Test
  void binaryIsReceivedAsBytes() {
    peer.peerSends(peer.binary((byte) 1, (byte) 2, (byte) 0xFE, (byte) 0xFF));
    Message message = value(connection.recv());
    assertEquals(MessageType.BINARY, message.type());
    message.bytes()[0] = 9; // a copy: messages do not change
    assertArrayEquals(new byte[] {1, 2, -2, -1}, message.bytes());
  }

  // RECV-01: test_get_text_message_not_received_yet
  @Test
  void receiveWaitsForText() {
    CompletableFuture<Message> waiting = connection.recv();
    assertFalse(waiting.isDone());
    peer.peerSends(peer.text("café"));
    assertEquals(TextMessage.of("café"), value(waiting));
  }

  // RECV-01: test_get_binary_message_not_received_yet
  @Test
  void receiveWaitsForBinary() {
    CompletableFuture<Message> waiting = connection.recv();
    assertFalse(waiting.isDone());
    peer.peerSends(peer.binary((byte) 't'));
    assertEquals(BinaryMessage.of(new byte[] {'t'}), value(waiting));
  }

  // RECV-01
  @Test
  void emptyMessagesAreReceivedLikeOthers() {
    peer.peerSends(peer.text(""), peer.binary());
    assertEquals(TextMessage.of(""), value(connection.recv()));
    assertEquals(BinaryMessage.of(new byte[0]), value(connection.recv()));
  }

  // RECV-02: test_recv_text_as_bytes, test_get_encoded_text_message
  @Test
  void textIsReceivedAsBytesWhereThatIsWanted() {
    peer.peerSends(peer.text("😀"));
    assertArrayEquals(WireFrame.hex("F09F9880"), value(connection.recvBytes()));
  }

  // RECV-02: test_recv_binary_as_text, test_get_decoded_binary_message
  @Test
  void binaryIsReceivedAsTextWhereThatIsWanted() {
    peer.peerSends(peer.binary(WireFrame.hex("F09F9880")), peer.binary((byte) 1));
    assertEquals("😀", value(connection.recvText()));
    assertEquals(MessageType.BINARY, value(connection.recv()).type());
  }

  // RECV-03: test_recv_fragmented_text, test_get_fragmented_text_message_already_received
  @Test
  void fragmentsOfTextAreJoinedAlsoWithinACharacter() {
    peer.peerSends(
        peer.fragment(false, Opcode.TEXT, "ca"),
        peer.frame(false, Opcode.CONTINUATION, WireFrame.hex("66C3")),
        peer.frame(true, Opcode.CONTINUATION, WireFrame.hex("A9")));
    assertEquals(TextMessage.of("café"), value(connection.recv()));
  }

  // RECV-03: test_recv_fragmented_binary, test_get_fragmented_binary_message_already_received
  @Test
  void fragmentsOfBinaryAreJoined() {
    peer.peerSends(
        peer.frame(false, Opcode.BINARY, (byte) 1, (byte) 2),
        peer.frame(false, Opcode.CONTINUATION),
        peer.frame(true, Opcode.CONTINUATION, (byte) 3));
    assertArrayEquals(new byte[] {1, 2, 3}, value(connection.recvBytes()));
  }

  // RECV-03: test_get_fragmented_text_message_not_received_yet,
  // test_get_fragmented_binary_message_not_received_yet
  @Test
  void receiveWaitsForTheLastFragment() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "ca"));
    peer.peerSends(peer.frame(false, Opcode.CONTINUATION, WireFrame.hex("66C3")));
    assertFalse(waiting.isDone());
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION, WireFrame.hex("A9")));
    assertEquals(TextMessage.of("café"), value(waiting));
  }

  // RECV-03: test_get_fragmented_text_message_being_received,
  // test_get_fragmented_binary_message_being_received
  @Test
  void receiveTakesAMessageThatHasBegun() {
    peer.peerSends(peer.frame(false, Opcode.BINARY, (byte) 1));
    CompletableFuture<byte[]> waiting = connection.recvBytes();
    assertFalse(waiting.isDone());
    peer.peerSends(peer.ping(), peer.frame(true, Opcode.CONTINUATION, (byte) 2));
    assertArrayEquals(new byte[] {1, 2}, value(waiting));
  }

  // RECV-07: a timeout is part of the future, whose clock is not ours to stop
  @Test
  @Timeout(10)
  void aReceiveIsWithdrawnByItsTimeout() {
    CompletableFuture<Message> timed = connection.recv().orTimeout(1, TimeUnit.MILLISECONDS);
    while (!timed.isDone()) {
      Thread.onSpinWait();
    }
    assertInstanceOf(TimeoutException.class, failure(timed));
    peer.peerSends(peer.text("kept"));
    assertEquals("kept", value(connection.recvText()));
  }

  // RECV-08: test_recv_during_recv, test_get_fails_when_get_is_running
  @Test
  void onlyOneReceiveMayWait() {
    CompletableFuture<Message> first = connection.recv();
    for (CompletableFuture<?> second :
        List.of(connection.recv(), connection.recvText(), connection.recvBytes())) {
      assertTrue(
          assertInstanceOf(ConcurrencyException.class, failure(second))
              .getMessage()
              .endsWith("while another recv or recvStreaming is running"));
    }
    peer.peerSends(peer.text("for the first"));
    assertEquals(TextMessage.of("for the first"), value(first));
  }

  // RECV-08: test_recv_during_recv_streaming, test_get_fails_when_get_iter_is_running
  @Test
  void noReceiveWhileAReaderIsAtWork() {
    MessageReader reader = connection.recvStreaming();
    CompletableFuture<Fragment> first = reader.next();
    assertEquals(
        "cannot call recv while another recv or recvStreaming is running",
        assertInstanceOf(ConcurrencyException.class, failure(connection.recv())).getMessage());
    peer.peerSends(peer.text("for the reader"));
    assertEquals("for the reader", value(first).text());
  }

  // RECV-08: test_recv_streaming_during_recv, test_get_iter_fails_when_get_is_running
  @Test
  void noReaderWhileAReceiveWaits() {
    CompletableFuture<String> first = connection.recvText();
    assertEquals(
        "cannot call recvStreaming while another recv or recvStreaming is running",
        assertThrows(ConcurrencyException.class, connection::recvStreaming).getMessage());
    peer.peerSends(peer.text("for the first"));
    assertEquals("for the first", value(first));
  }

  // RECV-08: test_recv_streaming_during_recv_streaming,
  // test_get_iter_fails_when_get_iter_is_running
  @Test
  void onlyOneReaderAtATime() {
    MessageReader reader = connection.recvStreaming();
    assertThrows(ConcurrencyException.class, connection::recvStreaming);
    CompletableFuture<Fragment> first = reader.next();
    assertThrows(ConcurrencyException.class, connection::recvStreaming);
    assertInstanceOf(ConcurrencyException.class, failure(reader.next()));
    peer.peerSends(peer.text("for the first"));
    assertEquals("for the first", value(first).text());
  }

  // RECV-09
  @Test
  void whoComesSecondIsRefusedAlsoWithMessagesAndAfterTheEnd() {
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "begun"));
    MessageReader reader = connection.recvStreaming();
    value(reader.next());
    peer.peerSends(peer.fragment(true, Opcode.CONTINUATION, ""), peer.text("queued"));
    assertInstanceOf(ConcurrencyException.class, failure(connection.recv()));
    peer.peerCloses(1000, "");
    assertInstanceOf(ConcurrencyException.class, failure(connection.recv()));
    reader.discard();
    assertEquals("queued", value(connection.recvText()));
  }

  // RECV-09: iterations receive one message at a time, so they may take turns
  @Test
  void aReceiveMayStandBetweenTheStepsOfAnIteration() {
    List<Message> iterated = new ArrayList<>();
    CompletableFuture<Void> step = new CompletableFuture<>();
    connection.forEachAsync(
        message -> {
          iterated.add(message);
          return step;
        });
    peer.peerSends(peer.text("a"), peer.text("b"), peer.text("c"));
    assertEquals("b", value(connection.recvText()));
    step.complete(null);
    assertEquals(List.of(TextMessage.of("a"), TextMessage.of("c")), iterated);
  }

  // RECV-10
  @Test
  void sendingAndPingingGoOnWhileAReceiveWaits() {
    CompletableFuture<Message> waiting = connection.recv();
    value(connection.send("out"));
    peer.assertSent(true, Opcode.TEXT, "out");
    value(connection.pong());
    peer.assertSent(true, Opcode.PONG, "");
    CompletableFuture<?> latency = connection.ping(new byte[] {1});
    peer.assertSent(true, Opcode.PING, new byte[] {1});
    peer.peerSends(peer.pong((byte) 1));
    value(latency);
    assertFalse(waiting.isDone());
    assertFalse(connection.waitClosed().isDone());
  }

  // RECV-11: test_recv_cancellation_before_receiving, test_cancel_get_before_first_frame
  @Test
  void aReceiveCancelledBeforeAnythingCameLosesNothing() {
    CompletableFuture<Message> cancelled = connection.recv();
    assertTrue(cancelled.cancel(true));
    assertThrows(CancellationException.class, cancelled::join);
    peer.peerSends(peer.text("kept"));
    assertEquals("kept", value(connection.recvText()));
  }

  // RECV-12: test_recv_cancellation_while_receiving, test_cancel_get_after_first_frame
  @Test
  void aReceiveCancelledWithinAMessageLosesNothing() {
    CompletableFuture<Message> cancelled = connection.recv();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "⏳"));
    assertTrue(cancelled.cancel(true));
    peer.peerSends(peer.fragment(true, Opcode.CONTINUATION, "⌛"));
    assertEquals("⏳⌛", value(connection.recvText()));
  }

  // RECV-13: fragments come back in order, though the next one is there already
  @Test
  void aReceiveCancelledTogetherWithTheNextFragmentLosesNothing() {
    CompletableFuture<Message> cancelled = connection.recv();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "1"));
    peer.channel
        .eventLoop()
        .execute(() -> peer.peerSends(peer.fragment(false, Opcode.CONTINUATION, "2")));
    peer.channel.eventLoop().execute(() -> cancelled.cancel(true));
    peer.run();
    assertTrue(cancelled.isCancelled());
    CompletableFuture<String> again = connection.recvText();
    assertFalse(again.isDone());
    peer.peerSends(peer.fragment(true, Opcode.CONTINUATION, "3"));
    assertEquals("123", value(again));
  }

  // RECV-13: delivered or withdrawn, never both
  @Test
  void aReceiveThatHasItsMessageCannotBeCancelled() {
    CompletableFuture<Message> delivered = connection.recv();
    peer.peerSends(peer.text("there"));
    assertFalse(delivered.cancel(true));
    assertEquals(TextMessage.of("there"), value(delivered));
  }

  // RECV-37: test_aiter_text
  @Test
  void textIsIterated() {
    assertIterated(List.of(peer.text("😀"), peer.text("😀")), TextMessage.of("😀"));
  }

  // RECV-37: test_aiter_binary
  @Test
  void binaryIsIterated() {
    byte[] bytes = {1, 2, -2, -1};
    assertIterated(List.of(peer.binary(bytes), peer.binary(bytes)), BinaryMessage.of(bytes));
  }

  private void assertIterated(List<byte[]> frames, Message each) {
    List<Message> iterated = new ArrayList<>();
    connection.forEach(iterated::add);
    frames.forEach(peer::peerSends);
    assertEquals(List.of(each, each), iterated);
  }

  // RECV-37: test_aiter_mixed
  @Test
  void textAndBinaryMayBeMixedInAnIteration() {
    peer.peerSends(peer.text("😀"));
    List<Message> iterated = new ArrayList<>();
    connection.forEach(iterated::add);
    peer.peerSends(peer.binary((byte) 1));
    assertEquals(List.of(TextMessage.of("😀"), BinaryMessage.of(new byte[] {1})), iterated);
  }

  // RECV-38: test_aiter_connection_closed_ok
  @Test
  void anIterationEndsSilentlyWithAGoodEndAndSoDoesTheNext() {
    peer.peerSends(peer.text("last"), peer.close(1000, ""));
    peer.tcpIsLost();
    List<Message> iterated = new ArrayList<>();
    value(connection.forEach(iterated::add));
    assertEquals(List.of(TextMessage.of("last")), iterated);
    value(connection.forEach(iterated::add));
    assertEquals(1, iterated.size());
  }

  // RECV-38: test_aiter_connection_closed_error
  @Test
  void anIterationFailsWithABadEnd() {
    List<Message> iterated = new ArrayList<>();
    CompletableFuture<Void> done = connection.forEach(iterated::add);
    peer.peerSends(peer.text("last"));
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedErrorException.class, failure(done));
    assertEquals(List.of(TextMessage.of("last")), iterated);
  }

  // RECV-39
  @Test
  void anIterationThatIsLeftLosesNothing() {
    peer.peerSends(peer.text("a"), peer.text("b"), peer.text("c"));
    IllegalStateException leaving = new IllegalStateException("enough");
    CompletableFuture<Void> left =
        connection.forEach(
            message -> {
              throw leaving;
            });
    assertEquals(leaving, failure(left));
    assertEquals("b", value(connection.recvText()));
    List<Message> rest = new ArrayList<>();
    CompletableFuture<Void> second = connection.forEach(rest::add);
    assertEquals(List.of(TextMessage.of("c")), rest);
    assertTrue(second.cancel(true));
    peer.peerSends(peer.text("d"));
    assertEquals("d", value(connection.recvText()));
  }
}
