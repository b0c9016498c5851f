package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.DuplexEmbeddedChannel;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handler alone: what it holds, when it hands on, and that it gives everything back. */
@ExtendWith(LeakCheck.class)
class DeflateMemoryTest {
  private static final int PART = 65_536;
  private static final FrameLimits UNLIMITED =
      new FrameLimits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED, 100);

  private static WebSocketDeflateHandler handler(boolean takeover, FrameLimits limits) {
    return new WebSocketDeflateHandler(
        new DeflateAgreement(takeover, takeover, 6, 0), limits, true);
  }

  private static WebSocketFrame compressed(boolean fin, byte[] payload) {
    return new BinaryWebSocketFrame(fin, 4, Unpooled.copiedBuffer(payload));
  }

  /** Returns as many zeros, compressed. */
  private static byte[] zeros(int length) {
    return Zlib.alone(new byte[length]);
  }

  /** Each MiB after the first is the same when it is compressed, and ends with a flush. */
  private static byte[] gibibyteOfZeros() {
    Zlib peer = new Zlib();
    byte[] block = new byte[1 << 20];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(peer.flushed(block));
    byte[] next = peer.flushed(block);
    for (int i = 1; i < 1 << 10; i++) {
      out.writeBytes(next);
    }
    out.write(0); // the header of the empty block that the sender cuts off
    peer.end();
    return out.toByteArray();
  }

  // DEFL-20, EXT-02: a bomb costs what a message of the limit costs, in time and in memory: the
  // work
  // is counted in what was read of it, since zlib makes at most 1032 bytes of one
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gibibyteOfZerosIsRefusedAtTheLimit(boolean inParts) {
    byte[] bomb = gibibyteOfZeros();
    assertTrue(bomb.length > 1_000_000);
    WebSocketDeflateHandler handler = handler(true, FrameLimits.DEFAULT);
    handler.deliverParts(inParts);
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    ByteBuf payload = Unpooled.wrappedBuffer(bomb);
    ProtocolException violation =
        assertThrows(
            ProtocolException.class,
            () -> {
              channel.writeInbound(new BinaryWebSocketFrame(true, 4, payload.retain()));
              channel.checkException();
            });
    assertEquals(1009, violation.closeCode());
    assertEquals("frame exceeds limit of 1048576 bytes", violation.getMessage());
    int read = payload.readerIndex();
    assertTrue(read < 1200, "read " + read + " bytes of " + bomb.length);
    assertTrue(payload.release(), "nobody else holds it");
    long handedOn = 0;
    for (WebSocketFrame part; (part = channel.readInbound()) != null; part.release()) {
      handedOn += part.content().readableBytes();
    }
    assertEquals(inParts ? 1 << 20 : 0, handedOn);
    assertFalse(channel.finish());
  }

  // DEFL-20: without a limit, what is not asked for is not decompressed
  @Test
  void withAutoReadOffEachReadBringsOnePart() {
    WebSocketDeflateHandler handler = handler(true, UNLIMITED);
    handler.deliverParts(true);
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    channel.config().setAutoRead(false);
    channel.writeInbound(
        compressed(true, zeros(3 * PART)),
        new PingWebSocketFrame(),
        new TextWebSocketFrame("behind"));
    assertEquals(1, channel.inboundMessages().size());
    channel.read();
    assertEquals(2, channel.inboundMessages().size());
    channel.config().setAutoRead(true);
    // The end of the frame is seen only when nothing comes out any more.
    for (int i = 0; i < 3; i++) {
      WebSocketFrame part = channel.readInbound();
      assertEquals(PART, part.content().readableBytes());
      assertEquals(i > 0, part instanceof ContinuationWebSocketFrame);
      part.release();
    }
    WebSocketFrame last = channel.readInbound();
    assertTrue(last.isFinalFragment());
    last.release();
    WebSocketFrame ping = channel.readInbound();
    assertInstanceOf(PingWebSocketFrame.class, ping).release();
    WebSocketFrame behind = channel.readInbound();
    behind.release();
    assertFalse(channel.finish());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readMadeWhileAFrameIsHandedOnBringsTheNext(boolean compressed) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.CLIENT, FrameLimits.DEFAULT, true, 4),
            handler(true, FrameLimits.DEFAULT),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.fireChannelRead(message);
                ctx.read();
              }
            });
    channel.config().setAutoRead(false);
    byte[] frame =
        compressed
            ? WireFrame.of(true, 4, 2, false, WireFrame.hex("00"))
            : WireFrame.of(2, false, new byte[1]);
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.join(frame, frame, frame)));
    channel.read();
    assertEquals(3, channel.inboundMessages().size());
    ChannelEnd.check(channel);
  }

  @Test
  void whatWaitsIsHandedOnWhenTheInputEnds() {
    WebSocketDeflateHandler handler = handler(true, UNLIMITED);
    handler.deliverParts(true);
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    channel.config().setAutoRead(false);
    channel.writeInbound(compressed(true, zeros(2 * PART + 1)));
    assertEquals(1, channel.inboundMessages().size());
    channel.close();
    assertEquals(3, channel.inboundMessages().size());
    ChannelEnd.check(channel);
  }

  // The attack: bombs for a connection that has failed and throws away what comes.
  @Test
  void whatIsThrownAwayIsNotDecompressed() {
    WebSocketCloseHandler closing = new WebSocketCloseHandler(Side.SERVER, Duration.ZERO);
    List<Throwable> violations = new ArrayList<>();
    ChannelInboundHandlerAdapter between =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            violations.add(cause);
          }
        };
    EmbeddedChannel channel =
        new DuplexEmbeddedChannel(handler(true, FrameLimits.DEFAULT), between, closing);
    closing.fail(new CloseStatus(1011, ""), null);
    channel.writeInbound(compressed(true, zeros((1 << 20) + 1)));
    assertEquals(List.of(), violations);
    assertNull(channel.readInbound());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void removedInTheMiddleOfAFrameItHoldsNothing(boolean takeover) {
    WebSocketDeflateHandler handler = handler(takeover, UNLIMITED);
    handler.deliverParts(true);
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    channel.config().setAutoRead(false);
    channel.writeInbound(compressed(false, zeros(3 * PART)), compressed(true, zeros(1)));
    channel.pipeline().remove(handler);
    channel.releaseInbound();
    ChannelEnd.check(channel);
  }

  @Test
  void incompleteMessageGivesItsMemoryBackWithTheConnection() {
    EmbeddedChannel channel = new EmbeddedChannel(handler(false, FrameLimits.DEFAULT));
    channel.writeInbound(compressed(false, new Zlib().flushed(new byte[] {'a'})));
    channel.writeOutbound(new TextWebSocketFrame(false, 0, "b"));
    ChannelEnd.check(channel);
  }

  // DEFL-13, DEFL-26: connections of one thread share what they use one after the other
  @Test
  void connectionsWithoutTakeoverDoNotDisturbEachOther() {
    EmbeddedChannel[] channels = new EmbeddedChannel[20];
    byte[] text = WireFrame.letters(1000);
    Zlib[] peers = new Zlib[channels.length];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new EmbeddedChannel(handler(false, FrameLimits.DEFAULT));
      peers[i] = new Zlib();
      // Each keeps its own while its message is not complete.
      byte[] start = peers[i].flushed(new byte[] {(byte) i, 1, 2, 3, 4, 5, 6, 7, 8});
      channels[i].writeInbound(compressed(false, start));
      channels[i].writeOutbound(
          new BinaryWebSocketFrame(false, 0, Unpooled.copiedBuffer(text, 0, i + 1)));
    }
    for (int i = 0; i < channels.length; i++) {
      byte[] rest = peers[i].message(new byte[] {(byte) i, 1, 2, 3, 4, 5, 6, 7, 8});
      channels[i].writeInbound(
          new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer(rest)));
      channels[i].writeOutbound(
          new ContinuationWebSocketFrame(true, 0, Unpooled.copiedBuffer(text, i, 100)));
      for (int part = 0; part < 2; part++) {
        WebSocketFrame received = channels[i].readInbound();
        assertEquals(i, received.content().getByte(0));
        assertEquals(9, received.content().readableBytes());
        received.release();
      }
      Zlib reader = new Zlib();
      WebSocketFrame first = channels[i].readOutbound();
      WebSocketFrame second = channels[i].readOutbound();
      assertEquals(i + 1, reader.inflate(bytes(first), false).length);
      assertEquals(100, reader.inflate(bytes(second), true).length);
      reader.end();
      peers[i].end();
      ChannelEnd.check(channels[i]);
    }
  }

  private static byte[] bytes(WebSocketFrame frame) {
    ByteBuf content = frame.content();
    byte[] bytes = new byte[content.readableBytes()];
    content.readBytes(bytes);
    frame.release();
    return bytes;
  }

  @Test
  void afterAViolationEverythingIsDiscarded() {
    EmbeddedChannel channel = new EmbeddedChannel(handler(true, FrameLimits.DEFAULT));
    try {
      channel.writeInbound(compressed(true, WireFrame.hex("07 00")));
      channel.checkException();
    } catch (ProtocolException e) {
      assertEquals("decompression failed", e.getMessage());
    }
    channel.writeInbound(compressed(true, zeros(1)), new TextWebSocketFrame("a"));
    assertNull(channel.readInbound());
    assertFalse(channel.finish());
  }

  // DEFL-16: behind a decoder that lets everything pass
  @Test
  void rsv1IsCheckedBehindAnyDecoder() {
    assertRefused(
        "RSV1 bit set in continuation frame",
        compressed(false, new byte[0]),
        new ContinuationWebSocketFrame(true, 4, "a"));
    assertRefused(
        "reserved bits must be 0",
        new TextWebSocketFrame(false, 0, "a"),
        new ContinuationWebSocketFrame(true, 4, "a"));
    assertRefused("unexpected continuation frame", new ContinuationWebSocketFrame(true, 4, "a"));
  }

  private static void assertRefused(String why, WebSocketFrame... frames) {
    EmbeddedChannel channel = new EmbeddedChannel(handler(true, FrameLimits.DEFAULT));
    ProtocolException violation = null;
    try {
      channel.writeInbound((Object[]) frames);
      channel.checkException();
    } catch (ProtocolException e) {
      violation = e;
    }
    assertEquals(why, violation.getMessage());
    assertEquals(1002, violation.closeCode());
    ChannelEnd.check(channel);
  }

  @Test
  void writesAfterTheEndAreLeftToOthers() {
    WebSocketDeflateHandler handler = handler(true, FrameLimits.DEFAULT);
    EmbeddedChannel channel = new EmbeddedChannel(handler);
    channel.writeOutbound(new TextWebSocketFrame("a"));
    channel.releaseOutbound();
    channel.close();
    assertFalse(channel.write(new TextWebSocketFrame("b")).isSuccess());
    ChannelEnd.check(channel);
  }

  /** Fails to allocate when told to. */
  private static final class Exhausted extends AbstractByteBufAllocator {
    private boolean isExhausted;

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      if (isExhausted) {
        throw new OutOfMemoryError("of the test");
      }
      return Unpooled.buffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      return newHeapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }

  // DEFL-13: the peer never saw it, so nothing may refer to it
  @ParameterizedTest
  @ValueSource(ints = {1000, 100_000})
  void messageThatCouldNotBeCompressedIsNotReferredTo(int length) {
    Exhausted allocator = new Exhausted();
    EmbeddedChannel channel = new EmbeddedChannel(handler(true, FrameLimits.DEFAULT));
    channel.config().setAllocator(allocator);
    Zlib reader = new Zlib();
    byte[] random = new byte[length];
    new Random(4).nextBytes(random);
    for (int i = 0; i < 6; i++) {
      allocator.isExhausted = i % 3 == 1;
      ChannelFuture written =
          channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.copiedBuffer(random)));
      assertEquals(!allocator.isExhausted, written.isSuccess());
      if (written.isSuccess()) {
        assertArrayEquals(random, reader.inflate(bytes(channel.readOutbound()), true));
      }
    }
    reader.end();
    assertFalse(channel.finish());
  }

  // DEFL-13: what was compressed is sent, since what follows refers to it
  @ParameterizedTest
  @ValueSource(ints = {100, 5000})
  void cancelOfACompressedMessageHasNoEffect(int length) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.SERVER, FrameLimits.DEFAULT, true, 4),
            handler(true, FrameLimits.DEFAULT));
    byte[] random = new byte[length];
    new Random(4).nextBytes(random);
    for (int i = 0; i < 2; i++) {
      ChannelFuture written =
          channel.write(new BinaryWebSocketFrame(Unpooled.copiedBuffer(random)));
      assertFalse(written.cancel(false));
    }
    channel.flush();
    Zlib reader = new Zlib();
    RecordedFrames sent = new RecordedFrames();
    FrameParser parser = new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, false, 4);
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      parser.parse(part, false, channel.alloc(), sent);
    }
    assertEquals(2, sent.frames().size());
    for (RecordedFrames.Frame frame : sent.frames()) {
      assertArrayEquals(random, reader.inflate(frame.payload(), true));
    }
    reader.end();
    assertFalse(channel.finish());
  }
}
