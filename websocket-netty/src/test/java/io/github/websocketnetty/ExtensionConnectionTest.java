package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static io.github.websocketnetty.support.TransformingExtension.reversed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.AgreedExtensions;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TransformingExtension;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that uses an extension of others, which reverses payloads and marks them. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ExtensionConnectionTest {
  private static final int RSV2 = 2;

  private final Side side;
  private final ConnectionFixture peer;

  ExtensionConnectionTest(Side side) {
    this.side = side;
    peer = new ConnectionFixture(side, ConnectionOptions.defaults(), reversing(RSV2));
  }

  private static AgreedExtensions reversing(int rsv) {
    TransformingExtension reverse = TransformingExtension.reverse(rsv);
    return AgreedExtensions.none().and(reverse.extension(), rsv, reverse);
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private byte[] marked(boolean fin, int opcode, byte[] payload) {
    return WireFrame.of(fin, RSV2, opcode, side == Side.SERVER, payload);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void assertSent(ConnectionFixture to, boolean fin, int opcode, String text) {
    assertEquals(new Frame(fin, RSV2, opcode, reversed(utf8(text))), to.sent());
  }

  // EXT-01
  @Test
  void messagesAreTransformed() {
    peer.connection.send("grüß");
    assertSent(peer, true, Opcode.TEXT, "grüß");
    peer.peerSends(marked(true, Opcode.TEXT, reversed(utf8("grüß"))));
    assertEquals("grüß", value(peer.connection.recvText()));
    peer.peerSends(peer.text("unmarked"));
    assertEquals("unmarked", value(peer.connection.recvText()));
  }

  // EXT-01
  @Test
  void fragmentsAreTransformed() {
    peer.connection.sendText(List.of("ab", "cd"));
    assertSent(peer, false, Opcode.TEXT, "ab");
    assertSent(peer, false, Opcode.CONTINUATION, "cd");
    assertEquals(new Frame(true, RSV2, Opcode.CONTINUATION, new byte[0]), peer.sent());
    peer.peerSends(
        marked(false, Opcode.TEXT, utf8("ba")), marked(true, Opcode.CONTINUATION, utf8("dc")));
    assertEquals("abcd", value(peer.connection.recvText()));
  }

  // SRV-01: the bytes for all would go past the extension
  @Test
  void broadcastIsTransformed() {
    ConnectionFixture other = new ConnectionFixture(side);
    List<Connection> both = List.of(peer.connection, other.connection);
    BroadcastResult result = value(Connections.broadcast(both, "to all"));
    assertEquals(new BroadcastResult(2, 0, List.of()), result);
    assertSent(peer, true, Opcode.TEXT, "to all");
    other.assertSent(true, Opcode.TEXT, "to all");
    other.end();
  }

  // SRV-01
  @Test
  void broadcastIsTransformedAndCompressed() {
    DeflateAgreement deflate = new DeflateAgreement(false, false, Deflater.DEFAULT_COMPRESSION, 0);
    ConnectionFixture both =
        new ConnectionFixture(side, ConnectionOptions.defaults(), reversing(RSV2).and(deflate));
    value(Connections.broadcast(List.of(both.connection), "to all ".repeat(100)));
    assertEquals(4 | RSV2, both.sent().rsv());
    both.end();
  }

  // A part of a frame is nothing that can be reversed
  @ParameterizedTest
  @ValueSource(ints = {0, RSV2})
  void largeFrameReachesTheExtensionAsAWhole(int rsv) {
    assertStreamed(reversing(rsv), rsv, reversed(WireFrame.letters(200_000)));
  }

  @Test
  void largeFrameIsDecompressedAsAWhole() {
    DeflateAgreement deflate = new DeflateAgreement(true, true, Deflater.DEFAULT_COMPRESSION, 0);
    Zlib zlib = new Zlib();
    byte[] compressed = zlib.message(reversed(WireFrame.letters(200_000)));
    zlib.end();
    assertStreamed(reversing(RSV2).and(deflate), 4 | RSV2, compressed);
  }

  private void assertStreamed(AgreedExtensions extensions, int rsv, byte[] payload) {
    ConnectionFixture other = new ConnectionFixture(side, ConnectionOptions.defaults(), extensions);
    byte[] frame = WireFrame.of(true, rsv, Opcode.BINARY, side == Side.SERVER, payload);
    MessageReader reader = other.connection.recvStreaming();
    other.peerSends(Arrays.copyOf(frame, frame.length / 2));
    other.peerSends(Arrays.copyOfRange(frame, frame.length / 2, frame.length));
    Fragment fragment = value(reader.next());
    assertArrayEquals(WireFrame.letters(200_000), fragment.bytes());
    assertTrue(fragment.isLast());
    other.end();
  }

  // CLOSE-01
  @Test
  void connectionCloses() {
    peer.connection.close();
    peer.assertSentClose(1000, "");
    peer.peerCloses(1000, "");
    assertEquals(1000, peer.connection.closeCode().orElseThrow());
  }

  // PROTO-07
  @Test
  void bitThatNoExtensionClaimsEndsTheConnection() {
    peer.peerSends(WireFrame.of(true, 1, Opcode.TEXT, side == Side.SERVER, utf8("x")));
    peer.assertSentClose(1002, "reserved bits must be 0");
  }

  private ConnectionFixture failing(RecordedLog log, RuntimeException bug) {
    UnaryOperator<byte[]> broken =
        bytes -> {
          throw bug;
        };
    TransformingExtension extension =
        new TransformingExtension(
            new Extension("x-broken", List.of()), RSV2, false, broken, broken);
    return new ConnectionFixture(
        side,
        ConnectionOptions.builder().logger(log).build(),
        AgreedExtensions.none().and(extension.extension(), RSV2, extension));
  }

  private static List<String> errors(RecordedLog log) {
    return log.records.stream().filter(record -> record.startsWith("ERROR")).toList();
  }

  @Test
  void failureOfTheExtensionWhileReceivingIsLoggedWithTheConnection() {
    IllegalStateException bug = new IllegalStateException("bug");
    RecordedLog log = new RecordedLog(false);
    ConnectionFixture other = failing(log, bug);
    other.peerSends(marked(true, Opcode.TEXT, utf8("x")));
    other.assertSentClose(1011, "");
    String name = other.channel + " " + other.connection.id();
    assertEquals(List.of("ERROR " + name + " parser failed"), errors(log));
    assertSame(bug, log.failures.get(0).getCause());
    other.end();
  }

  @Test
  void failureOfTheExtensionWhileSendingEndsTheConnection() {
    IllegalStateException bug = new IllegalStateException("bug");
    RecordedLog log = new RecordedLog(false);
    ConnectionFixture other = failing(log, bug);
    CompletableFuture<Void> sent = other.connection.send("x");
    assertEquals(List.of("ERROR " + other.connection.id() + " sending failed"), errors(log));
    assertEquals(List.of(bug), log.failures);
    other.assertSentClose(1011, "error while sending");
    other.tcpIsLost();
    ConnectionClosedException end =
        assertInstanceOf(ConnectionClosedException.class, failure(sent));
    assertSame(bug, end.getCause());
    other.end();
  }
}
