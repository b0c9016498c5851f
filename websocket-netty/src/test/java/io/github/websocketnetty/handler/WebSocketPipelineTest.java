package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.WireFrame.hex;
import static io.github.websocketnetty.support.WireFrame.join;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.KeepOpen;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The handlers together, as they are installed. */
@ExtendWith(LeakCheck.class)
class WebSocketPipelineTest {
  private static WebSocketPipeline.Builder builder(Side side) {
    return side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
  }

  private static EmbeddedChannel channel(WebSocketPipeline pipeline, ChannelHandler... behind) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    pipeline.addLast(channel.pipeline());
    channel.pipeline().addLast(behind);
    return channel;
  }

  private static byte[] outbound(EmbeddedChannel channel) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  private static ByteBuf bytes(byte[]... parts) {
    return Unpooled.copiedBuffer(join(parts));
  }

  private static List<String> handlers(EmbeddedChannel channel) {
    return StreamSupport.stream(channel.pipeline().spliterator(), false)
        .map(entry -> entry.getValue().getClass().getSimpleName())
        .toList();
  }

  // OPT-02, OPT-03, OPT-04, OPT-23, OPT-24
  @ParameterizedTest
  @EnumSource
  void defaultsAreTheDocumentedOnes(Side side) {
    WebSocketPipeline pipeline = builder(side).build();
    assertEquals(side, pipeline.side());
    assertEquals(Duration.ofSeconds(20), pipeline.pingInterval());
    assertEquals(Duration.ofSeconds(20), pipeline.pingTimeout());
    assertEquals(Duration.ofSeconds(10), pipeline.closeTimeout());
    assertEquals(1_048_576, pipeline.limits().maxMessageSize());
    assertEquals(FrameLimits.UNLIMITED, pipeline.limits().maxFragmentSize());
  }

  // OPT-09
  @Test
  void negativeTimesAndLimitsAreRefused() {
    WebSocketPipeline.Builder builder = WebSocketPipeline.server();
    Duration negative = Duration.ofMillis(-1);
    assertThrows(IllegalArgumentException.class, () -> builder.keepalive(negative, Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> builder.keepalive(Duration.ZERO, negative));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> builder.closeTimeout(negative));
    assertTrue(e.getMessage().contains("PT-0.001S"));
    assertThrows(IllegalArgumentException.class, () -> builder.maxMessageSize(-1));
  }

  @Test
  void handlersStandInOrderAndUnderNamesOfTheirOwn() {
    EmbeddedChannel channel = channel(WebSocketPipeline.server().aggregateMessages(true).build());
    assertEquals(
        List.of(
            "WebSocketFrameCodec",
            "WebSocketCloseHandler",
            "WebSocketKeepaliveHandler",
            "WebSocketMessageAggregator"),
        handlers(channel));
    for (String taken : List.of("wsencoder", "wsdecoder", "ws-encoder", "ws-decoder")) {
      assertNull(channel.pipeline().get(taken));
    }
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void handlersHaveTheDocumentedNamesUnlessTheyAreTaken(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel();
    WebSocketPipeline pipeline = builder(side).aggregateMessages(true).build();
    DeflateAgreement deflate = new DeflateAgreement(true, true, 6, 0);
    pipeline.addLast(channel.pipeline(), deflate);
    List<String> names =
        List.of(
            WebSocketPipeline.CODEC_NAME,
            WebSocketPipeline.DEFLATE_NAME,
            WebSocketPipeline.CLOSE_NAME,
            WebSocketPipeline.KEEPALIVE_NAME,
            WebSocketPipeline.AGGREGATOR_NAME);
    assertEquals(names, channel.pipeline().names().subList(0, 5));
    assertInstanceOf(
        WebSocketFrameCodec.class, channel.pipeline().get(WebSocketPipeline.CODEC_NAME));
    pipeline.addAfter(channel.pipeline(), WebSocketPipeline.AGGREGATOR_NAME, deflate);
    assertEquals(11, channel.pipeline().names().size(), "the others have other names");
    ChannelEnd.check(channel);
  }

  @Test
  void handlersGoBehindTheNamedOne() {
    EmbeddedChannel channel = new EmbeddedChannel();
    ChannelInboundHandlerAdapter application = new ChannelInboundHandlerAdapter() {};
    channel.pipeline().addLast("http", new ChannelInboundHandlerAdapter() {});
    channel.pipeline().addLast("application", application);
    WebSocketPipeline.client().build().addAfter(channel.pipeline(), "http");
    assertEquals("http", channel.pipeline().names().get(0));
    assertInstanceOf(
        WebSocketFrameCodec.class, channel.pipeline().get(channel.pipeline().names().get(1)));
    assertEquals("application", channel.pipeline().names().get(4));
    ChannelEnd.check(channel);
  }

  // PROTO-26: what a synchronous handler answers leaves before the close frame
  @Test
  void answersToMessagesBeforeAViolationLeaveBeforeTheCloseFrame() {
    EmbeddedChannel channel =
        channel(
            WebSocketPipeline.server().build(),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.write(message);
              }

              @Override
              public void channelReadComplete(ChannelHandlerContext ctx) {
                ctx.flush();
              }
            });
    channel.writeInbound(
        bytes(WireFrame.text(true, "one"), WireFrame.text(true, "two"), hex("83 80 00000000")));
    assertArrayEquals(
        join(
            WireFrame.text(false, "one"),
            WireFrame.text(false, "two"),
            WireFrame.close(false, 1002, "invalid opcode: 3")),
        outbound(channel));
    ChannelEnd.check(channel);
  }

  // PROTO-17, RECV-24
  @ParameterizedTest
  @EnumSource
  void invalidTextFailsTheConnectionBeforeTheFrameIsComplete(Side side) {
    KeepOpen transport = new KeepOpen();
    EmbeddedChannel channel = channel(builder(side).build());
    channel.pipeline().addFirst(transport);
    byte[] payload = {'a', (byte) 0xC0, 'b', 'c', 'd'};
    byte[] frame = WireFrame.of(1, side == Side.SERVER, payload);
    channel.writeInbound(Unpooled.copiedBuffer(frame, 0, frame.length - 3));
    byte[] close = outbound(channel);
    assertEquals((byte) 0x88, close[0]);
    if (side == Side.SERVER) {
      assertArrayEquals(WireFrame.close(false, 1007, "invalid start byte at position 1"), close);
    }
    channel.writeInbound(Unpooled.copiedBuffer(frame, frame.length - 3, 3));
    assertEquals(0, outbound(channel).length, "exactly one close frame");
    assertNull(channel.readInbound());
    assertEquals(side.closesTcpFirst(), transport.closeAsked());
    channel.pipeline().remove(transport);
    ChannelEnd.check(channel);
  }

  // PROTO-15
  @Test
  void closeInsideAFragmentedMessageIsAnsweredWithThePeersOwnCode() {
    EmbeddedChannel channel = channel(WebSocketPipeline.server().aggregateMessages(true).build());
    channel.writeInbound(
        bytes(
            WireFrame.of(false, 0, 1, true, new byte[] {'a'}),
            WireFrame.close(true, 4321, "enough")));
    assertArrayEquals(WireFrame.close(false, 4321, "enough"), outbound(channel));
    assertNull(channel.readInbound());
    ChannelEnd.check(channel);
  }

  // PROTO-20: the details stay here
  @Test
  void unexpectedFailureOfTheCodecIsAnsweredWith1011AndNoReason() {
    EmbeddedChannel channel = channel(WebSocketPipeline.server().build());
    ByteBuf broken =
        new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 8, 8) {
          @Override
          public int getUnsignedShort(int index) {
            throw new IllegalStateException("secret");
          }
        };
    broken.writeZero(8);
    channel.writeInbound(broken);
    assertArrayEquals(WireFrame.close(false, 1011, ""), outbound(channel));
    ChannelEnd.check(channel);
  }

  // KA-05, KA-06: over the wire, with the codec in front
  @ParameterizedTest
  @EnumSource
  void silentPeerIsClosedAfterIntervalAndTimeout(Side side) {
    EmbeddedChannel channel = channel(builder(side).build());
    channel.advanceTimeBy(20, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertEquals((byte) 0x89, outbound(channel)[0]);
    channel.advanceTimeBy(20, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertEquals((byte) 0x88, outbound(channel)[0]);
    assertFalse(channel.isOpen());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void bothSidesOfOursTalkAndCloseCleanly(Side opener) {
    EmbeddedChannel one = channel(builder(opener).aggregateMessages(true).build());
    EmbeddedChannel other = channel(builder(opener.peer()).aggregateMessages(true).build());
    one.writeOutbound(new TextWebSocketFrame(false, 0, "gr"));
    one.writeOutbound(new ContinuationWebSocketFrame(true, 0, "üß"));
    move(one, other);
    TextWebSocketFrame text = other.readInbound();
    assertEquals("grüß", text.text());
    text.release();
    other.writeOutbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(new byte[100_000])));
    move(other, one);
    WebSocketFrame binary = one.readInbound();
    assertEquals(100_000, binary.content().readableBytes());
    binary.release();
    one.pipeline().close();
    move(one, other);
    move(other, one);
    EmbeddedChannel server = opener == Side.SERVER ? one : other;
    assertFalse(server.isOpen(), "the server ends TCP first");
    assertNotNull(server.pipeline());
    ChannelEnd.check(one);
    ChannelEnd.check(other);
  }

  private static void move(EmbeddedChannel from, EmbeddedChannel to) {
    for (ByteBuf part; (part = from.readOutbound()) != null; ) {
      to.writeInbound(part);
    }
  }

  private static WebSocketFrameCodec codec(EmbeddedChannel channel) {
    return channel.pipeline().get(WebSocketFrameCodec.class);
  }

  @Test
  void aReceiverGetsDataFramesAndThePipelineTheOthers() {
    EmbeddedChannel channel = channel(WebSocketPipeline.client().build());
    RecordedFrames received = new RecordedFrames();
    assertTrue(codec(channel).receiveData(received));
    channel.writeInbound(bytes(hex("0102 6869"), hex("8901 70"), hex("8001 21"), hex("8200")));
    assertEquals(
        List.of("hi", "!", ""),
        received.frames().stream().map(each -> new String(each.payload(), US_ASCII)).toList());
    assertNull(channel.readInbound());
    assertEquals(1 + 2 + 4, outbound(channel).length); // the pong, masked
    assertTrue(codec(channel).receiveData(null));
    channel.writeInbound(bytes(hex("8101 61")));
    assertInstanceOf(TextWebSocketFrame.class, release(channel.readInbound()));
    ChannelEnd.check(channel);
  }

  @Test
  void aReceiverGetsNothingBehindOurCloseFrameUnlessItReads() {
    EmbeddedChannel channel = channel(WebSocketPipeline.client().build());
    RecordedFrames received = new RecordedFrames();
    codec(channel).receiveData(received);
    channel.config().setAutoRead(false);
    channel.close();
    channel.writeInbound(bytes(hex("8101 61")));
    assertEquals(List.of(), received.frames());
    ChannelEnd.check(channel);
  }

  @Test
  void aReceiverIsRefusedWhereFramesAreJoinedOrHandlersAreMissing() {
    RecordedFrames received = new RecordedFrames();
    EmbeddedChannel joining = channel(WebSocketPipeline.client().aggregateMessages(true).build());
    assertFalse(codec(joining).receiveData(received));
    joining.writeInbound(bytes(hex("0101 61"), hex("8001 62")));
    TextWebSocketFrame joined = joining.readInbound();
    assertEquals("ab", joined.text());
    joined.release();
    ChannelEnd.check(joining);
    assertFalse(new WebSocketFrameCodec(Side.CLIENT).receiveData(received));
    assertEquals(List.of(), received.frames());
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        WebSocketCloseHandler.class,
        WebSocketKeepaliveHandler.class,
        WebSocketMessageAggregator.class
      })
  void whenAHandlerIsRemovedDataGoesThroughThePipeline(Class<? extends ChannelHandler> handler) {
    EmbeddedChannel channel = channel(WebSocketPipeline.client().aggregateMessages(true).build());
    channel.writeInbound(bytes(hex("8101 61")));
    release(channel.readInbound());
    channel.pipeline().remove(handler);
    channel.writeInbound(bytes(hex("8101 61")));
    assertInstanceOf(TextWebSocketFrame.class, release(channel.readInbound()));
    ChannelEnd.check(channel);
  }

  @Test
  void anEncodedMessageIsWrittenBehindThoseGatheredAndPastTheHandlersBehind() {
    ChannelHandler refusing =
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            throw new AssertionError("not to be asked: " + message);
          }
        };
    EmbeddedChannel channel = channel(WebSocketPipeline.server().build(), refusing);
    channel
        .pipeline()
        .context(WebSocketKeepaliveHandler.class)
        .write(new TextWebSocketFrame("a"), channel.voidPromise());
    ChannelPromise promise = channel.newPromise();
    assertTrue(codec(channel).writeEncoded(bytes(hex("8101 62")), promise));
    channel.flush();
    assertTrue(promise.isSuccess());
    assertArrayEquals(hex("8101 61 8101 62"), outbound(channel));
    ChannelEnd.check(channel);
  }

  @Test
  void anEncodedMessageIsRefusedBehindACloseFrame() {
    EmbeddedChannel channel = channel(WebSocketPipeline.server().build());
    channel.close();
    assertEncodedIsRefused(codec(channel), channel);
    ChannelEnd.check(channel);
  }

  @Test
  void anEncodedMessageIsRefusedWhereHandlersAreMissing() {
    EmbeddedChannel alone = new EmbeddedChannel(new WebSocketFrameCodec(Side.SERVER));
    assertEncodedIsRefused(codec(alone), alone);
    ChannelEnd.check(alone);
    EmbeddedChannel channel = channel(WebSocketPipeline.server().build());
    channel.pipeline().remove(WebSocketCloseHandler.class);
    assertEncodedIsRefused(codec(channel), channel);
    ChannelEnd.check(channel);
  }

  private static void assertEncodedIsRefused(WebSocketFrameCodec codec, EmbeddedChannel channel) {
    outbound(channel);
    ByteBuf frame = bytes(hex("8101 62"));
    ChannelPromise promise = channel.newPromise();
    assertFalse(codec.writeEncoded(frame, promise));
    channel.flush();
    assertFalse(promise.isDone());
    assertEquals(0, outbound(channel).length);
    assertTrue(frame.release());
  }

  private static Object release(Object message) {
    ReferenceCountUtil.release(message);
    return message;
  }
}
