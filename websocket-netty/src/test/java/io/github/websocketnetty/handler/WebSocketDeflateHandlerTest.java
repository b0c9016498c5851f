package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.WireFrame.hex;
import static io.github.websocketnetty.support.WireFrame.join;
import static io.github.websocketnetty.support.WireFrame.letters;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed messages of one side, and a peer that speaks bytes. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class WebSocketDeflateHandlerTest {
  private static final int LEVEL = Deflater.DEFAULT_COMPRESSION;
  private static final DeflateAgreement TAKEOVER = new DeflateAgreement(true, true, LEVEL, 0);
  private static final DeflateAgreement NO_TAKEOVER = new DeflateAgreement(false, false, LEVEL, 0);

  private final Side side;
  private final Zlib peer = new Zlib();
  private EmbeddedChannel channel;
  private RecordedFrames sent;
  private FrameParser sentParser;

  WebSocketDeflateHandlerTest(Side side) {
    this.side = side;
  }

  private void open(DeflateAgreement agreement) {
    open(agreement, WebSocketPipeline.server());
  }

  private void open(DeflateAgreement agreement, long maxMessageSize) {
    open(agreement, WebSocketPipeline.server().maxMessageSize(maxMessageSize));
  }

  /** The builder tells the limits; the side is the test's. */
  private void open(DeflateAgreement agreement, WebSocketPipeline.Builder model) {
    FrameLimits limits = model.build().limits();
    WebSocketPipeline.Builder builder =
        side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
    WebSocketPipeline pipeline =
        builder
            .maxMessageSize(limits.maxMessageSize())
            .maxFragmentSize(limits.maxFragmentSize())
            .maxFragments(limits.maxFragments())
            .build();
    close();
    channel = new EmbeddedChannel();
    channel.freezeTime();
    pipeline.addLast(channel.pipeline(), agreement);
    FrameLimits any = new FrameLimits(1 << 30, 1 << 30, Integer.MAX_VALUE);
    sentParser = new FrameParser(side.peer(), any, false, 4);
    sent = new RecordedFrames();
  }

  @AfterEach
  void end() {
    peer.end();
    close();
  }

  private void close() {
    if (channel != null) {
      ChannelEnd.check(channel);
    }
  }

  private byte[] frame(boolean fin, int rsv, int opcode, byte[] payload) {
    return WireFrame.of(fin, rsv, opcode, side == Side.SERVER, payload);
  }

  private byte[] compressed(int opcode, byte[] payload) {
    return frame(true, 4, opcode, payload);
  }

  private void receive(byte[]... frames) {
    channel.writeInbound(Unpooled.copiedBuffer(join(frames)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void assertReceived(int opcode, boolean fin, byte[] payload) {
    WebSocketFrame frame = channel.readInbound();
    assertEquals(opcode, Frames.dataOpcode(frame));
    assertEquals(fin, frame.isFinalFragment());
    assertEquals(0, frame.rsv());
    assertArrayEquals(payload, ByteBufUtil.getBytes(frame.content()));
    frame.release();
  }

  private void assertReceivedText(String text) {
    assertReceived(Opcode.TEXT, true, utf8(text));
  }

  /** Returns the next frame that was sent. */
  private Frame sent() {
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      sentParser.parse(part, false, channel.alloc(), sent);
    }
    return sent.frames().isEmpty() ? null : sent.frames().remove(0);
  }

  private void assertFailed(int code, String reason) {
    Frame frame = sent();
    byte[] whole = WireFrame.close(false, code, reason);
    assertEquals(Opcode.CLOSE, frame.opcode());
    assertEquals(
        ByteBufUtil.hexDump(whole, 2, whole.length - 2), ByteBufUtil.hexDump(frame.payload()));
    assertNull(channel.readInbound(), "nothing is handed on");
  }

  private static TextWebSocketFrame text(String text) {
    return new TextWebSocketFrame(text);
  }

  private void assertSent(boolean fin, int rsv, int opcode, String hex) {
    Frame frame = sent();
    assertEquals(
        new Frame(fin, rsv, opcode, hex(hex)), frame, () -> ByteBufUtil.hexDump(frame.payload()));
  }

  // DEFL-12, DEFL-13: the bytes of RFC 7692, section 7.2.3.2, with and without takeover
  @Test
  void helloOfTheRfcIsReceivedAndSent() {
    open(TAKEOVER);
    receive(compressed(Opcode.TEXT, hex("f2 48 cd c9 c9 07 00")));
    receive(compressed(Opcode.TEXT, hex("f2 00 11 00 00")));
    assertReceivedText("Hello");
    assertReceivedText("Hello");
    channel.writeOutbound(text("Hello"), text("Hello"));
    assertSent(true, 4, Opcode.TEXT, "f2 48 cd c9 c9 07 00");
    assertSent(true, 4, Opcode.TEXT, "f2 00 11 00 00");
  }

  // DEFL-12, DEFL-13, EXT-01: test_encode_decode_text_frame, test_context_takeover
  @Test
  void cafeIsCompressedAsZlibDoes() {
    open(TAKEOVER);
    channel.writeOutbound(text("café"), text("café"));
    assertSent(true, 4, Opcode.TEXT, "4a 4e 4c 3b bc 12 00");
    assertSent(true, 4, Opcode.TEXT, "4a 06 11 00 00");
    receive(compressed(Opcode.TEXT, hex("4a 4e 4c 3b bc 12 00")));
    receive(compressed(Opcode.TEXT, hex("4a 06 11 00 00")));
    assertReceivedText("café");
    assertReceivedText("café");
  }

  // DEFL-13: test_local_no_context_takeover
  @Test
  void withoutTakeoverEachMessageStandsAlone() {
    open(NO_TAKEOVER);
    String json = "{\"kind\": \"order\", \"kind\": \"order\", \"kind\": \"order\"}";
    channel.writeOutbound(text(json), text(json));
    Frame first = sent();
    assertEquals(first, sent());
    assertArrayEquals(utf8(json), Zlib.inflateAlone(first.payload()));
    receive(compressed(Opcode.TEXT, Zlib.alone(utf8(json))));
    receive(compressed(Opcode.TEXT, Zlib.alone(utf8(json))));
    assertReceivedText(json);
    assertReceivedText(json);
  }

  // DEFL-13, DEFL-15: test_remote_no_context_takeover
  @Test
  void withoutTakeoverNothingIsRemembered() {
    open(NO_TAKEOVER);
    receive(compressed(Opcode.TEXT, hex("f2 48 cd c9 c9 07 00")));
    assertReceivedText("Hello");
    receive(compressed(Opcode.TEXT, hex("f2 00 11 00 00")));
    assertFailed(1002, "decompression failed");
  }

  // DEFL-12: test_encode_decode_fragmented_text_frame
  @Test
  void fragmentsAreFlushedAndOnlyTheLastLosesItsTail() {
    open(TAKEOVER);
    channel.writeOutbound(
        new TextWebSocketFrame(false, 0, "café"),
        new ContinuationWebSocketFrame(false, 0, "&"),
        new ContinuationWebSocketFrame(true, 0, "croissant"));
    Frame first = sent();
    assertEquals(new Frame(false, 4, Opcode.TEXT, hex("4a4e4c3bbc12000000ffff")), first);
    Frame second = sent();
    assertEquals(new Frame(false, 0, 0, hex("52 03 00 00 00 ff ff")), second);
    Frame third = sent();
    assertEquals(0, third.rsv());
    assertArrayEquals(utf8("café"), peer.inflate(first.payload(), false));
    assertArrayEquals(utf8("&"), peer.inflate(second.payload(), false));
    assertArrayEquals(utf8("croissant"), peer.inflate(third.payload(), true));
    receive(
        frame(false, 4, Opcode.TEXT, first.payload()),
        frame(false, 0, 0, second.payload()),
        frame(true, 0, 0, third.payload()));
    assertReceived(Opcode.TEXT, false, utf8("café"));
    assertReceived(0, false, utf8("&"));
    assertReceived(0, true, utf8("croissant"));
  }

  // DEFL-12: test_encode_decode_large_frame
  @Test
  void largeFrameGoesThereAndBack() {
    open(TAKEOVER);
    byte[] large = new byte[1 << 20];
    new Random(7).nextBytes(large);
    System.arraycopy(letters(1 << 18), 0, large, 1 << 18, 1 << 18);
    channel.writeOutbound(new BinaryWebSocketFrame(Unpooled.copiedBuffer(large)));
    byte[] payload = sent().payload();
    assertArrayEquals(large, peer.inflate(payload, true));
    receive(compressed(Opcode.BINARY, payload));
    assertReceived(Opcode.BINARY, true, large);
  }

  // DEFL-12
  @Test
  void emptyMessageIsOneByte() {
    open(TAKEOVER);
    channel.writeOutbound(text(""), text("Hello"), text(""), text("Hello"));
    assertSent(true, 4, Opcode.TEXT, "00");
    assertSent(true, 4, Opcode.TEXT, "f2 48 cd c9 c9 07 00");
    assertSent(true, 4, Opcode.TEXT, "00");
    assertSent(true, 4, Opcode.TEXT, "f2 00 11 00 00");
    receive(compressed(Opcode.BINARY, hex("00")), compressed(Opcode.TEXT, hex("02 00")));
    receive(compressed(Opcode.TEXT, hex("")), compressed(Opcode.TEXT, hex("f248cdc9c90700")));
    assertReceived(Opcode.BINARY, true, new byte[0]);
    assertReceivedText("");
    assertReceivedText("");
    assertReceivedText("Hello");
  }

  // DEFL-12
  @Test
  void emptyFragmentsCarryNothingAndTheLastIsOneByte() {
    open(TAKEOVER);
    channel.writeOutbound(
        new BinaryWebSocketFrame(false, 0, Unpooled.EMPTY_BUFFER),
        new ContinuationWebSocketFrame(false, 0, "Hello"),
        new ContinuationWebSocketFrame(false, 0, ""),
        new ContinuationWebSocketFrame(true, 0, ""));
    assertSent(false, 4, Opcode.BINARY, "");
    assertSent(false, 0, 0, "f248cdc9c907000000ffff");
    assertSent(false, 0, 0, "");
    assertSent(true, 0, 0, "00");
    receive(
        frame(false, 4, Opcode.BINARY, new byte[0]),
        frame(false, 0, 0, hex("f248cdc9c907000000ffff")),
        frame(true, 0, 0, hex("00")));
    assertReceived(Opcode.BINARY, false, new byte[0]);
    assertReceived(0, false, utf8("Hello"));
    assertReceived(0, true, new byte[0]);
  }

  // DEFL-12: the flush's tail, or any other bytes, may be cut by frames anywhere
  @Test
  void messageMayBeCutAnywhere() {
    open(TAKEOVER);
    byte[] whole = join(peer.flushed(utf8("grüße")), peer.message(utf8(" an alle")));
    for (int cut = 0; cut <= whole.length; cut++) {
      byte[] head = Arrays.copyOf(whole, cut);
      byte[] rest = Arrays.copyOfRange(whole, cut, whole.length);
      receive(frame(false, 4, Opcode.TEXT, head), frame(true, 0, 0, rest));
      WebSocketFrame first = channel.readInbound();
      WebSocketFrame second = channel.readInbound();
      ByteBuf both = Unpooled.wrappedBuffer(first.content(), second.content());
      assertEquals("grüße an alle", both.toString(StandardCharsets.UTF_8), "cut at " + cut);
      both.release();
    }
  }

  // DEFL-10, EXT-01: test_no_encode_decode_ping_frame, test_no_encode_decode_pong_frame
  @Test
  void controlFramesAreLeftAloneAlsoBetweenFragments() {
    open(TAKEOVER);
    receive(
        frame(false, 4, Opcode.TEXT, hex("f2 48")),
        frame(true, 0, Opcode.PING, utf8("Hello")),
        frame(true, 0, 0, hex("cd c9 c9 07 00")));
    assertEquals(new Frame(true, 0, Opcode.PONG, utf8("Hello")), sent());
    WebSocketFrame first = channel.readInbound();
    first.release();
    WebSocketFrame second = channel.readInbound();
    assertTrue(second.isFinalFragment());
    second.release();
    channel.writeOutbound(
        new TextWebSocketFrame(false, 0, "Hello"),
        new PingWebSocketFrame(Unpooled.copiedBuffer(utf8("Hello"))),
        new PongWebSocketFrame(Unpooled.copiedBuffer(utf8("Hello"))),
        new ContinuationWebSocketFrame(true, 0, ""));
    assertSent(false, 4, Opcode.TEXT, "f248cdc9c907000000ffff");
    assertEquals(new Frame(true, 0, Opcode.PING, utf8("Hello")), sent());
    assertEquals(new Frame(true, 0, Opcode.PONG, utf8("Hello")), sent());
    assertSent(true, 0, 0, "00");
  }

  // DEFL-10: test_no_encode_decode_close_frame
  @Test
  void closeFrameIsLeftAlone() {
    open(TAKEOVER);
    receive(WireFrame.close(side == Side.SERVER, 1000, "bye"));
    assertFailed(1000, "bye");
  }

  // DEFL-10, EXT-01
  @ParameterizedTest
  @ValueSource(ints = {Opcode.PING, Opcode.PONG, Opcode.CLOSE})
  void rsv1OnControlFrameIsRefused(int opcode) {
    open(TAKEOVER);
    receive(frame(true, 4, opcode, new byte[0]));
    assertFailed(1002, "reserved bits must be 0");
  }

  // DEFL-11
  @Test
  void smallMessagesGoUncompressed() {
    open(new DeflateAgreement(true, true, LEVEL, 100));
    channel.writeOutbound(
        new TextWebSocketFrame(Unpooled.copiedBuffer(letters(99))),
        new TextWebSocketFrame(Unpooled.copiedBuffer(letters(100))),
        new TextWebSocketFrame(false, 0, "a"),
        new ContinuationWebSocketFrame(true, 0, ""));
    assertEquals(new Frame(true, 0, Opcode.TEXT, letters(99)), sent());
    Frame second = sent();
    assertEquals(4, second.rsv());
    assertArrayEquals(letters(100), peer.inflate(second.payload(), true));
    assertEquals(4, sent().rsv(), "nobody knows how long it will be");
  }

  // DEFL-11
  @Test
  void messageMayBeChosenToBeCompressedOrNot() {
    open(new DeflateAgreement(true, true, LEVEL, 100));
    WebSocketFrame small = WebSocketDeflateHandler.compress(text("Hello"), true);
    TextWebSocketFrame letters = new TextWebSocketFrame(Unpooled.copiedBuffer(letters(100)));
    BinaryWebSocketFrame binary = new BinaryWebSocketFrame(Unpooled.copiedBuffer(letters(100)));
    channel.writeOutbound(
        small,
        WebSocketDeflateHandler.compress(letters, false),
        WebSocketDeflateHandler.compress(binary, false).replace(binary.content()),
        WebSocketDeflateHandler.compress(new TextWebSocketFrame(false, 0, "a"), false),
        new ContinuationWebSocketFrame(true, 0, "b"));
    assertSent(true, 4, Opcode.TEXT, "f2 48 cd c9 c9 07 00");
    assertEquals(new Frame(true, 0, Opcode.TEXT, letters(100)), sent());
    assertEquals(new Frame(true, 0, Opcode.BINARY, letters(100)), sent());
    assertSent(false, 0, Opcode.TEXT, "61");
    assertSent(true, 0, 0, "62");
  }

  // DEFL-11
  @Test
  void whatIsCompressedAlreadyPasses() {
    open(NO_TAKEOVER);
    channel.writeOutbound(new TextWebSocketFrame(true, 4, Unpooled.copiedBuffer(hex("f20700"))));
    assertSent(true, 4, Opcode.TEXT, "f2 07 00");
  }

  // DEFL-11
  @Test
  void messageThatWouldGrowGoesUncompressedWithoutTakeover() {
    byte[] random = new byte[1000];
    new Random(1).nextBytes(random);
    open(NO_TAKEOVER);
    channel.writeOutbound(new BinaryWebSocketFrame(Unpooled.copiedBuffer(random)));
    assertEquals(new Frame(true, 0, Opcode.BINARY, random), sent());
    open(TAKEOVER);
    channel.writeOutbound(new BinaryWebSocketFrame(Unpooled.copiedBuffer(random)));
    assertEquals(4, sent().rsv());
  }

  // DEFL-14: test_no_decode_text_frame, test_no_decode_binary_frame,
  // test_no_decode_fragmented_text_frame
  @Test
  void uncompressedMessagesAreReceivedAtAnyTime() {
    open(TAKEOVER);
    receive(
        frame(true, 0, Opcode.TEXT, utf8("a")),
        compressed(Opcode.TEXT, hex("f2 48 cd c9 c9 07 00")),
        frame(false, 0, Opcode.BINARY, utf8("b")),
        frame(true, 0, 0, utf8("c")),
        compressed(Opcode.TEXT, hex("f2 00 11 00 00")));
    assertReceivedText("a");
    assertReceivedText("Hello");
    assertReceived(Opcode.BINARY, false, utf8("b"));
    assertReceived(0, true, utf8("c"));
    assertReceivedText("Hello");
  }

  // DEFL-15, PROTO-18: a block of the reserved type; a distance beyond the start; wrong lengths
  @ParameterizedTest
  @ValueSource(strings = {"07 00", "f2 00 11 00 00", "00 05 00 00 00 61", "ff ff ff ff"})
  void corruptDataIsRefused(String payload) {
    open(TAKEOVER);
    receive(compressed(Opcode.BINARY, hex(payload)), compressed(Opcode.BINARY, hex("00")));
    assertFailed(1002, "decompression failed");
  }

  // DEFL-16, PROTO-19: test_rsv1_on_continuation_frame
  @Test
  void rsv1OnContinuationIsRefused() {
    open(TAKEOVER);
    receive(frame(false, 4, Opcode.TEXT, hex("f2 48")));
    WebSocketFrame first = channel.readInbound();
    first.release();
    receive(frame(true, 4, 0, hex("cd c9 c9 07 00")));
    assertFailed(1002, "RSV1 bit set in continuation frame");
  }

  // DEFL-16, EXT-01
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void otherReservedBitsAreRefused(int rsv) {
    open(TAKEOVER);
    receive(frame(true, rsv, Opcode.TEXT, hex("f2 48 cd c9 c9 07 00")));
    assertFailed(1002, "reserved bits must be 0");
  }

  // DEFL-20, DEFL-21, OPT-23, EXT-02: test_decompress_max_size_off_by_one
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 999, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537, 200_000})
  void limitIsExact(int limit) {
    for (int flushed = 0; flushed < 2; flushed++) {
      open(NO_TAKEOVER, limit);
      for (int length = Math.max(0, limit - 1); length <= limit; length++) {
        receive(compressed(Opcode.BINARY, bomb(length, flushed == 1)));
        assertReceived(Opcode.BINARY, true, new byte[length]);
      }
      receive(compressed(Opcode.BINARY, bomb(limit + 1, flushed == 1)));
      assertFailed(1009, "frame exceeds limit of " + limit + " bytes");
      close();
    }
  }

  /** Zeros in a compressed message, with the tail of an extra flush or not. */
  private static byte[] bomb(int length, boolean extraFlush) {
    byte[] message = Zlib.alone(new byte[length]);
    return extraFlush ? join(message, hex("0000ffff 00")) : message;
  }

  // DEFL-20, DEFL-21, PROTO-05, PROTO-27: test_decompress_max_size
  @Test
  void limitIsExactOverFragments() {
    open(TAKEOVER, 100);
    for (int last = 39; last <= 40; last++) {
      receive(
          frame(false, 4, Opcode.BINARY, peer.flushed(new byte[60])),
          frame(true, 0, 0, peer.message(new byte[last])));
      assertReceived(Opcode.BINARY, false, new byte[60]);
      assertReceived(0, true, new byte[last]);
    }
    receive(frame(false, 4, Opcode.BINARY, peer.flushed(new byte[60])));
    assertReceived(Opcode.BINARY, false, new byte[60]);
    receive(frame(true, 0, 0, peer.message(new byte[41])));
    assertFailed(1009, "frame after reading 60 bytes exceeds limit of 100 bytes");
  }

  // OPT-24, EXT-02
  @Test
  void limitOfFragmentsCountsDecompressedBytes() {
    open(TAKEOVER, WebSocketPipeline.server().maxFragmentSize(50));
    receive(compressed(Opcode.BINARY, peer.message(new byte[50])));
    assertReceived(Opcode.BINARY, true, new byte[50]);
    receive(compressed(Opcode.BINARY, peer.message(new byte[51])));
    assertFailed(1009, "frame exceeds limit of 50 bytes");
  }

  // DEFL-22: what cannot be compressed is larger on the wire
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 65_536, 1 << 20})
  void incompressibleMessageOfTheLimitIsReceived(int limit) {
    byte[] random = new byte[limit];
    new Random(3).nextBytes(random);
    open(TAKEOVER, limit);
    byte[] payload = peer.message(random);
    assertTrue(payload.length > limit);
    receive(compressed(Opcode.BINARY, payload));
    assertReceived(Opcode.BINARY, true, random);
  }

  // DEFL-22
  @Test
  void uncompressedMessageHasTheSameLimit() {
    open(TAKEOVER, 100);
    receive(frame(true, 0, Opcode.BINARY, new byte[100]));
    assertReceived(Opcode.BINARY, true, new byte[100]);
    receive(frame(true, 0, Opcode.BINARY, new byte[101]));
    assertFailed(1009, "frame with 101 bytes exceeds limit of 100 bytes");
  }

  // DEFL-22
  @Test
  void frameThatNoMessageOfTheLimitCanNeedIsRefusedByItsHeader() {
    open(TAKEOVER, WebSocketPipeline.server().maxMessageSize(800).maxFragments(1));
    receive(WireFrame.withLength(true, 4, 2, side == Side.SERVER, new byte[0], 2, 917));
    assertFailed(1009, "frame with 917 bytes exceeds limit of 916 bytes");
  }

  // DEFL-23: RFC 7692, section 7.2.3.4
  @Test
  void finalBlocksEndNothing() {
    open(TAKEOVER);
    for (int i = 0; i < 3; i++) {
      receive(
          compressed(Opcode.TEXT, hex("f3 48 cd c9 c9 07 00 00")),
          compressed(Opcode.TEXT, Zlib.finalBlock(letters(100))),
          compressed(Opcode.TEXT, Zlib.alone(utf8("Hello"))),
          compressed(Opcode.TEXT, hex("f2 00 11 00 00")),
          compressed(Opcode.TEXT, hex("f3 48 cd c9 c9 07 00"))); // without the empty header
      assertReceivedText("Hello");
      assertReceived(Opcode.TEXT, true, letters(100));
      assertReceivedText("Hello");
      assertReceivedText("Hello");
      assertReceivedText("Hello");
    }
  }

  // DEFL-23: RFC 7692, section 7.2.3.5
  @Test
  void messageMayHaveManyBlocksOfAllKinds() {
    open(TAKEOVER);
    receive(
        compressed(Opcode.TEXT, hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")),
        compressed(Opcode.TEXT, hex("00 05 00 fa ff 48 65 6c 6c 6f 00")), // stored, 7.2.3.3
        compressed(Opcode.TEXT, join(hex("4b 04 00"), Zlib.finalBlock(utf8("b")))), // a, final
        compressed(Opcode.TEXT, join(hex("03 00 03 00 03 00"), Zlib.alone(utf8("c")))));
    assertReceivedText("Hello");
    assertReceivedText("Hello");
    assertReceivedText("ab");
    assertReceivedText("c");
  }

  // PROTO-17
  @Test
  void compressedTextMustBeUtf8() {
    open(TAKEOVER);
    receive(compressed(Opcode.BINARY, peer.message(hex("61 ff"))));
    assertReceived(Opcode.BINARY, true, hex("61 ff"));
    receive(compressed(Opcode.TEXT, peer.message(hex("61 ff"))));
    assertFailed(1007, "invalid start byte at position 1");
  }

  // PROTO-17
  @Test
  void characterMayBeSplitOverCompressedFragmentsButMustBeComplete() {
    open(TAKEOVER);
    receive(
        frame(false, 4, Opcode.TEXT, peer.flushed(hex("61 c3"))),
        frame(true, 0, 0, peer.message(hex("a9"))));
    assertReceived(Opcode.TEXT, false, hex("61 c3"));
    assertReceived(0, true, hex("a9"));
    receive(compressed(Opcode.TEXT, peer.message(hex("61 c3"))));
    assertFailed(1007, "unexpected end of data at position 1");
  }

  // DEFL-12: what RFC 7692 does not allow but others send
  @Test
  void tailThatWasNotCutOffIsNotAddedAgain() {
    open(TAKEOVER);
    receive(
        compressed(Opcode.TEXT, hex("f2 48 cd c9 c9 07 00 00 00 ff ff")),
        frame(false, 4, Opcode.TEXT, hex("f2 00 11 00 00 00 00 ff ff")),
        frame(true, 0, 0, hex("")),
        compressed(Opcode.TEXT, hex("f2 00 11 00 00")));
    assertReceivedText("Hello");
    assertReceived(Opcode.TEXT, false, utf8("Hello"));
    assertReceived(0, true, hex(""));
    assertReceivedText("Hello");
  }

  @Test
  void framesBeforeAViolationAreHandedOn() {
    open(TAKEOVER);
    receive(
        compressed(Opcode.TEXT, peer.message(utf8("a"))),
        compressed(Opcode.TEXT, hex("07 00")),
        compressed(Opcode.TEXT, peer.message(utf8("b"))));
    assertReceivedText("a");
    assertFailed(1002, "decompression failed");
  }

  @Test
  void roundTripsOfAllLevels() {
    for (int level = -1; level <= 9; level++) {
      open(new DeflateAgreement(true, true, level, 0));
      Zlib other = new Zlib();
      for (int length : new int[] {1, 125, 126, 16_384, 16_385, 70_000}) {
        BinaryWebSocketFrame frame = new BinaryWebSocketFrame();
        frame.content().writeBytes(letters(length));
        channel.writeOutbound(frame);
        assertArrayEquals(letters(length), other.inflate(sent().payload(), true));
      }
      other.end();
      close();
    }
  }

  @Test
  void outOfOrderFramesAreRefusedWithoutDamage() {
    open(TAKEOVER);
    channel.write(new ContinuationWebSocketFrame(true, 0, "lost"));
    channel.runPendingTasks();
    channel.writeOutbound(text("Hello"));
    assertSent(true, 4, Opcode.TEXT, "f2 48 cd c9 c9 07 00");
    assertNotEquals(null, channel.pipeline().get(WebSocketDeflateHandler.class));
  }
}
