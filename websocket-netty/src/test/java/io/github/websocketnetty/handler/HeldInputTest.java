package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is held until the opening handshake is over. */
// HS-27
@ExtendWith(LeakCheck.class)
class HeldInputTest {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final HeldInput held = new HeldInput();

  @Test
  void manySmallPiecesTakeNoMoreMemoryThanTwiceTheirBytes() {
    for (int i = 0; i < 10_000; i++) {
      held.add(allocator, allocator.buffer(2048).writeByte(i));
    }
    long used = allocator.metric().usedHeapMemory();
    assertTrue(used <= 20_000, () -> used + " bytes");
    held.release();
    assertEquals(0, allocator.metric().usedHeapMemory());
  }

  @Test
  void thereIsRoomFor1MiB() {
    assertTrue(held.hasRoomFor(Unpooled.wrappedBuffer(new byte[1 << 20])));
    assertFalse(held.hasRoomFor(Unpooled.wrappedBuffer(new byte[(1 << 20) + 1])));
    held.add(allocator, allocator.buffer().writeZero(1 << 19));
    assertTrue(held.hasRoomFor(Unpooled.wrappedBuffer(new byte[1 << 19])));
    assertFalse(held.hasRoomFor(Unpooled.wrappedBuffer(new byte[(1 << 19) + 1])));
    held.release();
  }

  @Test
  void whatArrivesWhileTheRestIsPassedOnFollows() {
    List<String> passed = new ArrayList<>();
    List<String> arriving = new ArrayList<>(List.of("b", "c", "d"));
    ChannelInboundHandlerAdapter reader =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf bytes = (ByteBuf) msg;
            passed.add(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
            arrive(2);
          }

          @Override
          public void channelReadComplete(ChannelHandlerContext ctx) {
            passed.add("complete");
            arrive(1);
          }

          private void arrive(int least) {
            if (arriving.size() >= least) {
              hold(arriving.remove(0));
            }
          }
        };
    EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter(), reader);
    hold("a");
    held.passOn(channel.pipeline().firstContext());
    assertEquals(List.of("a", "b", "c", "complete", "d", "complete"), passed);
    assertTrue(held.isEmpty());
    channel.finishAndReleaseAll();
  }

  private void hold(String text) {
    held.add(allocator, Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }
}
