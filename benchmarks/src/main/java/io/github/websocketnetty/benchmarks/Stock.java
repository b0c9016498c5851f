package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.nio.charset.StandardCharsets;

/** Netty's own handlers: the baseline. */
final class Stock {
  /** As large as ours by default. */
  private static final int MAX_BYTES = 1 << 20;

  private static final String REQUEST =
      """
      GET / HTTP/1.1
      Host: localhost
      Upgrade: websocket
      Connection: Upgrade
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
      Sec-WebSocket-Version: 13

      """
          .replace("\n", "\r\n");

  private Stock() {}

  /** Adds what makes valid frames of bytes. */
  static void addDecoder(ChannelPipeline pipeline, Side side) {
    pipeline.addLast(
        new WebSocket13FrameDecoder(side == Side.SERVER, false, MAX_BYTES),
        new Utf8FrameValidator());
  }

  /** Adds what makes messages of bytes: the least that does it, with neither close nor pongs. */
  static void addMessages(ChannelPipeline pipeline, Side side) {
    addDecoder(pipeline, side);
    pipeline.addLast(new WebSocketFrameAggregator(MAX_BYTES));
  }

  /** Adds what makes bytes of frames. */
  static void addEncoder(ChannelPipeline pipeline, Side side) {
    pipeline.addLast(new WebSocket13FrameEncoder(side == Side.CLIENT));
  }

  /** Adds what most servers use, and leaves what stands there after the opening handshake. */
  static void addServer(EmbeddedChannel channel) {
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new HttpObjectAggregator(MAX_BYTES),
            new WebSocketServerProtocolHandler("/", null, false, MAX_BYTES),
            new WebSocketFrameAggregator(MAX_BYTES));
    channel.writeInbound(Unpooled.copiedBuffer(REQUEST, StandardCharsets.US_ASCII));
    channel.runPendingTasks();
    channel.releaseInbound();
    ByteBuf response = channel.readOutbound();
    Measured.require(
        response != null && response.toString(StandardCharsets.US_ASCII).contains(" 101 "),
        "no opening handshake");
    channel.releaseOutbound();
    response.release();
    Measured.require(
        channel.pipeline().get(WebSocket13FrameDecoder.class) != null,
        "no decoder after the opening handshake");
  }
}
