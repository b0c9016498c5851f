package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.TransformingExtension.inverted;
import static io.github.websocketnetty.support.TransformingExtension.reversed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TransformingExtension;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames of one side that uses an extension, and a peer that speaks bytes. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ExtensionFramesTest {
  private static final Extension NAME = new Extension("x", List.of());

  private final Side side;
  private final RecordedLog log = new RecordedLog(false);
  private final List<WebSocketClosed> ends = new ArrayList<>();
  private final RecordedFrames sent = new RecordedFrames();
  private WebSocketPipeline.Builder pipeline;
  private FrameParser parser;
  private EmbeddedChannel channel;

  ExtensionFramesTest(Side side) {
    this.side = side;
    pipeline =
        (side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client()).logger(log);
  }

  private void open(TransformingExtension extension) {
    open(AgreedExtensions.none().and(extension.extension(), extension.rsv(), extension));
  }

  private void open(int rsv, ChannelHandler handler) {
    open(AgreedExtensions.none().and(NAME, rsv, (side, agreed) -> handler));
  }

  private void open(AgreedExtensions extensions) {
    channel = new EmbeddedChannel();
    channel.freezeTime();
    pipeline.build().addLast(channel.pipeline(), extensions);
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof WebSocketClosed end) {
                  ends.add(end);
                }
              }
            });
    FrameLimits any = new FrameLimits(1 << 30, 1 << 30, Integer.MAX_VALUE);
    parser = new FrameParser(side.peer(), any, false, 7);
    parser.allowRsv(7);
  }

  @AfterEach
  void end() {
    endTcp();
    ChannelEnd.check(channel);
  }

  private void endTcp() {
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.runPendingTasks();
  }

  private void receive(boolean fin, int rsv, int opcode, byte[] payload) {
    byte[] frame = WireFrame.of(fin, rsv, opcode, side == Side.SERVER, payload);
    channel.writeInbound(Unpooled.copiedBuffer(frame));
  }

  /** A marked text and one without the mark, in one read. */
  private void receiveTwo() {
    boolean masked = side == Side.SERVER;
    channel.writeInbound(
        Unpooled.copiedBuffer(
            WireFrame.of(true, 2, Opcode.TEXT, masked, utf8("secret")),
            WireFrame.of(true, 0, Opcode.TEXT, masked, utf8("more"))));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Frame sent() {
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      parser.parse(part, false, channel.alloc(), sent);
    }
    return sent.frames().isEmpty() ? null : sent.frames().remove(0);
  }

  private void assertReceived(String text) {
    WebSocketFrame frame = channel.readInbound();
    assertEquals(text, frame.content().toString(StandardCharsets.UTF_8));
    assertEquals(0, frame.rsv());
    frame.release();
  }

  private void assertFailed(int code, String reason) {
    assertNull(channel.readInbound());
    Frame close = sent();
    assertEquals(Opcode.CLOSE, close.opcode());
    CloseStatus status = CloseStatus.decode(Unpooled.wrappedBuffer(close.payload()));
    assertEquals(new CloseStatus(code, reason), status);
  }

  // EXT-01, PROTO-07
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 5, 6, 7})
  void bitsThatNoExtensionClaimsAreRefused(int rsv) {
    open(TransformingExtension.reverse(2));
    receive(true, rsv, Opcode.TEXT, utf8("Hello"));
    assertFailed(1002, "reserved bits must be 0");
  }

  // EXT-01
  @ParameterizedTest
  @ValueSource(ints = {Opcode.TEXT, Opcode.PING, Opcode.CLOSE})
  void bitsThatTheHandlerLeavesAreRefused(int opcode) {
    open(2, new ChannelInboundHandlerAdapter());
    receive(true, 2, opcode, new byte[0]);
    assertFailed(1002, "reserved bits must be 0");
  }

  // EXT-01
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void controlFramesThatTheHandlerFragmentsAreRefused(boolean fin) {
    open(
        2,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(
                new PongWebSocketFrame(fin, 0, ((WebSocketFrame) message).content()));
          }
        });
    receive(true, 0, Opcode.PONG, new byte[1]);
    if (fin) {
      assertNull(sent());
    } else {
      assertFailed(1002, "fragmented control frame");
    }
  }

  @Test
  void aLostConnectionIsNoFailureOfTheHandler() {
    open(TransformingExtension.reverse(2));
    IOException reset = new IOException("Connection reset by peer");
    channel.pipeline().fireExceptionCaught(reset);
    assertSame(reset, assertThrows(IOException.class, channel::checkException), "as it came");
    assertNull(sent());
    endTcp();
    assertSame(reset, ends.get(0).cause());
  }

  // PROTO-17, EXT-01
  @Test
  void textIsCheckedWhenItIsRestored() {
    open(TransformingExtension.invert(2));
    receive(true, 2, Opcode.TEXT, inverted(utf8("grüß")));
    assertReceived("grüß");
    receive(false, 2, Opcode.TEXT, inverted(utf8("gr")));
    assertReceived("gr");
    receive(true, 2, Opcode.CONTINUATION, utf8("UTF-8 as it is"));
    assertEquals(1007, closeCode());
  }

  /** Returns the code of the close frame that was sent by an extension that inverts it. */
  private int closeCode() {
    Frame close = sent();
    assertEquals(2, close.rsv());
    return CloseStatus.decode(Unpooled.wrappedBuffer(inverted(close.payload()))).code();
  }

  @Test
  void textOfAnUnmarkedFrameIsCheckedToo() {
    open(TransformingExtension.invert(2));
    receive(true, 0, Opcode.TEXT, new byte[] {-1});
    assertEquals(1007, closeCode());
  }

  @Test
  void textIsNotCheckedIfThatIsSwitchedOff() {
    pipeline.validateUtf8(false);
    open(TransformingExtension.invert(2));
    receive(true, 2, Opcode.TEXT, new byte[] {0});
    channel.<WebSocketFrame>readInbound().release();
    assertNull(sent());
  }

  // EXT-02: the limit counts what the handler hands on
  @Test
  void restoredMessageIsLimited() {
    pipeline.maxMessageSize(10);
    open(doubling());
    receive(true, 2, Opcode.BINARY, new byte[5]);
    channel.<WebSocketFrame>readInbound().release();
    receive(false, 2, Opcode.BINARY, new byte[5]);
    channel.<WebSocketFrame>readInbound().release();
    receive(true, 2, Opcode.CONTINUATION, new byte[1]);
    assertFailed(1009, "frame with 2 bytes after reading 10 bytes exceeds limit of 10 bytes");
  }

  private static TransformingExtension doubling() {
    return new TransformingExtension(
        NAME, 2, false, bytes -> bytes, bytes -> new byte[2 * bytes.length]);
  }

  /** The 300th part of a frame is restored. */
  private static ExtensionHandlerFactory shrinking() {
    return new ExtensionHandlerFactory() {
      @Override
      public ChannelHandler newHandler(Side side, Extension agreed) {
        return new TransformingExtension(
                NAME, 2, false, bytes -> bytes, bytes -> new byte[bytes.length / 300])
            .newHandler(side, agreed);
      }

      @Override
      public FrameLimits wireLimits(FrameLimits limits) {
        return new FrameLimits(300 * limits.maxMessageSize(), FrameLimits.UNLIMITED, 5);
      }
    };
  }

  // The frame is decompressed first
  @Test
  void messageMayBeLargerWhereItIsDecompressed() {
    pipeline.maxMessageSize(10);
    DeflateAgreement deflate = new DeflateAgreement(true, true, Deflater.DEFAULT_COMPRESSION, 0);
    open(AgreedExtensions.none().and(NAME, 2, shrinking()).and(deflate));
    Zlib zlib = new Zlib();
    receive(true, 4 | 2, Opcode.BINARY, zlib.message(new byte[3000]));
    channel.<WebSocketFrame>readInbound().release();
    receive(true, 4 | 2, Opcode.BINARY, zlib.message(new byte[3001]));
    zlib.end();
    assertEquals(1009, CloseStatus.decode(Unpooled.wrappedBuffer(sent().payload())).code());
  }

  @Test
  void messageMayBeLargerOnTheWire() {
    pipeline.maxMessageSize(10);
    open(AgreedExtensions.none().and(NAME, 2, shrinking()));
    receive(true, 2, Opcode.BINARY, new byte[3000]);
    channel.<WebSocketFrame>readInbound().release();
    receive(true, 2, Opcode.BINARY, new byte[3001]);
    assertFailed(1009, "frame with 3001 bytes exceeds limit of 3000 bytes");
  }

  @Test
  void orderOfRestoredFragmentsIsChecked() {
    open(
        0,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireChannelRead(((WebSocketFrame) message).retain());
            ctx.fireChannelRead(message);
          }
        });
    receive(false, 0, Opcode.TEXT, utf8("a"));
    assertReceived("a");
    assertFailed(1002, "expected a continuation frame");
  }

  // EXT-01: control frames too
  @Test
  void controlFramesAreTransformed() {
    open(TransformingExtension.invert(1));
    receive(true, 1, Opcode.PING, inverted(utf8("p")));
    assertEquals(new Frame(true, 1, Opcode.PONG, inverted(utf8("p"))), sent());
    byte[] close = {3, (byte) 0xE8};
    receive(true, 1, Opcode.CLOSE, inverted(close));
    assertEquals(new Frame(true, 1, Opcode.CLOSE, inverted(close)), sent());
    endTcp();
    assertEquals(1000, ends.get(0).closeCode());
  }

  @Test
  void restoredCloseFrameIsChecked() {
    open(TransformingExtension.invert(1));
    receive(true, 1, Opcode.CLOSE, inverted(new byte[] {0, 0}));
    Frame close = sent();
    assertEquals(1, close.rsv());
    byte[] payload = inverted(close.payload());
    assertEquals(1002, CloseStatus.decode(Unpooled.wrappedBuffer(payload)).code());
  }

  @Test
  void controlFramesMayStayAsTheyAre() {
    open(TransformingExtension.reverse(2));
    receive(true, 0, Opcode.PING, utf8("ping"));
    assertEquals(new Frame(true, 0, Opcode.PONG, utf8("ping")), sent());
  }

  @Test
  void fragmentsAreJoinedBehindTheExtension() {
    pipeline.aggregateMessages(true);
    open(TransformingExtension.reverse(2));
    receive(false, 2, Opcode.TEXT, utf8("ba"));
    receive(true, 0, Opcode.PING, new byte[0]);
    receive(true, 2, Opcode.CONTINUATION, utf8("dc"));
    assertReceived("abcd");
  }

  // Auto-read off: one data frame for each read(), whatever came with it
  @Test
  void oneFrameComesForEachRead() {
    open(TransformingExtension.reverse(2));
    channel.config().setAutoRead(false);
    byte[] frame = WireFrame.of(true, 2, Opcode.TEXT, side == Side.SERVER, utf8("ba"));
    channel.writeInbound(Unpooled.copiedBuffer(frame, frame));
    assertNull(channel.readInbound());
    for (int i = 0; i < 2; i++) {
      channel.pipeline().read();
      assertReceived("ab");
      assertNull(channel.readInbound());
    }
  }

  @Test
  void exceptionOfTheHandlerIsLoggedAndEndsTheConnection() {
    IllegalStateException bug = new IllegalStateException("bug");
    open(2, throwing(bug));
    receiveTwo();
    assertFailed(1011, "");
    assertEquals(1, log.failures.size());
    assertSame(bug, log.failures.get(0).getCause());
  }

  @Test
  void violationThatTheHandlerFindsHasItsCode() {
    open(2, throwing(new ProtocolException(1008, "not so")));
    receiveTwo();
    assertFailed(1008, "not so");
    assertEquals(List.of(), log.failures);
  }

  private static ChannelHandler throwing(RuntimeException failure) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (((WebSocketFrame) message).rsv() != 0) {
          ReferenceCountUtil.release(message);
          throw failure;
        }
        ctx.fireChannelRead(message);
      }
    };
  }

  @Test
  void exceptionWhileSendingFailsThePromise() {
    IllegalStateException bug = new IllegalStateException("bug");
    open(
        2,
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            throw bug;
          }
        });
    ChannelFuture written = channel.writeAndFlush(new TextWebSocketFrame("x"));
    assertSame(bug, written.cause());
    assertNull(sent());
  }

  @Test
  void handlerIsRemovedAtTheEnd() {
    List<String> calls = new ArrayList<>();
    open(
        2,
        new ChannelInboundHandlerAdapter() {
          @Override
          public void handlerRemoved(ChannelHandlerContext ctx) {
            calls.add("removed");
          }

          @Override
          public void channelInactive(ChannelHandlerContext ctx) {
            calls.add("inactive");
            ctx.fireChannelInactive();
          }
        });
    endTcp();
    assertEquals(List.of("inactive", "removed"), calls);
  }

  // PROTO-07
  @Test
  void bitsThatNoExtensionClaimsAreNotSent() {
    open(TransformingExtension.reverse(2));
    ChannelFuture written = channel.writeAndFlush(new TextWebSocketFrame(true, 1, "ab"));
    assertEquals(
        "reserved bits are 3, but the extensions in use claim 2", written.cause().getMessage());
    assertNull(sent());
  }

  @Test
  void twoThatClaimABitCannotBeInstalled() {
    TransformingExtension reverse = TransformingExtension.reverse(2);
    AgreedExtensions one = AgreedExtensions.none().and(reverse.extension(), 2, reverse);
    open(one);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> one.and(NAME, 3, reverse));
    assertEquals("extensions x-reverse and x claim the same reserved bit", refused.getMessage());
  }

  @Test
  void framesAreLoggedAsTheApplicationSeesThem() {
    RecordedLog debug = new RecordedLog();
    pipeline.logger(debug);
    open(TransformingExtension.reverse(2));
    receive(true, 2, Opcode.TEXT, utf8("ba"));
    assertReceived("ab");
    assertTrue(debug.lines.stream().anyMatch(line -> line.contains("'ab'")), debug.lines::toString);
  }

  @Test
  void restoredPayloadIsWhatThePeerSent() {
    open(TransformingExtension.reverse(2));
    byte[] large = WireFrame.letters(100_000);
    receive(true, 2, Opcode.BINARY, reversed(large));
    WebSocketFrame frame = channel.readInbound();
    assertArrayEquals(large, ByteBufUtil.getBytes(frame.content()));
    frame.release();
  }
}
