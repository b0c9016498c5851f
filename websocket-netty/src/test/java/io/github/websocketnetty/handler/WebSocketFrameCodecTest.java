package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.WireFrame.hex;
import static io.github.websocketnetty.support.WireFrame.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class WebSocketFrameCodecTest {
  /** Counts the reads that reach the transport. */
  private static final class Reads extends ChannelOutboundHandlerAdapter {
    private int count;

    @Override
    public void read(ChannelHandlerContext ctx) {
      count++;
      ctx.read();
    }
  }

  private static byte[] text(String text) {
    return WireFrame.text(false, text);
  }

  private static ByteBuf bytes(byte[]... parts) {
    return Unpooled.copiedBuffer(join(parts));
  }

  private static String nextText(EmbeddedChannel channel) {
    TextWebSocketFrame frame = channel.readInbound();
    if (frame == null) {
      return null;
    }
    try {
      return frame.text();
    } finally {
      frame.release();
    }
  }

  private static EmbeddedChannel client() {
    return new EmbeddedChannel(new WebSocketFrameCodec(Side.CLIENT));
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfFrameArrivesAsItWasSent(Side side) {
    EmbeddedChannel sender = new EmbeddedChannel(new WebSocketFrameCodec(side));
    EmbeddedChannel receiver = new EmbeddedChannel(new WebSocketFrameCodec(side.peer()));
    List<WebSocketFrame> sent =
        List.of(
            new TextWebSocketFrame("grüß"),
            new BinaryWebSocketFrame(false, 0, Unpooled.wrappedBuffer(new byte[70_000])),
            new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[] {1})),
            new ContinuationWebSocketFrame(true, 0, Unpooled.wrappedBuffer(new byte[200])),
            new PongWebSocketFrame(),
            new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[5_000])),
            new CloseWebSocketFrame(1000, "bye"));
    for (WebSocketFrame frame : sent) {
      byte[] payload = ByteBufUtil.getBytes(frame.content());
      sender.writeOutbound(frame);
      for (ByteBuf part; (part = sender.readOutbound()) != null; ) {
        receiver.writeInbound(part);
      }
      WebSocketFrame received = receiver.readInbound();
      assertSame(frame.getClass(), received.getClass());
      assertEquals(frame.isFinalFragment(), received.isFinalFragment());
      assertArrayEquals(payload, ByteBufUtil.getBytes(received.content()));
      received.release();
    }
    assertFalse(sender.finish());
    assertFalse(receiver.finish());
  }

  // SEND-45
  @Test
  void serverSendsUnmaskedFramesWithTheShortestLength() {
    EmbeddedChannel server = new EmbeddedChannel(new WebSocketFrameCodec(Side.SERVER));
    for (int length : new int[] {0, 125, 126, 4096, 4097, 65_535, 65_536}) {
      byte[] payload = WireFrame.letters(length);
      server.writeOutbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(payload)));
      assertArrayEquals(WireFrame.of(2, false, payload), outbound(server));
    }
    server.finish();
  }

  // SEND-45
  @Test
  void clientMasksEachFrameWithAnotherKeyAndLeavesThePayloadAlone() {
    EmbeddedChannel client = client();
    ByteBuf payload = Unpooled.copiedBuffer(new byte[64]).retain();
    client.writeOutbound(new BinaryWebSocketFrame(payload.retainedDuplicate()));
    client.writeOutbound(new BinaryWebSocketFrame(payload));
    byte[] first = Arrays.copyOf(outbound(client), 6);
    assertEquals((byte) 0xC0, first[1]);
    assertArrayEquals(new byte[64], ByteBufUtil.getBytes(payload));
    payload.release();
    client.writeOutbound(new BinaryWebSocketFrame(Unpooled.copiedBuffer(new byte[64])));
    byte[] other = Arrays.copyOf(outbound(client), 6);
    assertFalse(Arrays.equals(first, other));
    client.finish();
  }

  private static byte[] outbound(EmbeddedChannel channel) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  // CLOSE-05, PING-04, PONG-01: Netty's encoder lets oversize pongs and closes out
  @Test
  void controlFrameThatIsTooLongIsNotSent() {
    EmbeddedChannel client = client();
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[126]);
    for (WebSocketFrame frame :
        List.of(
            new PingWebSocketFrame(payload.retainedDuplicate()),
            new PongWebSocketFrame(payload.retainedDuplicate()),
            new CloseWebSocketFrame(1000, "x".repeat(124)))) {
      ChannelFuture written = client.writeAndFlush(frame);
      assertInstanceOf(IllegalArgumentException.class, written.cause());
      assertTrue(written.cause().getMessage().contains("126 bytes, at most 125"));
    }
    payload.release();
    assertNull(client.readOutbound());
    assertTrue(client.isOpen());
    client.finish();
  }

  // SEND-44
  @Test
  void framesOutOfOrderAreNotSent() {
    EmbeddedChannel client = client();
    ChannelFuture nothingOpen = client.writeAndFlush(new ContinuationWebSocketFrame());
    assertInstanceOf(IllegalArgumentException.class, nothingOpen.cause());
    client.writeOutbound(new TextWebSocketFrame(false, 0, "a"));
    ChannelFuture inside = client.writeAndFlush(new TextWebSocketFrame("b"));
    assertEquals("expected a continuation frame, not TEXT", inside.cause().getMessage());
    ChannelFuture rest = client.writeAndFlush(new ContinuationWebSocketFrame(true, 0, "c"));
    assertTrue(rest.isSuccess());
    client.finishAndReleaseAll();
  }

  @Test
  void reservedBitsWithoutExtensionAreNotSent() {
    EmbeddedChannel client = client();
    ChannelFuture written = client.writeAndFlush(new TextWebSocketFrame(true, 4, "a"));
    assertEquals(
        "reserved bits are 4, must be 0 without an extension", written.cause().getMessage());
    client.finish();
  }

  // SEND-21
  @Test
  void controlFramesMayBeSentBetweenFragments() {
    EmbeddedChannel client = client();
    client.writeOutbound(new TextWebSocketFrame(false, 0, "a"));
    client.writeOutbound(new PingWebSocketFrame());
    assertTrue(client.writeAndFlush(new ContinuationWebSocketFrame(true, 0, "b")).isSuccess());
    client.finishAndReleaseAll();
  }

  // PROTO-26, PROTO-25
  @Test
  void framesBeforeAViolationComeBeforeItsException() {
    List<String> events = new ArrayList<>();
    EmbeddedChannel client =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.CLIENT),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                events.add(((TextWebSocketFrame) message).text());
                ((WebSocketFrame) message).release();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                events.add(((ProtocolException) cause).closeCode() + " " + cause.getMessage());
              }
            });
    client.writeInbound(bytes(text("one"), text("two"), hex("8300"), text("late")));
    client.writeInbound(bytes(text("later")));
    assertEquals(List.of("one", "two", "1002 invalid opcode: 3"), events);
    assertFalse(client.finish());
  }

  // A violation must not spin: bytes that follow it are dropped, however they are cut.
  @Test
  void inputAfterAViolationIsDroppedAndReleased() {
    EmbeddedChannel client = client();
    assertThrows(ProtocolException.class, () -> client.writeInbound(bytes(hex("8300"))));
    for (int i = 0; i < 100; i++) {
      client.writeInbound(bytes(new byte[] {(byte) i}));
    }
    assertNull(client.readInbound());
    client.finish();
  }

  @Test
  void otherMessagesPassThroughBothWays() {
    EmbeddedChannel client = client();
    client.writeInbound("in");
    client.writeOutbound("out");
    assertEquals("in", client.readInbound());
    assertEquals("out", client.readOutbound());
    client.finish();
  }

  @Test
  void bufferThatSomebodyElseHoldsIsLeftAsItWas() {
    EmbeddedChannel server = new EmbeddedChannel(new WebSocketFrameCodec(Side.SERVER));
    byte[] frame = WireFrame.text(true, "secret");
    ByteBuf tee = bytes(frame);
    server.writeInbound(tee.retain());
    assertEquals("secret", nextText(server));
    assertArrayEquals(frame, ByteBufUtil.getBytes(tee, 0, frame.length));
    tee.release();
    server.finish();
  }

  @Test
  void withAutoReadOffEachReadGivesOneFrame() {
    Reads reads = new Reads();
    EmbeddedChannel client = new EmbeddedChannel(reads, new WebSocketFrameCodec(Side.CLIENT));
    client.config().setAutoRead(false);
    client.read();
    int before = reads.count;
    client.writeInbound(bytes(text("a"), text("b"), text("c")));
    assertEquals("a", nextText(client));
    assertNull(client.readInbound());
    client.read();
    assertEquals("b", nextText(client));
    assertNull(client.readInbound());
    assertEquals(before, reads.count, "what is held needs no read of the transport");
    client.read();
    assertEquals("c", nextText(client));
    client.read();
    assertEquals(before + 1, reads.count);
    client.finish();
  }

  @Test
  void bytesThatArriveUnaskedWaitForARead() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    client.writeInbound(bytes(text("a"))); // as TLS does, which decrypts more than was asked for
    client.writeInbound(bytes(text("b")));
    assertNull(client.readInbound());
    client.read();
    assertEquals("a", nextText(client));
    assertNull(client.readInbound());
    client.read();
    assertEquals("b", nextText(client));
    client.finish();
  }

  @Test
  void controlFramesDoNotUseUpTheDemand() {
    Reads reads = new Reads();
    EmbeddedChannel client = new EmbeddedChannel(reads, new WebSocketFrameCodec(Side.CLIENT));
    client.config().setAutoRead(false);
    client.read();
    int before = reads.count;
    client.writeInbound(bytes(hex("8900"), hex("8a00")));
    client.writeInbound(bytes(hex("8103 61")));
    assertEquals(before + 2, reads.count, "asks for more until there is a data frame");
    client.writeInbound(bytes(hex("6263"), text("not asked for")));
    assertEquals(before + 2, reads.count);
    ((WebSocketFrame) client.readInbound()).release();
    ((WebSocketFrame) client.readInbound()).release();
    assertEquals("abc", nextText(client));
    assertNull(client.readInbound());
    assertTrue(client.finish());
    assertEquals("not asked for", nextText(client));
  }

  @Test
  void switchingAutoReadOffInTheMiddleOfAReadStopsAfterThatFrame() {
    EmbeddedChannel client = client();
    client
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              private int frames;

              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (++frames == 2) {
                  ctx.channel().config().setAutoRead(false);
                }
                ctx.fireChannelRead(message);
              }
            });
    client.writeInbound(bytes(text("a"), text("b"), text("c"), text("d")));
    assertEquals("a", nextText(client));
    assertEquals("b", nextText(client));
    assertNull(client.readInbound());
    client.config().setAutoRead(true);
    assertEquals("c", nextText(client));
    assertEquals("d", nextText(client));
    client.finish();
  }

  @Test
  void handlerThatReadsOnEachFrameDoesNotRecurse() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    int[] depth = new int[2];
    client
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ((WebSocketFrame) message).release();
                depth[1]++;
              }

              @Override
              public void channelReadComplete(ChannelHandlerContext ctx) {
                assertTrue(++depth[0] < 3, "nested");
                ctx.read();
                depth[0]--;
              }
            });
    byte[][] many = new byte[20_000][];
    Arrays.fill(many, hex("8100"));
    client.writeInbound(bytes(many));
    client.read();
    assertEquals(20_000, depth[1]);
    client.finish();
  }

  @Test
  void inputThatWasNotDemandedIsHandedOnWhenTheConnectionEnds() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    client.writeInbound(bytes(text("a"), text("b"), hex("81")));
    client.close();
    assertThrows(EOFException.class, client::checkException, "the third frame was cut off");
    assertEquals("a", nextText(client));
    assertEquals("b", nextText(client));
    client.finish();
  }

  @Test
  void removingTheCodecReleasesWhatItHeld() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    client.writeInbound(bytes(text("a"), text("b"), hex("8105 61")));
    client.pipeline().remove(WebSocketFrameCodec.class);
    client.finishAndReleaseAll();
  }

  @Test
  void removingTheCodecInsideAFrameIsSafe() {
    EmbeddedChannel client = client();
    client
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.pipeline().remove(WebSocketFrameCodec.class);
                ctx.fireChannelRead(message);
              }
            });
    client.writeInbound(bytes(text("a"), text("b")));
    assertEquals("a", nextText(client));
    assertNull(client.readInbound());
    client.finish();
  }

  /** Calls something at the first frame that is handed on. */
  private static final class AtFirstFrame extends ChannelInboundHandlerAdapter {
    private final Consumer<ChannelHandlerContext> action;
    private int frames;

    AtFirstFrame(Consumer<ChannelHandlerContext> action) {
      this.action = action;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (frames++ == 0) {
        action.accept(ctx);
      }
      ctx.fireChannelRead(message);
    }
  }

  private static void remove(ChannelHandlerContext ctx) {
    ctx.pipeline().remove(WebSocketFrameCodec.class);
  }

  @Test
  void removingTheCodecInsideAFrameWithAutoReadOffReleasesTheRest() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    client.pipeline().addLast(new AtFirstFrame(WebSocketFrameCodecTest::remove));
    ByteBuf read = bytes(text("a"), text("b"));
    client.read();
    client.writeInbound(read);
    assertEquals("a", nextText(client));
    assertNull(client.readInbound());
    assertEquals(0, read.refCnt());
    client.finish();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void removingTheCodecInsideAFrameThatItHeldReleasesTheRest(boolean more) {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    ByteBuf first = bytes(text("a"), text("b"), more ? text("c") : new byte[0]);
    ByteBuf second = bytes(text("d"));
    client.read();
    client.writeInbound(first);
    client.writeInbound(second);
    assertEquals("a", nextText(client));
    client.pipeline().addLast(new AtFirstFrame(WebSocketFrameCodecTest::remove));
    client.read();
    assertEquals("b", nextText(client));
    assertNull(client.readInbound());
    assertEquals(0, first.refCnt());
    assertEquals(0, second.refCnt());
    client.finish();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endInsideAFrameReleasesTheRest(boolean held) {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    if (held) {
      client.read();
      client.writeInbound(bytes(text("0"), text("a"), text("b")));
      assertEquals("0", nextText(client));
    }
    client
        .pipeline()
        .addLast(new AtFirstFrame(ctx -> ctx.channel().pipeline().fireChannelInactive()));
    ByteBuf read = bytes(text("a"), text("b"));
    client.writeInbound(read);
    client.read();
    assertEquals("a", nextText(client), "once");
    assertNull(client.readInbound());
    assertEquals(0, read.refCnt(), "though the codec is still in the pipeline");
    client.finish();
  }

  @Test
  void whatFollowsACloseFrameIsReleasedAtOnce() {
    EmbeddedChannel client = client();
    client.config().setAutoRead(false);
    ByteBuf read = bytes(hex("8802 03e8"), text("b"));
    client.read();
    client.writeInbound(read);
    ((WebSocketFrame) client.readInbound()).release();
    assertEquals(0, read.refCnt());
    client.finish();
  }

  @Test
  void frameWrittenToAClosedChannelIsReleased() {
    EmbeddedChannel client = client();
    client.close();
    assertFalse(client.writeAndFlush(new TextWebSocketFrame("late")).isSuccess());
    ChannelEnd.check(client);
    EmbeddedChannel server = new EmbeddedChannel(new WebSocketFrameCodec(Side.SERVER));
    server.close();
    ByteBuf large = Unpooled.wrappedBuffer(new byte[5000]);
    assertFalse(server.writeAndFlush(new BinaryWebSocketFrame(large)).isSuccess());
    assertEquals(0, large.refCnt());
    ChannelEnd.check(server);
  }

  // OPT-23
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void messageOfOneMebibyteIsTheDefaultLimit(int beyond) {
    EmbeddedChannel client = client();
    ByteBuf in = bytes(WireFrame.of(2, false, new byte[(1 << 20) + beyond]));
    if (beyond == 0) {
      client.writeInbound(in);
      ((WebSocketFrame) client.readInbound()).release();
    } else {
      assertThrows(ProtocolException.class, () -> client.writeInbound(in));
    }
    assertEquals(1 << 20, FrameLimits.DEFAULT.maxMessageSize());
    client.finish();
  }
}
