package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that compresses. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionCompressionTest {
  private static final DeflateAgreement AGREED = new DeflateAgreement(true, true, 6, 100);
  private static final int PART = 65_536;

  private final Side side;
  private final Zlib zlib = new Zlib();
  private ConnectionFixture peer;
  private Connection connection;

  ConnectionCompressionTest(Side side) {
    this.side = side;
    open(ConnectionOptions.defaults());
  }

  private void open(ConnectionOptions options) {
    if (peer != null) {
      peer.end();
    }
    peer = new ConnectionFixture(side, options, AGREED);
    connection = peer.connection;
  }

  @AfterEach
  void end() {
    peer.end();
    zlib.end();
  }

  private byte[] compressed(int opcode, byte[] data) {
    return WireFrame.of(true, 4, opcode, side == Side.SERVER, zlib.message(data));
  }

  private void assertSent(int rsv, int opcode, byte[] payload) {
    Frame frame = peer.sent();
    assertEquals(rsv, frame.rsv());
    assertEquals(opcode, frame.opcode());
    byte[] plain = rsv == 0 ? frame.payload() : zlib.inflate(frame.payload(), frame.fin());
    assertArrayEquals(payload, plain);
  }

  @Test
  void messagesComeAndGoCompressed() {
    byte[] letters = WireFrame.letters(100);
    connection.send(letters);
    assertSent(4, Opcode.BINARY, letters);
    peer.peerSends(compressed(Opcode.TEXT, letters), compressed(Opcode.BINARY, letters));
    assertEquals(
        new String(letters, 0, 100, StandardCharsets.US_ASCII), value(connection.recvText()));
    assertArrayEquals(letters, value(connection.recvBytes()));
  }

  // DEFL-11
  @Test
  void eachMessageMayBeChosenToBeCompressedOrNot() {
    byte[] letters = WireFrame.letters(100);
    connection.send("small");
    connection.send(TextMessage.of("small"), true);
    connection.send(BinaryMessage.of(letters));
    connection.send(BinaryMessage.of(letters), false);
    assertSent(0, Opcode.TEXT, new byte[] {'s', 'm', 'a', 'l', 'l'});
    assertSent(4, Opcode.TEXT, new byte[] {'s', 'm', 'a', 'l', 'l'});
    assertSent(4, Opcode.BINARY, letters);
    assertSent(0, Opcode.BINARY, letters);
  }

  // DEFL-11, DEFL-12
  @Test
  void messageInFragmentsMayBeChosenToBeCompressedOrNot() {
    MessageWriter usual = connection.sendStreaming(MessageType.TEXT);
    usual.write("a");
    usual.finish();
    assertSent(4, Opcode.TEXT, new byte[] {'a'});
    assertArrayEquals(new byte[1], peer.sent().payload());
    MessageWriter plain = connection.sendStreaming(MessageType.TEXT, false);
    plain.write("b");
    plain.finish();
    assertSent(0, Opcode.TEXT, new byte[] {'b'});
    assertSent(0, Opcode.CONTINUATION, new byte[0]);
    MessageWriter chosen = connection.sendStreaming(MessageType.BINARY, true);
    chosen.write(new byte[] {7});
    assertSent(4, Opcode.BINARY, new byte[] {7});
    chosen.finish();
    assertArrayEquals(new byte[1], peer.sent().payload());
  }

  @Test
  void choiceIsHarmlessWhereNothingIsCompressed() {
    peer.end();
    peer = new ConnectionFixture(side);
    peer.connection.send(TextMessage.of("a"), true);
    peer.assertSent(true, Opcode.TEXT, "a");
    MessageWriter writer = peer.connection.sendStreaming(MessageType.BINARY, false);
    writer.write(new byte[] {'b'});
    writer.finish();
    peer.assertSent(false, Opcode.BINARY, "b");
    peer.assertSent(true, Opcode.CONTINUATION, "");
  }

  // RECV-04: a frame that is large when it is decompressed comes in parts to a reader
  @Test
  void readerTakesALargeMessageInPartsAndNoMoreIsDecompressedThanFits() {
    ConnectionOptions options =
        ConnectionOptions.builder().maxMessageSize(FrameLimits.UNLIMITED).maxQueue(2).build();
    open(options);
    int parts = 64;
    byte[] bomb = compressed(Opcode.BINARY, new byte[parts * PART + 1]);
    assertTrue(bomb.length < PART);
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(bomb, peer.ping(), compressed(Opcode.TEXT, new byte[] {'z'}));
    ReceiveQueue queue = ((ChannelConnection) connection).queue();
    assertEquals(3, queue.frames(), "the mark and one");
    for (int i = 0; i < parts; i++) {
      Fragment part = value(reader.next());
      assertEquals(PART, part.bytes().length);
      assertFalse(part.isLast());
      assertTrue(queue.frames() <= 3);
    }
    Fragment last = value(reader.next());
    assertEquals(1, last.bytes().length);
    assertTrue(last.isLast());
    assertEquals("z", value(connection.recvText()));
  }

  // RECV-40: what was not decompressed yet is not lost when TCP ends
  @Test
  void partsThatWaitAreHandedOnAtTheEnd() {
    open(ConnectionOptions.builder().maxQueue(0).build());
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(compressed(Opcode.BINARY, new byte[5 * PART]), peer.close(1000, ""));
    peer.tcpIsLost();
    int bytes = 0;
    for (int i = 0; i < 6; i++) {
      CompletableFuture<Fragment> next = reader.next();
      if (next.isCompletedExceptionally()) {
        break;
      }
      bytes += value(next).bytes().length;
    }
    assertEquals(5 * PART, bytes);
  }

  // RECV-04: parts of a large frame that is not compressed are no fragments
  @Test
  void uncompressedLargeFrameComesInPartsThatDoNotCount() {
    open(ConnectionOptions.builder().maxFragments(1).build());
    byte[] frame = WireFrame.of(Opcode.BINARY, side == Side.SERVER, WireFrame.letters(2 * PART));
    MessageReader reader = connection.recvStreaming();
    peer.peerSends(Arrays.copyOf(frame, PART));
    peer.peerSends(Arrays.copyOfRange(frame, PART, frame.length));
    int bytes = value(reader.next()).bytes().length;
    Fragment rest = value(reader.next());
    assertTrue(rest.isLast());
    assertEquals(2 * PART, bytes + rest.bytes().length);
  }

  // PROTO-17, RECV-05
  @Test
  void textInPartsIsCheckedWhenItIsDecompressed() {
    MessageReader reader = connection.recvStreaming();
    byte[] text = WireFrame.letters(2 * PART);
    text[PART + 1] = (byte) 0xFF;
    peer.peerSends(compressed(Opcode.TEXT, text));
    assertEquals(PART, value(reader.next()).bytes().length);
    CompletableFuture<Fragment> next = reader.next();
    int position = PART + 1;
    peer.assertSentClose(1007, "invalid start byte at position " + position);
    peer.tcpIsLost();
    assertEquals(1007, ((ConnectionClosedException) failure(next)).sent().orElseThrow().code());
  }

  // DEFL-20
  @Test
  void bombEndsTheConnection() {
    CompletableFuture<Message> waiting = connection.recv();
    peer.peerSends(compressed(Opcode.BINARY, new byte[(1 << 20) + 1]));
    peer.assertSentClose(1009, "frame exceeds limit of 1048576 bytes");
    peer.tcpIsLost();
    assertEquals(1009, ((ConnectionClosedException) failure(waiting)).sent().orElseThrow().code());
  }
}
