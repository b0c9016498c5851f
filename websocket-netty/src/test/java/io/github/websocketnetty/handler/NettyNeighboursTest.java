package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Our handlers among Netty's own in one pipeline, each in the other's place. */
@ExtendWith(LeakCheck.class)
class NettyNeighboursTest {
  private static WebSocketCloseHandler closing() {
    return new WebSocketCloseHandler(Side.SERVER, Duration.ofSeconds(10));
  }

  private static WebSocketServerExtension deflate() {
    // The limit of Netty's inflater is left out: ours is to be seen.
    return new PerMessageDeflateServerExtensionHandshaker(0)
        .handshakeExtension(new WebSocketExtensionData("permessage-deflate", Map.of()));
  }

  /** Netty's permessage-deflate between our codec and our other handlers. */
  private static EmbeddedChannel deflating(FrameLimits limits) {
    WebSocketServerExtension deflate = deflate();
    return new EmbeddedChannel(
        new WebSocketFrameCodec(Side.SERVER, FrameLimits.DEFAULT, true, 4),
        (ChannelHandler) deflate.newExtensionDecoder(),
        deflate.newExtensionEncoder(),
        closing(),
        new WebSocketTextValidator(),
        new WebSocketMessageAggregator(limits));
  }

  private static byte[] deflated(byte[] data) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(data);
    byte[] out = new byte[data.length + 100];
    int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4; // the tail
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  private static byte[] outbound(EmbeddedChannel channel) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  private static void compressedArrives(EmbeddedChannel channel, int opcode, byte[] compressed) {
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.of(true, 4, opcode, true, compressed)));
  }

  @Test
  void codecCarriesTheFramesOfNettysPermessageDeflate() {
    EmbeddedChannel channel = deflating(FrameLimits.DEFAULT);
    compressedArrives(channel, 1, deflated("grüß".getBytes(StandardCharsets.UTF_8)));
    TextWebSocketFrame text = channel.readInbound();
    assertEquals("grüß", text.text());
    channel.writeOutbound(text);
    assertEquals((byte) 0xC1, outbound(channel)[0], "compressed");
    ChannelEnd.check(channel);
  }

  // PROTO-05, PROTO-27: the limit counts what was inflated
  @Test
  void messageThatInflatesBeyondTheLimitIsRefused() {
    EmbeddedChannel channel = deflating(new FrameLimits(1000, FrameLimits.UNLIMITED, 10));
    compressedArrives(channel, 2, deflated(new byte[1001]));
    assertArrayEquals(
        WireFrame.close(false, 1009, "frame with 1001 bytes exceeds limit of 1000 bytes"),
        outbound(channel));
    assertNull(channel.readInbound());
    ChannelEnd.check(channel);
  }

  // PROTO-18
  @Test
  void dataThatCannotBeInflatedIsRefused() {
    EmbeddedChannel channel = deflating(FrameLimits.DEFAULT);
    compressedArrives(channel, 2, WireFrame.hex("ffffffff"));
    assertArrayEquals(WireFrame.close(false, 1002, "decompression failed"), outbound(channel));
    ChannelEnd.check(channel);
  }

  // PROTO-17: what the codec cannot check is checked behind the extension
  @Test
  void textIsCheckedAfterItWasInflated() {
    EmbeddedChannel channel = deflating(FrameLimits.DEFAULT);
    compressedArrives(channel, 1, deflated(new byte[] {'a', (byte) 0xFF}));
    assertArrayEquals(
        WireFrame.close(false, 1007, "invalid start byte at position 1"), outbound(channel));
    ChannelEnd.check(channel);
  }

  @Test
  void codecStandsInForNettysDecoderAndEncoder() {
    assertInstanceOf(WebSocketFrameDecoder.class, new WebSocketFrameCodec(Side.SERVER));
    assertInstanceOf(WebSocketFrameEncoder.class, new WebSocketFrameCodec(Side.CLIENT));
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.SERVER),
            new Utf8FrameValidator(),
            new WebSocketFrameAggregator(100));
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            WireFrame.join(
                WireFrame.of(false, 0, 1, true, new byte[] {'a'}),
                WireFrame.of(true, 0, 0, true, new byte[] {'b'}))));
    TextWebSocketFrame text = channel.readInbound();
    assertEquals("ab", text.text());
    text.release();
    assertFalse(channel.finish());
  }

  @Test
  void ourHandlersStandBehindNettysDecoderAndEncoder() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocket13FrameEncoder(false),
            new WebSocket13FrameDecoder(
                WebSocketDecoderConfig.newBuilder().closeOnProtocolViolation(false).build()),
            closing(),
            new WebSocketKeepaliveHandler(Duration.ofSeconds(20), Duration.ofSeconds(20)),
            new WebSocketTextValidator(),
            new WebSocketMessageAggregator());
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.of(9, true, new byte[] {7})));
    assertArrayEquals(WireFrame.of(10, false, new byte[] {7}), outbound(channel));
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.of(2, true, new byte[] {1, 2})));
    BinaryWebSocketFrame binary = channel.readInbound();
    assertEquals(2, binary.content().readableBytes());
    binary.release();
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.close(true, 1001, "")));
    assertArrayEquals(WireFrame.close(false, 1001, ""), outbound(channel));
    assertTrue(channel.inboundMessages().stream().noneMatch(WebSocketFrame.class::isInstance));
    ChannelEnd.check(channel);
  }
}
