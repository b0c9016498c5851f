package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks against the rule, where that was allowed: read in either role, and not written. */
@ExtendWith(LeakCheck.class)
class MaskingOptionsTest {
  private FrameRecorder recorder = new FrameRecorder();

  private static WebSocketPipeline.Builder builder(Side side) {
    return side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
  }

  private EmbeddedChannel channel(WebSocketPipeline.Builder pipeline, DeflateAgreement deflate) {
    recorder = new FrameRecorder();
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    pipeline.keepalive(Duration.ZERO, Duration.ZERO).build().addLast(channel.pipeline(), deflate);
    channel.pipeline().addLast(recorder);
    return channel;
  }

  private static byte[] outbound(EmbeddedChannel channel) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  /** Frames with and without a mask by turns: text in two fragments, a ping, a large binary. */
  private static byte[] mixed(boolean firstIsMasked) {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    return WireFrame.join(
        WireFrame.of(false, 0, Opcode.TEXT, firstIsMasked, Arrays.copyOf(euro, 1)),
        WireFrame.of(Opcode.PING, !firstIsMasked, new byte[0]),
        WireFrame.of(Opcode.CONTINUATION, !firstIsMasked, Arrays.copyOfRange(euro, 1, 3)),
        WireFrame.of(Opcode.BINARY, firstIsMasked, WireFrame.letters(300)),
        WireFrame.of(Opcode.BINARY, !firstIsMasked, WireFrame.letters(70_000)),
        WireFrame.text(firstIsMasked, "end"));
  }

  private static final List<Frame> MIXED =
      List.of(
          new Frame(false, 0, Opcode.TEXT, new byte[] {(byte) 0xE2}),
          new Frame(true, 0, Opcode.CONTINUATION, new byte[] {(byte) 0x82, (byte) 0xAC}),
          new Frame(true, 0, Opcode.BINARY, WireFrame.letters(300)),
          new Frame(true, 0, Opcode.BINARY, WireFrame.letters(70_000)),
          new Frame(true, 0, Opcode.TEXT, "end".getBytes(StandardCharsets.UTF_8)));

  // PROTO-02
  @ParameterizedTest
  @EnumSource
  void framesWithTheWrongMaskFailTheConnectionUnlessTheyAreAllowed(Side side) {
    EmbeddedChannel channel = channel(builder(side), null);
    WebSocketCloseHandler closing = channel.pipeline().get(WebSocketCloseHandler.class);
    boolean wrong = side == Side.CLIENT;
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text(wrong, "x")));
    assertEquals(List.of(), recorder.frames);
    assertEquals(1002, closing.sent().code());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void framesAreReadAsTheirHeadersSayWhereAMismatchIsAllowed(Side side) {
    for (boolean first : new boolean[] {true, false}) {
      EmbeddedChannel channel = channel(builder(side).allowMaskMismatch(true), null);
      channel.writeInbound(Unpooled.wrappedBuffer(mixed(first)));
      assertEquals(MIXED, recorder.frames);
      ChannelEnd.check(channel);
    }
  }

  @ParameterizedTest
  @EnumSource
  void framesOfBothKindsMayBeCutAnywhere(Side side) {
    byte[] bytes = mixed(side == Side.SERVER);
    for (int step : new int[] {1, 3, 7, 1000}) {
      EmbeddedChannel channel = channel(builder(side).allowMaskMismatch(true), null);
      for (int from = 0; from < bytes.length; from += step) {
        int to = Math.min(from + step, bytes.length);
        channel.writeInbound(Unpooled.copiedBuffer(bytes, from, to - from));
      }
      assertEquals(MIXED, recorder.frames);
      ChannelEnd.check(channel);
    }
  }

  @ParameterizedTest
  @EnumSource
  void bytesThatSomebodyElseSeesAreNotUnmaskedInPlace(Side side) {
    byte[] bytes = mixed(true);
    byte[] before = bytes.clone();
    EmbeddedChannel channel = channel(builder(side).allowMaskMismatch(true), null);
    ByteBuf shared = Unpooled.wrappedBuffer(bytes);
    channel.writeInbound(shared.retain());
    assertEquals(MIXED, recorder.frames);
    assertArrayEquals(before, bytes);
    shared.release();
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void compressedAndAggregatedMessagesMayHaveEitherMask(Side side) {
    DeflateAgreement deflate = new DeflateAgreement(true, true, 6, 0);
    byte[] compressed = WireFrame.hex("F248CDC9C90700"); // "Hello", RFC 7692 section 7.2.3.1
    for (boolean masked : new boolean[] {true, false}) {
      EmbeddedChannel channel =
          channel(builder(side).allowMaskMismatch(true).aggregateMessages(true), deflate);
      byte[] head = Arrays.copyOf(compressed, 3);
      byte[] rest = Arrays.copyOfRange(compressed, 3, compressed.length);
      channel.writeInbound(
          Unpooled.copiedBuffer(
              WireFrame.of(false, 4, Opcode.TEXT, masked, head),
              WireFrame.of(true, 0, Opcode.CONTINUATION, !masked, rest)));
      byte[] hello = "Hello".getBytes(StandardCharsets.UTF_8);
      assertEquals(List.of(new Frame(true, 0, Opcode.TEXT, hello)), recorder.frames);
      ChannelEnd.check(channel);
    }
  }

  private static ByteBuf bytes(int length, boolean direct) {
    ByteBuf buffer = direct ? Unpooled.directBuffer(length) : Unpooled.buffer(length);
    return buffer.writeBytes(WireFrame.letters(length));
  }

  /** Every way a frame can leave: alone, in a batch, with its header in front or beside it. */
  private static void writeAllKinds(EmbeddedChannel channel) {
    for (int length : new int[] {0, 5, 125, 126, 1024, 1025, 4097, 70_000}) {
      for (boolean direct : new boolean[] {true, false}) {
        channel.writeOutbound(new BinaryWebSocketFrame(bytes(length, direct)));
        ByteBuf owned = OwnedFrames.buffer(channel.alloc(), length);
        owned.writeBytes(WireFrame.letters(length));
        channel.writeOutbound(OwnedFrames.binary(owned));
      }
    }
    WebSocketFrame[] batch = {
      new TextWebSocketFrame("one"),
      new TextWebSocketFrame(false, 0, "two "),
      new PingWebSocketFrame(),
      new ContinuationWebSocketFrame(true, 0, "three"),
      new CloseWebSocketFrame(1000, "bye")
    };
    channel.writeOutbound((Object[]) batch);
  }

  /** Reads bytes under the rules for frames of a side; fails at the first violation. */
  private static List<Frame> read(Side sender, byte[] bytes, int rsv) {
    FrameParser parser = new FrameParser(sender.peer(), FrameLimits.DEFAULT, true, rsv);
    RecordedFrames frames = new RecordedFrames();
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    parser.parse(in, false, in.alloc(), frames);
    return frames.frames();
  }

  // PROTO-02
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void clientThatDoesNotMaskWritesWhatAServerWrites(boolean compresses) {
    DeflateAgreement deflate = compresses ? new DeflateAgreement(true, true, 6, 100) : null;
    EmbeddedChannel server = channel(WebSocketPipeline.server(), deflate);
    writeAllKinds(server);
    byte[] expected = outbound(server);
    ChannelEnd.check(server);
    EmbeddedChannel client = channel(WebSocketPipeline.client().performMasking(false), deflate);
    writeAllKinds(client);
    assertArrayEquals(expected, outbound(client));
    ChannelEnd.check(client);
    assertTrue(read(Side.SERVER, expected, compresses ? 4 : 0).size() > 30);
  }

  // PROTO-02
  @Test
  void clientMasksEveryFrameUnlessItIsToldNotTo() {
    EmbeddedChannel client = channel(WebSocketPipeline.client(), null);
    writeAllKinds(client);
    assertTrue(read(Side.CLIENT, outbound(client), 0).size() > 30);
    assertTrue(client.pipeline().get(WebSocketFrameCodec.class).masks());
    ChannelEnd.check(client);
  }

  @Test
  void pongsAndTheAnswerToACloseAreNotMaskedEither() {
    EmbeddedChannel client = channel(WebSocketPipeline.client().performMasking(false), null);
    client.writeInbound(
        Unpooled.copiedBuffer(
            WireFrame.of(Opcode.PING, false, new byte[] {7}), WireFrame.close(false, 1000, "")));
    List<Frame> answers = read(Side.SERVER, outbound(client), 0);
    assertEquals(List.of(10, 8), answers.stream().map(Frame::opcode).toList());
    ChannelEnd.check(client);
  }

  @Test
  void serverNeverMasksWhateverItIsTold() {
    for (boolean mask : new boolean[] {true, false}) {
      EmbeddedChannel server = channel(WebSocketPipeline.server().performMasking(mask), null);
      assertFalse(server.pipeline().get(WebSocketFrameCodec.class).masks());
      server.writeOutbound(new TextWebSocketFrame("x"));
      assertArrayEquals(WireFrame.text(false, "x"), outbound(server));
      ChannelEnd.check(server);
    }
  }

  @Test
  void codecOfItsOwnCanBeToldToo() {
    WebSocketFrameCodec codec = new WebSocketFrameCodec(Side.CLIENT);
    codec.stopMasking();
    codec.allowMaskMismatch();
    EmbeddedChannel channel = new EmbeddedChannel(codec, recorder);
    channel.writeOutbound(new TextWebSocketFrame("x"));
    assertArrayEquals(WireFrame.text(false, "x"), outbound(channel));
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text(true, "masked")));
    assertNotNull(recorder.frames.get(0));
    ChannelEnd.check(channel);
  }
}
