package io.github.websocketnetty.support;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The head of an embedded channel that hands over what the peer sent only when it is read, as a
 * socket does: at once with auto-read, else one buffer for each {@code read()}, within the call.
 */
public final class ReadingTransport extends ChannelDuplexHandler {
  private final Queue<ByteBuf> arrived = new ArrayDeque<>();
  private ChannelHandlerContext ctx;
  private boolean wanted;
  private boolean delivering;
  private int reads;

  /** Returns how often it was read. */
  public int reads() {
    return reads;
  }

  /** The peer sends bytes that arrive together. */
  public void arrives(byte[]... parts) {
    arrived.add(Unpooled.copiedBuffer(WireFrame.join(parts)));
    deliver();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    arrived.forEach(ByteBuf::release);
    arrived.clear();
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    handlerRemoved(context);
    context.close(promise);
  }

  @Override
  public void read(ChannelHandlerContext context) {
    reads++;
    wanted = true;
    context.read();
    deliver();
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (!arrived.isEmpty() && (wanted || ctx.channel().config().isAutoRead())) {
        wanted = false;
        ctx.fireChannelRead(arrived.poll());
        ctx.fireChannelReadComplete();
      }
    } finally {
      delivering = false;
    }
  }
}
