package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whether a peer takes anything of what was written. */
@ExtendWith(LeakCheck.class)
class OutputProgressTest {
  /** A channel whose peer takes nothing. */
  private static final class Stalled extends EmbeddedChannel {
    Stalled() {
      super(new ChannelInboundHandlerAdapter());
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
      // all stays in the buffer
    }
  }

  @Test
  void aPartOfABufferIsProgress() {
    EmbeddedChannel channel = new Stalled();
    ChannelHandlerContext ctx = channel.pipeline().firstContext();
    channel.writeAndFlush(Unpooled.buffer().writeZero(100));
    OutputProgress progress = OutputProgress.mark(ctx, null);
    assertTrue(progress.isStuck(ctx));
    channel.unsafe().outboundBuffer().progress(10);
    assertFalse(progress.isStuck(ctx));
    ChannelEnd.check(channel);
  }
}
