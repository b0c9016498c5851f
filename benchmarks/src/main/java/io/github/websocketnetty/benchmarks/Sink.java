package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * Stands at the head of a pipeline for the transport: counts the bytes that are written and drops
 * them, so that all writes succeed at once. While it checks it also keeps them.
 */
final class Sink extends ChannelOutboundHandlerAdapter {
  private ByteBuf kept;
  private long bytes;

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf part = (ByteBuf) message;
    bytes += part.readableBytes();
    if (kept != null) {
      kept.writeBytes(part);
    }
    promise.setUncancellable(); // as the transport does when it flushes
    part.release();
    promise.trySuccess();
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    // nothing waits
  }

  /** Returns this for several pipelines of the same event loop. */
  ChannelHandler shared() {
    return new Part();
  }

  /** Hands on what is written in another pipeline. */
  private final class Part extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      Sink.this.write(ctx, message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      // nothing waits
    }
  }

  /**
   * Sees whether Netty's decoder finds the frames in what is written.
   *
   * @param sender the side whose pipeline this is
   * @return the bytes of them
   */
  long check(Runnable send, Side sender, byte[] payload, int count) {
    long before = bytes;
    kept = Unpooled.buffer();
    send.run();
    EmbeddedChannel peer =
        new EmbeddedChannel(
            new WebSocket13FrameDecoder(sender == Side.CLIENT, false, Integer.MAX_VALUE));
    peer.writeInbound(kept);
    kept = null;
    ByteBuf expected = Unpooled.wrappedBuffer(payload);
    int frames = 0;
    for (WebSocketFrame frame; (frame = peer.readInbound()) != null; frame.release()) {
      frames++;
      Measured.require(frame.content().equals(expected), "frame " + frames + " is another one");
    }
    peer.finish();
    Measured.require(frames == count, frames + " frames were written instead of " + count);
    return bytes - before;
  }

  /** Fails unless exactly so many bytes were written since the beginning. */
  void requireBytes(long expected) {
    Measured.require(bytes == expected, bytes + " bytes were written instead of " + expected);
  }
}
