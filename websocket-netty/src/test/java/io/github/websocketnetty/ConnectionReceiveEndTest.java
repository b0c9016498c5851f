package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
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

/** Receiving when text is invalid, and when the connection ends. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionReceiveEndTest {
  private final ConnectionFixture peer;
  private final Connection connection;
  private final Side side;

  ConnectionReceiveEndTest(Side side) {
    this.side = side;
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private static ConnectionClosedErrorException error(CompletableFuture<?> future) {
    return assertInstanceOf(ConnectionClosedErrorException.class, failure(future));
  }

  private static ConnectionClosedOkException ok(CompletableFuture<?> future) {
    return assertInstanceOf(ConnectionClosedOkException.class, failure(future));
  }

  // RECV-20: test_recv_non_utf8_text
  @Test
  void invalidTextFailsTheConnectionAndTheReceiveWhenTcpIsGone() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.frame(true, Opcode.TEXT, WireFrame.hex("6162FF")));
    peer.assertSentClose(1007, "invalid start byte at position 2");
    assertFalse(waiting.isDone());
    peer.tcpIsLost();
    assertEquals(
        "sent 1007 (invalid frame payload data) invalid start byte at position 2; no close frame"
            + " received",
        error(waiting).getMessage());
  }

  // SEND-40: nothing is sent any more when the first learns of the end
  @Test
  void fragmentThatIsWrittenWhenAReceiveHasFailedFailsWithTheEnd() {
    MessageWriter aborted = connection.sendStreaming(MessageType.BINARY);
    aborted.write(new byte[1]);
    aborted.abort();
    CompletableFuture<CompletableFuture<Void>> late =
        connection.recv().handle((message, end) -> aborted.write(new byte[1]));
    peer.tcpIsLost();
    assertEquals(error(connection.recv()).getMessage(), error(late.join()).getMessage());
  }

  // RECV-20
  @Test
  void binaryThatIsWantedAsTextAndIsNoneFailsTheConnection() {
    CompletableFuture<String> waiting = connection.recvText();
    peer.peerSends(peer.binary((byte) 'a', (byte) 0xFF));
    peer.run();
    peer.assertSentClose(1007, "invalid start byte at position 1");
    assertFalse(waiting.isDone());
    peer.advance(10, TimeUnit.SECONDS); // the peer says nothing: at the latest at the deadline
    ConnectionClosedErrorException closed = error(waiting);
    assertEquals(1007, closed.sent().orElseThrow().code());
    assertInstanceOf(ProtocolException.class, closed.getCause());
  }

  // RECV-21
  @ParameterizedTest
  @CsvSource({
    "FF, invalid start byte at position 0",
    "6180, invalid start byte at position 1",
    "C080, invalid start byte at position 0",
    "EDA080, invalid continuation byte at position 0",
    "61E08080, invalid continuation byte at position 1",
    "F4908080, invalid continuation byte at position 0",
    "F09F98, unexpected end of data at position 0",
  })
  void theReasonNamesTheOffendingSequence(String hex, String reason) {
    peer.peerSends(peer.frame(true, Opcode.TEXT, WireFrame.hex(hex)));
    peer.assertSentClose(1007, reason);
    peer.tcpIsLost();
    ConnectionFixture other = new ConnectionFixture(side);
    CompletableFuture<String> waiting = other.connection.recvText();
    other.peerSends(other.binary(WireFrame.hex(hex)));
    other.assertSentClose(1007, reason);
    other.end();
    assertEquals(reason, error(waiting).sent().orElseThrow().reason());
  }

  // RECV-22: the position is that in the message, however it came
  @Test
  void thePositionCountsFromTheBeginningOfTheMessage() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(
        peer.fragment(false, Opcode.TEXT, "ab"),
        peer.frame(true, Opcode.CONTINUATION, WireFrame.hex("63FF")));
    assertEquals("ab", value(reader.next()).text());
    peer.assertSentClose(1007, "invalid start byte at position 3");
  }

  // RECV-24: text is checked when it arrives, whether anybody receives it or not
  @Test
  void invalidTextIsNoticedAtOnceAlsoWithinAMessageThatNobodyReceives() {
    peer.peerSends(peer.text("queued"), peer.frame(false, Opcode.TEXT, WireFrame.hex("61C3")));
    peer.assertNothingSent();
    peer.peerSends(peer.frame(false, Opcode.CONTINUATION, WireFrame.hex("28")));
    peer.assertSentClose(1007, "invalid continuation byte at position 1");
  }

  // RECV-24, RECV-02: unless that is switched off; bytes are not checked then at all
  @Test
  void textIsNotCheckedIfThatIsSwitchedOff() {
    ConnectionOptions options = ConnectionOptions.builder().validateUtf8(false).build();
    ConnectionFixture unchecked = new ConnectionFixture(side, options);
    unchecked.peerSends(unchecked.frame(true, Opcode.TEXT, (byte) 0xFF));
    assertArrayEquals(new byte[] {-1}, value(unchecked.connection.recvBytes()));
    unchecked.assertNothingSent();
    unchecked.end();
  }

  // RECV-25
  @Test
  void messagesBehindInvalidOnesStayReadable() {
    peer.peerSends(peer.binary((byte) 0xFF), peer.text("behind"));
    CompletableFuture<String> invalid = connection.recvText();
    assertEquals("behind", value(connection.recvText()));
    peer.tcpIsLost();
    assertSame(error(invalid), failure(connection.recvText()));
  }

  // RECV-25: and so do those before invalid text
  @Test
  void messagesBeforeInvalidTextStayReadable() {
    peer.peerSends(peer.text("before"), peer.frame(true, Opcode.TEXT, (byte) 0xFF));
    peer.tcpIsLost();
    assertEquals("before", value(connection.recvText()));
    assertEquals(1007, error(connection.recvText()).sent().orElseThrow().code());
  }

  // RECV-26
  @Test
  void invalidDataFoundAfterACleanEndIsNotReportedAsACleanEnd() {
    peer.peerSends(peer.binary((byte) 0xFF), peer.text("behind"));
    peer.peerCloses(1000, "");
    ConnectionClosedErrorException invalid = error(connection.recvText());
    assertEquals(
        "received 1000 (OK); then sent 1000 (OK); a message was not UTF-8: invalid start byte at"
            + " position 0",
        invalid.getMessage());
    assertInstanceOf(ProtocolException.class, invalid.getCause());
    assertEquals("behind", value(connection.recvText()));
    ok(connection.recvText());
  }

  // RECV-30: test_close_preserves_queued_messages, test_get_queued_message_after_close,
  // test_get_queued_fragmented_message_after_close
  @Test
  void wholeMessagesStayReadableAfterTheEnd() {
    peer.peerSends(
        peer.text("😀"),
        peer.frame(false, Opcode.BINARY, (byte) 1),
        peer.frame(true, Opcode.CONTINUATION, (byte) 2));
    CompletableFuture<Void> closed = connection.close();
    peer.peerCloses(1000, "");
    value(closed);
    assertEquals(TextMessage.of("😀"), value(connection.recv()));
    assertEquals(BinaryMessage.of(new byte[] {1, 2}), value(connection.recv()));
    ConnectionClosedOkException end = ok(connection.recv());
    assertSame(end, failure(connection.recv()));
  }

  // RECV-30: test_get_iter_queued_message_after_close,
  // test_get_iter_queued_fragmented_message_after_close
  @Test
  void wholeMessagesStayReadableInFragmentsAfterTheEnd() {
    peer.peerSends(
        peer.text("whole"),
        peer.fragment(false, Opcode.TEXT, "ca"),
        peer.fragment(true, Opcode.CONTINUATION, "fé"));
    peer.peerCloses(1000, "");
    assertEquals("whole", value(connection.recvStreaming().next()).text());
    MessageReader reader = connection.recvStreaming();
    assertEquals("ca", value(reader.next()).text());
    assertEquals("fé", value(reader.next()).text());
    ok(connection.recvStreaming().next());
    ok(connection.recvStreaming().next());
  }

  // RECV-31: test_get_partially_queued_fragmented_message_after_close
  @Test
  void aMessageThatLacksItsEndIsDroppedByAReceive() {
    peer.peerSends(peer.text("whole"), peer.fragment(false, Opcode.TEXT, "half"));
    peer.peerCloses(1000, "");
    assertEquals("whole", value(connection.recvText()));
    Throwable closed = failure(connection.recvText());
    assertInstanceOf(ConnectionClosedException.class, closed);
    assertSame(closed, failure(connection.recvText()));
  }

  // RECV-31: test_get_iter_partially_queued_fragmented_message_after_close
  @Test
  void aMessageThatLacksItsEndIsReadAsFarAsItCame() {
    peer.peerSends(
        peer.fragment(false, Opcode.TEXT, "1"), peer.fragment(false, Opcode.CONTINUATION, "2"));
    peer.tcpIsLost();
    MessageReader reader = connection.recvStreaming();
    assertEquals("1", value(reader.next()).text());
    assertEquals("2", value(reader.next()).text());
    assertSame(error(reader.next()), failure(connection.recv()));
  }

  // RECV-32: test_recv_connection_closed_ok, test_get_fails_when_interrupted_by_close,
  // test_get_fails_after_close
  @Test
  void aWaitingReceiveFailsWhenTcpIsGoneAndNotEarlier() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.close(1000, ""));
    peer.assertSentClose(1000, "");
    if (side == Side.CLIENT) { // a server ends TCP itself
      assertFalse(waiting.isDone());
    }
    peer.tcpIsLost();
    assertEquals("received 1000 (OK); then sent 1000 (OK)", ok(waiting).getMessage());
    ok(connection.recv());
  }

  // RECV-32: test_recv_connection_closed_error
  @Test
  void aWaitingReceiveFailsWithTheError() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.tcpIsLost();
    assertEquals("no close frame received or sent", error(waiting).getMessage());
    error(connection.recv());
  }

  // RECV-32: test_recv_streaming_connection_closed_ok, test_get_iter_fails_after_close
  @Test
  void aReaderFailsAfterAGoodEnd() {
    peer.peerCloses(1000, "");
    ok(connection.recvStreaming().next());
  }

  // RECV-32: test_recv_streaming_connection_closed_error,
  // test_get_iter_fails_when_interrupted_by_close
  @Test
  void aWaitingReaderFailsWithTheError() {
    CompletableFuture<Fragment> waiting = connection.recvStreaming().next();
    peer.tcpIsLost();
    assertSame(error(waiting), failure(connection.recvStreaming().next()));
  }

  // RECV-10, RECV-32: test_close_during_recv
  @Test
  void closingDuringAReceiveEndsIt() {
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<Void> closed = connection.close();
    peer.assertSentClose(1000, "");
    peer.peerSends(peer.close(1000, ""));
    peer.tcpIsLost();
    value(closed);
    assertEquals("sent 1000 (OK); then received 1000 (OK)", ok(waiting).getMessage());
  }

  // RECV-10, RECV-32: test_close_during_recv_streaming
  @Test
  void closingDuringAReadEndsIt() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "⏳"));
    assertEquals("⏳", value(reader.next()).text());
    CompletableFuture<Fragment> waiting = reader.next();
    connection.close();
    assertFalse(waiting.isDone());
    peer.peerCloses(1000, "");
    assertInstanceOf(ConnectionClosedException.class, failure(waiting));
  }

  // RECV-33
  @Test
  void whatComesBetweenTheCloseFramesIsReceived() {
    CompletableFuture<Void> closed = connection.close();
    peer.peerSends(peer.text("late"));
    peer.peerSends(peer.close(1000, ""), peer.text("too late"));
    peer.tcpIsLost();
    value(closed);
    assertEquals("late", value(connection.recvText()));
    ok(connection.recvText());
  }

  // RECV-34
  @Test
  void aReceiveDoesNotOutliveTheDeadlineOfAShutdownThatThePeerBegan() {
    peer.peerStopsReading(); // so that TCP does not end
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertFalse(waiting.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertInstanceOf(ConnectionClosedException.class, failure(waiting));
  }

  // RECV-34
  @Test
  void aReceiveDoesNotOutliveTheDeadlineOfAShutdownForAnError() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.frame(true, 3));
    peer.advance(10, TimeUnit.SECONDS);
    assertEquals(1002, error(waiting).sent().orElseThrow().code());
  }

  // RECV-35: the root cause is never lost
  @Test
  void theCauseOfAProtocolErrorIsNamed() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.frame(true, 3));
    peer.tcpIsLost();
    assertInstanceOf(ProtocolException.class, error(waiting).getCause());
  }

  // RECV-35
  @Test
  void theCauseOfAnEndWithinAFrameIsNamed() {
    CompletableFuture<Message> waiting = connection.recv();
    byte[] frame = peer.text("cut off");
    peer.peerSends(Arrays.copyOf(frame, frame.length - 1));
    peer.tcpIsLost();
    assertInstanceOf(EOFException.class, error(waiting).getCause());
  }

  // RECV-35
  @Test
  void theCauseOfABrokenTransportIsNamed() {
    CompletableFuture<Message> waiting = connection.recv();
    IOException reset = new IOException("Connection reset by peer");
    peer.channel.pipeline().fireExceptionCaught(reset);
    peer.tcpIsLost();
    assertSame(reset, error(waiting).getCause());
  }

  // RECV-35: test_close_timeout_waiting_for_close_frame
  @Test
  void theCauseOfAnEndWithoutTheCloseFrameIsTheTimeout() {
    CompletableFuture<Message> waiting = connection.recv();
    connection.close();
    peer.advance(10, TimeUnit.SECONDS);
    assertEquals("sent 1000 (OK); no close frame received", error(waiting).getMessage());
    assertInstanceOf(TimeoutException.class, error(waiting).getCause());
  }

  // RECV-35: test_close_timeout_waiting_for_connection_closed
  @Test
  void theCauseOfAnEndThatWasForcedIsTheTimeout() {
    CompletableFuture<Message> waiting = connection.recv();
    connection.close();
    peer.peerSends(peer.close(1000, "")); // and never ends TCP
    peer.advance(10, TimeUnit.SECONDS);
    assertEquals("sent 1000 (OK); then received 1000 (OK)", ok(waiting).getMessage());
    assertInstanceOf(TimeoutException.class, ok(waiting).getCause());
  }

  // CLOSE-34: the peer's close frame is no answer to one that never left
  @Test
  void anEndWhoseCloseFrameNeverLeftIsNotOk() {
    peer.peerStopsReading();
    CompletableFuture<Message> waiting = connection.recv();
    connection.close();
    peer.peerSends(peer.close(1000, ""));
    peer.advance(10, TimeUnit.SECONDS);
    assertEquals("received 1000 (OK); no close frame sent", error(waiting).getMessage());
    assertInstanceOf(TimeoutException.class, error(waiting).getCause());
  }

  // RECV-35: test_writing_in_data_received_fails
  @Test
  void anAnswerThatCannotBeWrittenEndsTheConnectionAndIsTheCause() {
    IOException broken = new IOException("Broken pipe");
    peer.channel.pipeline().addFirst(new FailingWrites(broken));
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.ping((byte) 1));
    assertTrue(connection.waitClosed().isDone());
    assertSame(broken, error(waiting).getCause());
  }

  // RECV-36: test_unexpected_failure_in_data_received
  @Test
  void anUnexpectedFailureWhileReadingEndsTheConnectionAndIsTheCause() {
    IllegalStateException unexpected = new IllegalStateException("unexpected");
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                throw unexpected;
              }
            });
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(peer.text("😀"));
    peer.advance(10, TimeUnit.SECONDS);
    assertSame(unexpected, error(waiting).getCause());
    assertEquals(1011, error(waiting).sent().orElseThrow().code());
  }

  /** A transport that is broken: it fails the write and closes, as Netty's do. */
  private static final class FailingWrites extends ChannelOutboundHandlerAdapter {
    private final IOException why;

    FailingWrites(IOException why) {
      this.why = why;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      promise.setFailure(why);
      ctx.close();
    }
  }
}
