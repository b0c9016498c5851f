package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Receiving a message in fragments. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionStreamingTest {
  private static final int READ = 65_536;

  private final ConnectionFixture peer;
  private final Connection connection;
  private final Side side;

  ConnectionStreamingTest(Side side) {
    this.side = side;
    peer = new ConnectionFixture(side);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private static void assertText(String expected, boolean last, CompletableFuture<Fragment> next) {
    Fragment fragment = value(next);
    assertEquals(expected, fragment.text());
    assertEquals(last, fragment.isLast());
  }

  private static void assertBytes(String hex, boolean last, CompletableFuture<Fragment> next) {
    Fragment fragment = value(next);
    assertArrayEquals(WireFrame.hex(hex), fragment.bytes());
    assertEquals(last, fragment.isLast());
  }

  // RECV-04: test_recv_streaming_text, test_get_iter_*_already_received
  @Test
  void aWholeTextIsOneFragment() {
    peer.peerSends(peer.text("😀"));
    MessageReader reader = connection.recvStreaming();
    assertText("😀", true, reader.next());
    assertEquals(MessageType.TEXT, reader.type());
    assertInstanceOf(IllegalStateException.class, failure(reader.next()));
  }

  // RECV-04: test_recv_streaming_binary, test_get_iter_binary_message_already_received
  @Test
  void aWholeBinaryMessageIsOneFragment() {
    MessageReader reader = connection.recvStreaming();
    CompletableFuture<Fragment> waiting = reader.next();
    assertThrows(IllegalStateException.class, reader::type);
    peer.peerSends(peer.binary((byte) 1, (byte) 0xFF));
    assertBytes("01FF", true, waiting);
    assertEquals(MessageType.BINARY, reader.type());
  }

  // RECV-04: test_recv_streaming_fragmented_text,
  // test_get_iter_fragmented_text_message_not_received_yet,
  // test_get_iter_fragmented_text_message_being_received
  @Test
  void fragmentsOfTextComeOneForEachFrameAlsoEmptyOnes() {
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "😀"));
    MessageReader reader = connection.recvStreaming();
    assertText("😀", false, reader.next());
    CompletableFuture<Fragment> second = reader.next();
    assertFalse(second.isDone());
    peer.peerSends(
        peer.fragment(false, Opcode.CONTINUATION, "😁"),
        peer.fragment(true, Opcode.CONTINUATION, ""));
    assertText("😁", false, second);
    assertText("", true, reader.next());
  }

  // RECV-04: test_recv_streaming_fragmented_binary,
  // test_get_iter_fragmented_binary_message_already_received
  @Test
  void fragmentsOfBinaryComeOneForEachFrameAlsoEmptyOnes() {
    peer.peerSends(
        peer.frame(false, Opcode.BINARY),
        peer.frame(false, Opcode.CONTINUATION, (byte) 1, (byte) 2),
        peer.ping(),
        peer.frame(true, Opcode.CONTINUATION));
    MessageReader reader = connection.recvStreaming();
    assertBytes("", false, reader.next());
    assertBytes("0102", false, reader.next());
    assertBytes("", true, reader.next());
  }

  // RECV-05: test_get_iter_fragmented_text_message_already_received
  @Test
  void aCharacterThatIsNotWholeYetIsHeldBack() {
    peer.peerSends(
        peer.frame(false, Opcode.TEXT, WireFrame.hex("F09F")),
        peer.frame(false, Opcode.CONTINUATION, WireFrame.hex("988061")),
        peer.frame(true, Opcode.CONTINUATION));
    MessageReader reader = connection.recvStreaming();
    assertText("", false, reader.next());
    assertText("😀a", false, reader.next());
    assertText("", true, reader.next());
  }

  // RECV-06: test_recv_streaming_text_as_bytes, test_get_iter_encoded_text_message
  @Test
  void fragmentsOfTextAreToBeHadAsTheBytesOfTheirFrames() {
    peer.peerSends(
        peer.frame(false, Opcode.TEXT, WireFrame.hex("F09F")),
        peer.frame(true, Opcode.CONTINUATION, WireFrame.hex("9880")));
    MessageReader reader = connection.recvStreaming();
    assertBytes("F09F", false, reader.next());
    assertBytes("9880", true, reader.next());
  }

  // RECV-06: test_recv_streaming_binary_as_str, test_get_iter_decoded_binary_message: a fragment of
  // a binary message says that it is none of text; its bytes are there to be decoded
  @Test
  void aFragmentOfABinaryMessageIsNoText() {
    peer.peerSends(peer.binary((byte) 'a'));
    Fragment fragment = value(connection.recvStreaming().next());
    assertThrows(IllegalStateException.class, fragment::text);
    assertEquals("a", new String(fragment.bytes(), StandardCharsets.UTF_8));
  }

  // RECV-14: test_recv_streaming_cancellation_before_receiving,
  // test_cancel_get_iter_before_first_frame
  @Test
  void aReaderCancelledBeforeTheFirstFragmentLosesNothing() {
    MessageReader reader = connection.recvStreaming();
    assertTrue(reader.next().cancel(true));
    peer.peerSends(peer.text("kept"));
    assertText("kept", true, reader.next());
    MessageReader unused = connection.recvStreaming();
    unused.discard();
    peer.peerSends(peer.text("kept too"));
    assertEquals("kept too", value(connection.recvText()));
  }

  // RECV-15: test_recv_streaming_cancellation_while_receiving,
  // test_cancel_get_iter_after_first_frame
  @Test
  void aReaderGoesOnAfterACancelledCall() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "1"));
    assertText("1", false, reader.next());
    assertTrue(reader.next().cancel(true));
    peer.peerSends(
        peer.fragment(false, Opcode.CONTINUATION, "2"),
        peer.fragment(true, Opcode.CONTINUATION, "3"));
    assertText("2", false, reader.next());
    assertText("3", true, reader.next());
    assertFalse(connection.recv().isDone());
  }

  // RECV-15: or gives the rest up, which may be here or still to come
  @Test
  void whatAReaderGivesUpIsDroppedAsItArrives() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "1"));
    assertText("1", false, reader.next());
    CompletableFuture<Fragment> waiting = reader.next();
    reader.discard();
    assertTrue(waiting.isCancelled());
    CompletableFuture<String> next = connection.recvText();
    peer.peerSends(
        peer.fragment(false, Opcode.CONTINUATION, "2"),
        peer.fragment(true, Opcode.CONTINUATION, "3"),
        peer.text("next"));
    assertEquals("next", value(next));
    assertInstanceOf(IllegalStateException.class, failure(reader.next()));
  }

  // RECV-16
  @Test
  void theLastFragmentFreesThePlace() {
    peer.peerSends(peer.text("whole"), peer.text("next"));
    MessageReader reader = connection.recvStreaming();
    assertText("whole", true, reader.next());
    assertEquals("next", value(connection.recvText())); // though nobody closed the reader
    reader.discard();
    peer.peerSends(peer.text("third"));
    assertEquals("third", value(connection.recvText()));
  }

  // RECV-17
  @Test
  void aReaderThatFailsFreesThePlace() {
    peer.peerSends(peer.fragment(false, Opcode.TEXT, "half"));
    MessageReader reader = connection.recvStreaming();
    assertText("half", false, reader.next());
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedErrorException.class, failure(reader.next()));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.recv()));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(reader.next()));
  }

  // RECV-17: and the messages that are queued are in reach
  @Test
  void aReaderOfInvalidTextFreesThePlace() {
    peer.peerSends(peer.text("1"), peer.frame(false, Opcode.TEXT, WireFrame.hex("32FF")));
    assertText("1", true, connection.recvStreaming().next());
    MessageReader reader = connection.recvStreaming();
    CompletableFuture<Fragment> waiting = reader.next();
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedErrorException.class, failure(waiting));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(connection.recv()));
  }

  // RECV-23: test_recv_streaming_non_utf8_text
  @Test
  void whatCameBeforeInvalidTextIsHandedOutFirst() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(
        peer.fragment(false, Opcode.TEXT, "good"),
        peer.frame(false, Opcode.CONTINUATION, (byte) 0xFF));
    assertText("good", false, reader.next());
    CompletableFuture<Fragment> waiting = reader.next();
    peer.assertSentClose(1007, "invalid start byte at position 4");
    assertFalse(waiting.isDone());
    peer.tcpIsLost();
    assertInstanceOf(ConnectionClosedErrorException.class, failure(waiting));
  }

  // RECV-23
  @Test
  void aTruncatedCharacterIsNoticedAtTheEndOfTheMessage() {
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(peer.frame(false, Opcode.TEXT, WireFrame.hex("61F09F98")));
    assertText("a", false, reader.next());
    peer.assertNothingSent();
    peer.peerSends(peer.frame(true, Opcode.CONTINUATION));
    peer.assertSentClose(1007, "unexpected end of data at position 1");
  }

  // RECV-04, RECV-45: a frame of 5 MiB in reads of 64 KiB
  @Test
  void aLargeFrameIsReadInPartsWhileItArrives() {
    Large large = new Large(5 << 20);
    MessageReader reader = large.connection.recvStreaming();
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    boolean last = false;
    for (int sent = 0; sent < large.wire.length; sent += READ) {
      large.sendRead(sent);
      assertTrue(large.queue().bytes() <= 2 * READ, "too much waits");
      while (large.queue().frames() > 0) {
        Fragment part = value(reader.next());
        assertFalse(last, "something came behind the last part");
        last = part.isLast();
        received.writeBytes(part.bytes());
      }
    }
    assertTrue(last);
    assertArrayEquals(large.payload, received.toByteArray());
    assertFalse(large.connection.recv().isDone());
    large.peer.end();
  }

  // RECV-42, RECV-45: nobody reads on, so the transport is not read either
  @Test
  void aLargeFrameStopsReadingIfItsPartsAreNotTaken() {
    Large large = new Large(5 << 20);
    MessageReader reader = large.connection.recvStreaming();
    int sent = 0;
    for (; large.peer.channel.config().isAutoRead(); sent += READ) {
      large.sendRead(sent);
    }
    assertTrue(large.queue().frames() <= 17, "too much waits");
    int waiting = large.queue().frames();
    while (large.queue().frames() > 4) {
      assertFalse(large.peer.channel.config().isAutoRead());
      value(reader.next());
    }
    assertTrue(large.peer.channel.config().isAutoRead());
    assertEquals(waiting - 4, sent / READ - 4);
    large.peer.end();
  }

  // RECV-04, RECV-05: characters are cut where the reads are
  @Test
  void aLargeTextIsReadInPartsOfWholeCharacters() {
    byte[] letters = "é€😀x".repeat(200_000).getBytes(StandardCharsets.UTF_8);
    Large large = new Large(Opcode.TEXT, letters);
    MessageReader reader = large.connection.recvStreaming();
    StringBuilder text = new StringBuilder();
    for (int sent = 0; sent < large.wire.length; sent += 40_001) {
      large.send(sent, Math.min(sent + 40_001, large.wire.length));
      while (large.queue().frames() > 0) {
        text.append(value(reader.next()).text());
      }
    }
    assertEquals("é€😀x".repeat(200_000), text.toString());
    large.peer.end();
  }

  // RECV-15: giving up a large frame
  @Test
  void aLargeFrameMayBeGivenUp() {
    Large large = new Large(1 << 20);
    MessageReader reader = large.connection.recvStreaming();
    large.send(0, 200_000);
    value(reader.next());
    reader.discard();
    large.send(200_000, large.wire.length);
    large.peer.peerSends(large.peer.text("next"));
    assertEquals("next", value(large.connection.recvText()));
    large.peer.end();
  }

  // RECV-03: who receives messages gets a large frame whole
  @Test
  void aLargeFrameIsReceivedWhole() {
    Large large = new Large(3 << 20);
    CompletableFuture<byte[]> waiting = large.connection.recvBytes();
    large.send(0, large.wire.length - 1);
    assertFalse(waiting.isDone());
    assertEquals(0, large.queue().frames());
    large.send(large.wire.length - 1, large.wire.length);
    assertArrayEquals(large.payload, value(waiting));
    large.peer.end();
  }

  // OPT-23, SEND-10: a file of 1 GiB, and the empty frame at its end
  @Test
  void oneGibibyteIsReceivedInFragmentsOf64KiB() {
    ConnectionOptions options =
        ConnectionOptions.builder().maxMessageSize(FrameLimits.UNLIMITED).build();
    ConnectionFixture sender = new ConnectionFixture(side, options);
    MessageReader reader = sender.connection.recvStreaming();
    byte[] first = sender.frame(false, Opcode.BINARY, new byte[READ]);
    byte[] next = sender.frame(false, Opcode.CONTINUATION, new byte[READ]);
    long bytes = 0;
    for (int i = 0; i < (1 << 30) / READ; i++) {
      sender.peerSends(i == 0 ? first : next);
      bytes += value(reader.next()).bytes().length;
    }
    sender.peerSends(sender.frame(true, Opcode.CONTINUATION));
    assertTrue(value(reader.next()).isLast());
    assertEquals(1 << 30, bytes);
    sender.end();
  }

  /** A connection with raised limits, and one large frame for it. */
  private final class Large {
    final ConnectionFixture peer;
    final Connection connection;
    final byte[] payload;
    final byte[] wire;

    Large(int size) {
      this(Opcode.BINARY, WireFrame.letters(size));
    }

    Large(int opcode, byte[] payload) {
      this.payload = payload;
      ConnectionOptions options =
          ConnectionOptions.builder().maxMessageSize(16 << 20).maxFragments(10_000).build();
      peer = new ConnectionFixture(side, options);
      connection = peer.connection;
      wire = peer.frame(true, opcode, payload);
    }

    ReceiveQueue queue() {
      return ((ChannelConnection) connection).queue();
    }

    void sendRead(int from) {
      send(from, Math.min(from + READ, wire.length));
    }

    void send(int from, int to) {
      peer.channel.writeInbound(Unpooled.copiedBuffer(Arrays.copyOfRange(wire, from, to)));
      peer.run();
    }
  }
}
