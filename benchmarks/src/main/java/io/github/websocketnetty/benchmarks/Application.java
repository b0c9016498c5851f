package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.FrameSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands at the end of a pipeline for the application: counts what arrives and drops it. While it
 * checks it also compares payloads.
 */
final class Application extends ChannelInboundHandlerAdapter implements FrameSink {
  private final ByteBuf expected;
  private boolean isChecking;
  private long frames;
  private long wrong;
  private Throwable failure;

  /** Creates a handler for frames with this payload. */
  Application(byte[] expected) {
    this.expected = Unpooled.wrappedBuffer(expected);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof WebSocketFrame frame) {
      frames++;
      if (isChecking && !frame.content().equals(expected)) {
        wrong++;
      }
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    frames++;
    if (isChecking && !buffer.slice(index, length).equals(expected)) {
      wrong++;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = cause;
  }

  /**
   * Feeds the pipeline and sees whether all arrives.
   *
   * @param count how many frames must arrive
   */
  void check(Runnable feed, int count) {
    isChecking = true;
    long before = frames;
    feed.run();
    requireFrames(before + count);
    Measured.require(wrong == 0, wrong + " of " + count + " frames have another payload");
    isChecking = false;
  }

  /** Fails unless exactly so many frames arrived since the beginning, and nothing else. */
  void requireFrames(long count) {
    if (failure != null) {
      throw new IllegalStateException("the pipeline failed", failure);
    }
    Measured.require(frames == count, frames + " frames arrived instead of " + count);
  }
}
