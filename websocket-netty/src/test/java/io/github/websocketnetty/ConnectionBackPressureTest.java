package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that sends faster than the application receives, with the real codec in front. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionBackPressureTest {
  private final Side side;
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionBackPressureTest(Side side) {
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

  private ReceiveQueue queue() {
    return ((ChannelConnection) connection).queue();
  }

  private boolean isReading() {
    return peer.channel.config().isAutoRead();
  }

  /** The peer sends the texts from, from + 1, ... to - 1, all in one read. */
  private void peerSendsTexts(int from, int to) {
    byte[][] frames =
        IntStream.range(from, to).mapToObj(i -> peer.text("" + i)).toArray(byte[][]::new);
    peer.peerSends(frames);
  }

  private void assertTexts(int from, int to) {
    for (int i = from; i < to; i++) {
      assertEquals("" + i, value(connection.recvText()));
    }
  }

  // RECV-41: test_put_pauses_reading
  @Test
  void framesAreCountedAndControlFramesAreNot() {
    peer.peerSends(
        peer.ping((byte) 1),
        peer.text("whole"),
        peer.pong(),
        peer.fragment(false, Opcode.TEXT, "a"),
        peer.fragment(false, Opcode.CONTINUATION, ""),
        peer.ping((byte) 2));
    assertEquals(3, queue().frames());
    assertEquals(6, queue().bytes());
    assertTrue(isReading());
  }

  // RECV-42: test_backpressure, test_put_pauses_reading; OPT-05: test_max_queue
  @Test
  void readingPausesAtTheSeventeenthFrame() {
    for (int i = 0; i < 16; i++) {
      peerSendsTexts(i, i + 1);
      assertTrue(isReading());
    }
    peerSendsTexts(16, 17);
    assertFalse(isReading());
    assertTexts(0, 17);
  }

  // RECV-43: test_backpressure, test_get_resumes_reading
  @Test
  void readingGoesOnWhenFourFramesAreLeft() {
    peerSendsTexts(0, 17);
    for (int left = 16; left > 4; left--) {
      value(connection.recv());
      assertEquals(left == 4, isReading());
    }
    value(connection.recv());
    assertTrue(isReading());
    assertTexts(13, 17);
  }

  // RECV-43: test_get_iter_resumes_reading
  @Test
  void aReaderMakesReadingGoOnToo() {
    List<byte[]> frames = new ArrayList<>();
    frames.add(peer.fragment(false, Opcode.TEXT, "0"));
    IntStream.range(0, 16).forEach(i -> frames.add(peer.fragment(false, Opcode.CONTINUATION, "1")));
    peer.peerSends(frames.toArray(byte[][]::new));
    assertFalse(isReading());
    MessageReader reader = connection.recvStreaming();
    for (int left = 16; left > 4; left--) {
      assertFalse(isReading());
      value(reader.next());
    }
    value(reader.next());
    assertTrue(isReading());
  }

  // RECV-44: test_put_does_not_pause_reading, test_get_does_not_resume_reading,
  // test_get_iter_does_not_resume_reading; OPT-05: test_max_queue_none
  @Test
  void limitsOutOfReachNeverPause() {
    open(
        ConnectionOptions.builder()
            .maxQueue(Integer.MAX_VALUE)
            .maxQueueBytes(Long.MAX_VALUE)
            .build());
    peerSendsTexts(0, 10_000);
    assertTrue(isReading());
    assertEquals(10_000, queue().frames());
    assertTexts(0, 10_000);
    assertTrue(isReading());
  }

  // OPT-06
  @Test
  void aQueueOfNothingPausesAtTheFirstFrameAndGoesOnWhenItIsEmpty() {
    open(ConnectionOptions.builder().maxQueue(0).build());
    peerSendsTexts(0, 3);
    assertFalse(isReading());
    assertEquals(1, queue().frames());
    assertTexts(0, 3);
    assertTrue(isReading());
  }

  // RECV-45: decoding stops in the middle of a read
  @Test
  void oneReadWithHundredsOfFramesDoesNotOverfillTheQueue() {
    peerSendsTexts(0, 700);
    assertEquals(17, queue().frames());
    for (int i = 0; i < 700; i++) {
      assertEquals("" + i, value(connection.recvText()));
      assertTrue(queue().frames() <= 17, "more waits than the mark allows");
    }
    assertEquals(0, queue().frames());
    assertTrue(isReading());
    assertFalse(connection.recv().isDone());
  }

  // RECV-45
  @Test
  void readsThatCameWhileReadingWasPausedWaitInOrder() {
    peerSendsTexts(0, 100);
    peerSendsTexts(100, 200);
    byte[] split = peer.text("200");
    peer.channel.writeInbound(Unpooled.copiedBuffer(split, 0, 3));
    peer.channel.writeInbound(Unpooled.copiedBuffer(split, 3, split.length - 3));
    assertEquals(17, queue().frames());
    assertTexts(0, 201);
  }

  // RECV-45: the iteration takes all that came without growing the stack
  @Test
  void anIterationDrainsAReadOfThousandsOfFrames() {
    peerSendsTexts(0, 20_000);
    List<String> texts = new ArrayList<>();
    connection.forEach(message -> texts.add(((TextMessage) message).text()));
    peer.run();
    assertEquals(IntStream.range(0, 20_000).mapToObj(i -> "" + i).toList(), texts);
  }

  // RECV-45: a bound in bytes too
  @Test
  void readingPausesAtTheBoundInBytes() {
    open(ConnectionOptions.builder().maxQueueBytes(1000).build());
    byte[] frame = peer.binary(new byte[400]);
    peer.peerSends(frame, frame, frame, frame, frame);
    assertFalse(isReading());
    assertEquals(1200, queue().bytes());
    value(connection.recv());
    value(connection.recv());
    assertFalse(isReading());
    value(connection.recv());
    value(connection.recv());
    value(connection.recv());
    assertTrue(isReading());
    assertEquals(0, queue().bytes());
  }

  // RECV-46
  @Test
  void aMessageOfMoreFragmentsThanTheQueueHoldsIsReceived() {
    List<byte[]> frames = new ArrayList<>();
    frames.add(peer.fragment(false, Opcode.TEXT, "0"));
    IntStream.range(1, 300)
        .forEach(i -> frames.add(peer.fragment(i == 299, Opcode.CONTINUATION, "" + i % 10)));
    byte[][] message = frames.toArray(byte[][]::new);
    peer.peerSends(message);
    assertEquals("0123456789".repeat(30), value(connection.recvText()));
    CompletableFuture<String> waiting = connection.recvText();
    peer.peerSends(message);
    assertEquals("0123456789".repeat(30), value(waiting));
    assertTrue(isReading());
  }

  // RECV-47: test_put_fails_after_close, test_close_is_idempotent
  @Test
  void whatComesAfterTheEndIsDropped() {
    peer.peerSends(peer.close(1000, ""));
    peer.peerSends(peer.text("late"));
    peer.tcpIsLost();
    queue().put(MessageType.TEXT, true, new byte[1]);
    queue().end(null);
    assertEquals(0, queue().frames());
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  // RECV-40: (a) the application is slow, the peer is healthy
  @Test
  void keepaliveDoesNotBlameThePeerForOurPause() {
    peerSendsTexts(0, 17);
    assertFalse(isReading());
    peer.advance(20, TimeUnit.SECONDS);
    RecordedFrames.Frame ping = peer.sent();
    assertEquals(Opcode.PING, ping.opcode());
    peer.peerSends(peerSendsBehindData(ping.payload()));
    for (int i = 0; i < 10; i++) {
      peer.advance(20, TimeUnit.SECONDS);
    }
    assertEquals(ConnectionState.OPEN, connection.state());
    assertTexts(0, 17);
    assertEquals("behind", value(connection.recvText()));
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  private byte[] peerSendsBehindData(byte[] pong) {
    return WireFrame.join(peer.text("behind"), peer.pong(pong));
  }

  // RECV-40: (a) and a pong that came with data is not lost, nor late
  @Test
  void aPongBehindWaitingDataIsSeenWhenTheDataIsReceived() {
    CompletableFuture<Duration> latency = connection.ping(new byte[] {1});
    byte[][] frames = new byte[60][];
    for (int i = 0; i < 59; i++) {
      frames[i] = peer.text("" + i);
    }
    frames[59] = peer.pong((byte) 1);
    peer.peerSends(frames);
    assertFalse(latency.isDone());
    assertTexts(0, 59);
    value(latency);
  }

  // RECV-40: pings before the data at which we pause are answered
  @Test
  void pingsAreAnsweredUpToThePause() {
    peer.peerSends(peer.ping((byte) 1));
    peerSendsTexts(0, 17);
    peer.assertSent(true, Opcode.PONG, new byte[] {1});
    peer.peerSends(peer.ping((byte) 2));
    peer.assertSent(true, Opcode.PONG, new byte[] {2});
  }

  // RECV-40: (b) close() takes one round trip, however much waits
  @Test
  void closingWithAFullQueueTakesOneRoundTripAndCountsWhatItDrops() {
    peerSendsTexts(0, 700);
    assertFalse(isReading());
    CompletableFuture<Void> closed = connection.close();
    peer.assertSentClose(1000, "");
    peer.peerSends(peer.text("700"), peer.close(1000, ""));
    peer.tcpIsLost();
    value(closed);
    assertEquals(701, queue().frames() + queue().dropped());
    assertEquals(17, queue().frames());
    assertTexts(0, 17);
    assertEquals(
        "sent 1000 (OK); then received 1000 (OK)",
        assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()))
            .getMessage());
  }

  // RECV-40: (b) what is received while closing makes no room for what lies behind a gap
  @Test
  void nothingIsDeliveredBehindWhatWasDropped() {
    peerSendsTexts(0, 17);
    connection.close();
    peerSendsTexts(17, 18); // dropped
    assertTexts(0, 17);
    peerSendsTexts(18, 19);
    assertFalse(connection.recv().isDone());
    peer.peerCloses(1000, "");
    assertEquals(2, queue().dropped());
  }

  // RECV-40: (c) an endpoint that returns without reading costs nothing
  @Test
  void anEndpointThatReadsNothingClosesAtOnce() {
    peerSendsTexts(0, 100);
    EndpointRun.start(opened -> null, connection);
    peer.assertSentClose(1000, "");
    peer.peerSends(peer.close(1000, ""));
    peer.tcpIsLost();
    value(connection.waitClosed());
  }

  // RECV-40: the peer's close behind data that waits
  @Test
  void theCloseOfAPeerIsSeenWhenWhatWaitsIsReceived() {
    peerSendsTexts(0, 17);
    peer.peerSends(peer.text("17"), peer.close(1001, "bye"));
    assertNull(peer.sent());
    assertTexts(0, 18);
    peer.assertSentClose(1001, "bye");
  }

  // The attack: a reset makes the transport deliver all that was held back.
  @Test
  void whatIsLeftWhenTcpIsLostDoesNotPassTheMark() {
    byte[][] frames = new byte[1000][];
    Arrays.setAll(frames, i -> peer.text("m" + i));
    peer.peerSends(frames);
    peer.tcpIsLost();
    for (int i = 0; i <= ConnectionOptions.DEFAULT_MAX_QUEUE; i++) {
      assertEquals("m" + i, value(connection.recvText()));
    }
    // Not that all is well, whatever the peer said behind what is lost.
    ConnectionClosedErrorException end =
        assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.recv()));
    assertEquals("more received than may wait", end.getCause().getMessage());
  }

  @Test
  void whatIsLeftWhenTcpIsLostIsDeliveredUpToTheMark() {
    byte[][] frames = new byte[ConnectionOptions.DEFAULT_MAX_QUEUE + 1][];
    Arrays.setAll(frames, i -> peer.text("m" + i));
    peer.peerSends(frames);
    peer.peerSends(peer.close(1000, ""));
    peer.tcpIsLost();
    for (int i = 0; i < frames.length; i++) {
      assertEquals("m" + i, value(connection.recvText()));
    }
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  // The attack: messages that cost far more time than the bytes that stand for them on the wire.
  @Test
  void oneReadThatBringsMuchIsHandedOnInTurnsWithOthers() {
    List<String> order = new ArrayList<>();
    byte[][] frames = new byte[5000][];
    Arrays.fill(frames, peer.text(""));
    connection.forEach(
        message -> {
          order.add("message");
          if (order.size() == 1) {
            connection.channel().eventLoop().execute(() -> order.add("other"));
          }
        });
    peer.peerSends(frames);
    assertEquals(5001, order.size());
    int other = order.indexOf("other");
    assertTrue(other > 0 && other < 4200, "others had their turn after " + other);
  }
}
