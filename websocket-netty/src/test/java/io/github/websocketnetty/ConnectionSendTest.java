package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending whole messages: types, back-pressure, the end, threads. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionSendTest {
  private static final int MIB = 1 << 20;
  private static final String UNPAIRED = "a\uD83D";

  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionSendTest(Side side) {
    this.side = side;
    open(ConnectionOptions.defaults());
  }

  private void open(ConnectionOptions options) {
    if (peer != null) {
      peer.end();
    }
    peer = new ConnectionFixture(side, options);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private SendGate gate() {
    return ((ChannelConnection) connection).gate();
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

  // SEND-01: test_send_text
  @Test
  void textIsSentAsOneTextFrame() {
    value(connection.send("😀"));
    peer.assertSent(true, Opcode.TEXT, "😀");
    value(connection.send(TextMessage.of("")));
    peer.assertSent(true, Opcode.TEXT, "");
    peer.assertNothingSent();
  }

  // SEND-01: test_send_binary
  @Test
  void bytesOfAllKindsAreSentAsOneBinaryFrame() {
    byte[] bytes = {1, 2, (byte) 0xFE, (byte) 0xFF};
    value(connection.send(bytes));
    ByteBuffer buffer = ByteBuffer.allocateDirect(6).put(1, bytes).position(1).limit(5);
    value(connection.send(buffer));
    assertEquals(4, buffer.remaining());
    value(connection.send(Unpooled.copiedBuffer(bytes)));
    value(connection.send(BinaryMessage.of(bytes)));
    for (int i = 0; i < 4; i++) {
      peer.assertSent(true, Opcode.BINARY, new byte[] {1, 2, -2, -1});
    }
    peer.assertNothingSent();
  }

  // SEND-01: what is not handed over is copied
  @Test
  void theCallerMayChangeWhatWasSent() {
    peer.peerStopsReading();
    byte[] bytes = {1};
    connection.send(bytes);
    bytes[0] = 2;
    ByteBuffer buffer = ByteBuffer.wrap(new byte[] {3});
    connection.send(buffer);
    buffer.put(0, (byte) 4);
    peer.peerReadsAgain();
    peer.assertSent(true, Opcode.BINARY, new byte[] {1});
    peer.assertSent(true, Opcode.BINARY, new byte[] {3});
  }

  // SEND-02: test_send_text_from_bytes
  @Test
  void bytesAreSentAsTextWhereThatIsWanted() {
    byte[] utf8 = WireFrame.hex("F09F9880");
    value(connection.sendText(utf8));
    value(connection.sendText(Unpooled.copiedBuffer(utf8)));
    peer.assertSent(true, Opcode.TEXT, "😀");
    peer.assertSent(true, Opcode.TEXT, "😀");
  }

  // SEND-02: test_send_binary_from_str
  @Test
  void textIsSentAsBytesWhereThatIsWanted() {
    value(connection.sendBinary("😀"));
    peer.assertSent(true, Opcode.BINARY, WireFrame.hex("F09F9880"));
  }

  // SEND-03
  @Test
  void bytesThatAreSentAsTextAreNotChecked() {
    value(connection.sendText(new byte[] {(byte) 0xFF}));
    ByteBuf frame = peer.channel.readOutbound();
    assertEquals(side == Side.SERVER ? 3 : 7, frame.readableBytes());
    frame.release();
  }

  // SEND-04
  @Test
  void anUnpairedSurrogateIsRefusedAndTheConnectionUntouched() {
    List<Consumer<Connection>> calls =
        List.of(
            c -> c.send(UNPAIRED),
            c -> c.sendBinary(UNPAIRED),
            c -> c.send(TextMessage.of(UNPAIRED)),
            c -> c.sendStreaming(MessageType.TEXT).write(UNPAIRED),
            c -> c.close(1000, UNPAIRED));
    for (Consumer<Connection> call : calls) {
      assertThrows(IllegalArgumentException.class, () -> call.accept(connection));
      assertUntouched();
    }
    assertInstanceOf(
        IllegalArgumentException.class, failure(connection.sendText(List.of(UNPAIRED))));
    assertUntouched();
  }

  // SEND-05: test_send_unsupported_type: the compiler refuses other types; null is left
  @Test
  void nullIsRefusedAndTheConnectionUntouched() {
    assertThrows(NullPointerException.class, () -> connection.send((String) null));
    assertThrows(NullPointerException.class, () -> connection.send((byte[]) null));
    assertThrows(NullPointerException.class, () -> connection.send((ByteBuffer) null));
    assertThrows(NullPointerException.class, () -> connection.send((ByteBuf) null));
    assertThrows(NullPointerException.class, () -> connection.send((Message) null));
    assertThrows(NullPointerException.class, () -> connection.sendStreaming(null));
    assertUntouched();
  }

  // SEND-07
  @Test
  void wrongArgumentsAreToldFirstAlsoAfterTheEnd() {
    peer.peerCloses(1000, "");
    assertThrows(IllegalArgumentException.class, () -> connection.send(UNPAIRED));
    assertThrows(IllegalArgumentException.class, () -> connection.ping(new byte[126]));
    value(connection.sendText(List.of()));
  }

  // SEND-30: test_write_limit; OPT-08
  @Test
  void aSendIsCompleteAtOnceWhileNoMoreThanTheLimitIsUnsent() {
    peer.peerStopsReading();
    value(connection.send(new byte[16_000]));
    value(connection.send(new byte[16_000]));
    CompletableFuture<Void> beyond = connection.send(new byte[2_000]);
    assertFalse(beyond.isDone());
    peer.peerReadsAgain();
    value(beyond);
  }

  // SEND-30: test_write_limits; OPT-08: the limits of the channel are those of the options
  @Test
  void theWriteLimitsAreThoseOfTheOptions() {
    open(ConnectionOptions.builder().writeLimit(4096, 2048).build());
    assertEquals(4096, peer.channel.config().getWriteBufferHighWaterMark());
    assertTrue(peer.channel.config().getWriteBufferLowWaterMark() - 2048 <= 1);
    peer.peerStopsReading();
    value(connection.send(new byte[1000]));
    assertFalse(connection.send(new byte[4096]).isDone());
  }

  // OPT-08, SEND-30: zero
  @Test
  void withAWriteLimitOfZeroEachSendWaitsUntilAllIsHandedOver() {
    open(ConnectionOptions.builder().writeLimit(0).build());
    for (int i = 0; i < 3; i++) {
      value(connection.send("" + i));
      peer.assertSent(true, Opcode.TEXT, "" + i);
    }
    peer.peerStopsReading();
    CompletableFuture<Void> first = connection.send("");
    CompletableFuture<Void> second = connection.send("second");
    assertFalse(first.isDone());
    assertEquals(6, gate().pendingBytes());
    peer.peerReadsAgain();
    value(first);
    value(second);
    peer.assertSent(true, Opcode.TEXT, "");
    peer.assertSent(true, Opcode.TEXT, "second");
    value(connection.send("third"));
  }

  // SEND-31: no more than one message goes beyond the limit
  @Test
  void messagesBeyondTheLimitAreNotWrittenButWait() {
    peer.peerStopsReading();
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sends.add(connection.send(new byte[MIB]));
    }
    assertEquals(4 * MIB, gate().pendingBytes());
    sends.forEach(send -> assertFalse(send.isDone()));
    peer.peerReadsAgain();
    sends.forEach(ConnectionFixture::value);
    assertEquals(0, gate().pendingBytes());
  }

  // SEND-31: and what waits is bounded too
  @Test
  void whatWaitsIsBounded() {
    open(ConnectionOptions.builder().maxPendingSendBytes(1000).build());
    peer.peerStopsReading();
    connection.send(new byte[40_000]);
    CompletableFuture<Void> waiting = connection.send(new byte[1000]);
    CompletableFuture<Void> refused = connection.send(Unpooled.copiedBuffer(new byte[1]));
    assertEquals(
        "message of 1 bytes refused: 1000 bytes wait to be sent, at most 1000 may",
        assertInstanceOf(SendQueueFullException.class, failure(refused)).getMessage());
    assertEquals(ConnectionState.OPEN, connection.state());
    peer.peerReadsAgain();
    value(waiting);
    value(connection.send(new byte[1]));
    assertEquals(40_000, peer.sent().payload().length);
    assertEquals(1000, peer.sent().payload().length);
    assertEquals(1, peer.sent().payload().length);
  }

  // SEND-31
  @Test
  void aSingleMessageIsAcceptedWhateverItsSize() {
    open(ConnectionOptions.builder().maxPendingSendBytes(10).build());
    peer.peerStopsReading();
    connection.send(new byte[40_000]);
    CompletableFuture<Void> large = connection.send(new byte[2 * MIB]);
    peer.peerReadsAgain();
    value(large);
  }

  // SEND-32: the deadline of close() aborts
  @Test
  void aSendWhoseBytesWereThrownAwayByTheDeadlineFails() {
    peer.peerStopsReading();
    CompletableFuture<Void> written = connection.send(new byte[5 * MIB]);
    CompletableFuture<Void> waiting = connection.send(new byte[10]);
    connection.close();
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertFalse(written.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertSame(error(written), error(waiting));
  }

  // SEND-32: an orderly end of the peer
  @Test
  void aSendWhoseBytesAreInTheBufferWhenThePeerEndsFails() {
    peer.peerStopsReading();
    CompletableFuture<Void> written = connection.send(new byte[5 * MIB]);
    peer.peerEndsItsHalf();
    peer.advance(10, TimeUnit.SECONDS);
    error(written);
  }

  // SEND-32: TCP is gone
  @Test
  void aSendWhoseBytesAreInTheBufferWhenTcpIsLostFails() {
    peer.peerStopsReading();
    CompletableFuture<Void> written = connection.send(new byte[5 * MIB]);
    CompletableFuture<Void> waiting = connection.send(new byte[5 * MIB]);
    peer.tcpIsLost();
    error(written);
    error(waiting);
  }

  // SEND-33: no answer of the peer is waited for
  @Test
  void aSendIsCompleteWhenItsBytesAreHandedOver() {
    value(connection.send(new byte[5 * MIB]));
    assertEquals(5 * MIB, peer.sent().payload().length);
  }

  // SEND-34
  @Test
  void controlFramesDoNotWaitForTheWriteLimit() {
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = connection.send(new byte[MIB]);
    value(connection.pong());
    assertFalse(connection.ping().isDone());
    CompletableFuture<Void> second = connection.send("behind");
    peer.peerReadsAgain();
    value(blocked);
    value(second);
    assertEquals(Opcode.BINARY, peer.sent().opcode());
    assertEquals(Opcode.PONG, peer.sent().opcode());
    assertEquals(Opcode.PING, peer.sent().opcode());
    assertEquals(Opcode.TEXT, peer.sent().opcode());
  }

  // SEND-35
  @Test
  void whatIsSentIsNotLimitedByWhatMayBeReceived() {
    open(ConnectionOptions.builder().maxMessageSize(10).maxFragmentSize(10).build());
    value(connection.send(new byte[1000]));
    assertEquals(1000, peer.sent().payload().length);
  }

  // SEND-40: test_send_connection_closed_ok
  @Test
  void aSendAfterAGoodEndFailsAtOnce() {
    peer.peerSends(peer.close(1000, ""));
    peer.tcpIsLost();
    assertEquals(
        "received 1000 (OK); then sent 1000 (OK)",
        assertInstanceOf(ConnectionClosedOkException.class, failure(connection.send("late")))
            .getMessage());
  }

  // SEND-40: test_send_connection_closed_error
  @Test
  void aSendAfterABadEndFailsAtOnce() {
    peer.tcpIsLost();
    assertEquals(
        "no close frame received or sent", error(connection.send(new byte[1])).getMessage());
    ByteBuf payload = Unpooled.copiedBuffer(new byte[1]);
    error(connection.send(payload));
    assertEquals(0, payload.refCnt());
  }

  // SEND-40
  @Test
  void aSendWhileClosingWritesNothingAndFailsAtTheEnd() {
    connection.close();
    peer.assertSentClose(1000, "");
    CompletableFuture<Void> late = connection.send("late");
    peer.assertNothingSent();
    peer.advance(9_999, TimeUnit.MILLISECONDS);
    assertFalse(late.isDone());
    peer.advance(1, TimeUnit.MILLISECONDS);
    assertEquals("sent 1000 (OK); no close frame received", error(late).getMessage());
  }

  // SEND-40: and what was sent before the close goes out before it
  @Test
  void whatWasSentBeforeTheCloseGoesOutBeforeIt() {
    peer.peerStopsReading();
    connection.send(new byte[40_000]);
    CompletableFuture<Void> waiting = connection.send("last");
    connection.close();
    assertFalse(waiting.isDone());
    peer.peerReadsAgain();
    value(waiting);
    assertEquals(40_000, peer.sent().payload().length);
    peer.assertSent(true, Opcode.TEXT, "last");
    peer.assertSentClose(1000, "");
  }

  /** A transport that fails the write of data in the given way. */
  private void breakWrites(Consumer<ChannelPromise> breaking) {
    peer.channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                breaking.accept(promise);
              }
            });
  }

  // SEND-41: test_writing_in_send_context_fails
  @Test
  void aWriteThatFailsEndsTheConnectionAndIsTheCause() {
    IOException broken = new IOException("Broken pipe");
    breakWrites(promise -> promise.setFailure(broken));
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<Void> sent = connection.send("😀");
    peer.tcpIsLost();
    assertSame(broken, error(sent).getCause());
    assertSame(error(sent), error(waiting));
  }

  // SEND-41, RECV-35: also when the send was complete because nothing was in its way
  @Test
  void aWriteThatFailsLaterIsTheCauseTheSame() {
    List<ChannelPromise> written = new ArrayList<>();
    breakWrites(written::add);
    value(connection.send("😀"));
    IOException broken = new IOException("Broken pipe");
    written.get(0).setFailure(broken);
    peer.tcpIsLost();
    assertSame(broken, error(connection.recv()).getCause());
  }

  // SEND-42: test_unexpected_failure_in_send_context
  @Test
  void anUnexpectedFailureWhileSendingEndsTheConnectionAndIsTheCause() {
    IllegalStateException unexpected = new IllegalStateException("unexpected");
    breakWrites(
        promise -> {
          throw unexpected;
        });
    CompletableFuture<Message> waiting = connection.recv();
    CompletableFuture<Void> sent = connection.send("😀");
    peer.advance(10, TimeUnit.SECONDS);
    assertSame(unexpected, error(sent).getCause());
    assertSame(error(sent), error(waiting));
  }

  // SEND-43: test_ping_duplicate_payload
  @Test
  void misuseLeavesTheConnectionUntouched() {
    connection.ping(new byte[] {1});
    peer.assertSent(true, Opcode.PING, new byte[] {1});
    assertInstanceOf(ConcurrencyException.class, failure(connection.ping(new byte[] {1})));
    assertThrows(IllegalArgumentException.class, () -> connection.ping(new byte[126]));
    assertThrows(IllegalArgumentException.class, () -> connection.close(1006, ""));
    assertUntouched();
  }

  // SEND-44
  @Test
  void aWriterIsOverWhenItIsFinished() {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    writer.write("a");
    value(writer.finish());
    assertInstanceOf(IllegalStateException.class, failure(writer.write("b")));
    value(writer.finish());
    peer.assertSent(false, Opcode.TEXT, "a");
    peer.assertSent(true, Opcode.CONTINUATION, "");
    assertUntouched();
  }

  // SEND-45: RFC 6455, 5.2 and 5.3
  @ParameterizedTest
  @ValueSource(ints = {0, 125, 126, 65_535, 65_536})
  void theLengthIsWrittenInItsShortestForm(int length) {
    value(connection.send(new byte[length]));
    byte[] wire = outbound();
    int mask = side == Side.CLIENT ? 4 : 0;
    int form = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    assertEquals(2 + form + mask + length, wire.length);
    assertEquals((byte) 0x82, wire[0]);
    int first = form == 0 ? length : form == 2 ? 126 : 127;
    assertEquals(first | (mask == 0 ? 0 : 0x80), wire[1] & 0xFF);
  }

  // SEND-45: a client takes a fresh key for each frame, a server none
  @Test
  void onlyAClientMasksAndEachFrameWithAnotherKey() {
    value(connection.send(new byte[16]));
    byte[] first = outbound();
    value(connection.send(new byte[16]));
    byte[] second = outbound();
    if (side == Side.CLIENT) {
      assertNotEquals(ByteBufUtil.hexDump(first), ByteBufUtil.hexDump(second));
    } else {
      assertEquals("8210" + "00".repeat(16), ByteBufUtil.hexDump(first));
      assertEquals("8210" + "00".repeat(16), ByteBufUtil.hexDump(second));
    }
  }

  private byte[] outbound() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = peer.channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  // SEND-46
  @Test
  void callsAfterTheEndTellHowItEndedAndNothingElse() {
    peer.peerStopsReading();
    connection.send(new byte[MIB]);
    peer.tcpIsLost();
    List<Supplier<CompletableFuture<?>>> failing =
        List.of(
            () -> connection.send("late"),
            () -> connection.sendText(List.of("late")),
            () -> connection.sendStreaming(MessageType.TEXT).write("late"),
            () -> connection.ping(),
            () -> connection.pong(),
            () -> connection.recv(),
            () -> connection.recvStreaming().next(),
            () -> connection.forEach(message -> {}));
    Throwable end = failure(connection.recv());
    assertInstanceOf(ConnectionClosedErrorException.class, end);
    for (Supplier<CompletableFuture<?>> call : failing) {
      assertSame(end, failure(call.get()));
    }
    value(connection.close());
    value(connection.close(4000, "again"));
    value(connection.waitClosed());
  }

  // SEND-24: whole, in the order of the calls of each thread
  @Test
  void messagesOfManyThreadsAreNotMixed() throws Exception {
    int perThread = 500;
    int count = 4;
    try (LoopConnection loop =
        new LoopConnection(side, ConnectionOptions.defaults(), perThread * count)) {
      List<Thread> threads =
          IntStream.range(0, count)
              .mapToObj(t -> new Thread(() -> sendNumbered(loop.connection, t, perThread)))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      int[] next = new int[count];
      for (RecordedFrames.Frame frame : loop.received()) {
        String[] parts = new String(frame.payload(), StandardCharsets.US_ASCII).split(":");
        assertEquals(next[Integer.parseInt(parts[0])]++, Integer.parseInt(parts[1]));
      }
    }
  }

  private static void sendNumbered(Connection connection, int thread, int count) {
    for (int i = 0; i < count; i++) {
      connection.send(thread + ":" + i);
    }
  }

  // SEND-24: a burst from another thread costs one flush, not one each
  @Test
  void aBurstOfAnotherThreadIsFlushedOnce() throws Exception {
    try (LoopConnection loop = new LoopConnection(side, ConnectionOptions.defaults(), 200)) {
      CountDownLatch until = new CountDownLatch(1);
      loop.occupyLoop(until);
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        sends.add(loop.connection.send("" + i));
      }
      int before = loop.flushes.get();
      until.countDown();
      CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);
      assertEquals(200, loop.received().size());
      assertEquals(before + 1, loop.flushes.get());
    }
  }
}
