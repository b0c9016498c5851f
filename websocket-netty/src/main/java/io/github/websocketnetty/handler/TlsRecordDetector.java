package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Looks at the first bytes in front of an HTTP decoder, which would take those of TLS for the
 * beginning of a line and wait for its end. Leaves the pipeline then; event loop only.
 */
final class TlsRecordDetector extends ChannelInboundHandlerAdapter {
  private static final int ALERT = 0x15;
  private static final int HANDSHAKE = 0x16;
  private static final int MAJOR_VERSION = 3;

  private final Runnable found;

  /**
   * Creates a detector for one connection.
   *
   * @param found called instead of the decoder if the peer speaks TLS
   */
  TlsRecordDetector(Runnable found) {
    this.found = found;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof ByteBuf bytes && !bytes.isReadable()) {
      ctx.fireChannelRead(msg);
      return;
    }
    ctx.pipeline().remove(this);
    if (msg instanceof ByteBuf bytes && isTls(bytes)) {
      bytes.release();
      found.run();
    } else {
      ctx.fireChannelRead(msg);
    }
  }

  /** RFC 8446, section 5.1. HTTP begins with neither type. */
  private static boolean isTls(ByteBuf bytes) {
    int type = bytes.getByte(bytes.readerIndex());
    return (type == ALERT || type == HANDSHAKE)
        && (bytes.readableBytes() == 1 || bytes.getByte(bytes.readerIndex() + 1) == MAJOR_VERSION);
  }
}
