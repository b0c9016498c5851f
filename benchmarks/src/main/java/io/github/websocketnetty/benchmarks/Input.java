package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * What a peer sends, as Netty's encoder writes it, to be read any number of times. May be used by
 * several threads.
 *
 * <p>The buffer of each read is allocated and filled anew, as handlers unmask in place and release
 * it: that is part of each measurement.
 */
final class Input {
  private final ByteBuf bytes;
  private final int bytesPerRead;

  private Input(ByteBuf bytes, int bytesPerRead) {
    this.bytes = Unpooled.unreleasableBuffer(bytes);
    this.bytesPerRead = bytesPerRead;
  }

  /**
   * Returns messages that arrive in one read.
   *
   * @param receiver whose peer sends them
   * @param payload the payload of each message
   * @param fragments the number of frames of each message
   */
  static Input of(Side receiver, Payload kind, byte[] payload, int fragments, int messages) {
    EmbeddedChannel peer =
        new EmbeddedChannel(new WebSocket13FrameEncoder(receiver == Side.SERVER));
    for (int i = 0; i < messages; i++) {
      writeMessage(peer, kind, payload, fragments);
    }
    ByteBuf all = Unpooled.directBuffer();
    for (ByteBuf part; (part = peer.readOutbound()) != null; part.release()) {
      all.writeBytes(part);
    }
    peer.finish();
    return new Input(all, all.readableBytes());
  }

  private static void writeMessage(
      EmbeddedChannel peer, Payload kind, byte[] payload, int fragments) {
    for (int i = 0; i < fragments; i++) {
      int start = (int) ((long) payload.length * i / fragments);
      int end = (int) ((long) payload.length * (i + 1) / fragments);
      ByteBuf content = Unpooled.directBuffer().writeBytes(payload, start, end - start);
      boolean fin = i == fragments - 1;
      WebSocketFrame frame =
          i == 0 ? kind.frame(fin, content) : new ContinuationWebSocketFrame(fin, 0, content);
      peer.writeOutbound(frame);
    }
  }

  /** Returns the same bytes, arriving in several reads. */
  Input inReadsOf(int size) {
    return new Input(bytes, size);
  }

  /** Lets the channel read all of it. On the event loop. */
  void readBy(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    for (int i = 0; i < bytes.readableBytes(); i += bytesPerRead) {
      int length = Math.min(bytesPerRead, bytes.readableBytes() - i);
      ByteBuf in = channel.alloc().directBuffer(length);
      in.writeBytes(bytes, i, length);
      pipeline.fireChannelRead(in).fireChannelReadComplete();
    }
  }
}
