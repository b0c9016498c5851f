package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class PayloadCollectorTest {
  private final PayloadCollector collector = new PayloadCollector(UnpooledByteBufAllocator.DEFAULT);

  private void add(ByteBuf in, int total) {
    while (in.isReadable()) {
      int length = collector.prepare(in.readableBytes(), total - collector.size());
      collector.append(in, length);
    }
    in.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1000, 1024, 5000})
  void partsOfAnySizeAreJoinedInOrder(int part) {
    byte[] bytes = WireFrame.letters(20_000);
    for (int i = 0; i < bytes.length; i += part) {
      int length = Math.min(part, bytes.length - i);
      add(Unpooled.copiedBuffer(bytes, i, length), bytes.length);
    }
    assertEquals(bytes.length, collector.size());
    ByteBuf whole = collector.take();
    assertArrayEquals(bytes, ByteBufUtil.getBytes(whole));
    whole.release();
    assertEquals(0, collector.size());
  }

  @Test
  void payloadThatMostlyCameInTheFirstPartIsOnePlainBuffer() {
    add(Unpooled.wrappedBuffer(new byte[60_000]), 100_000);
    add(Unpooled.wrappedBuffer(new byte[40_000]), 100_000);
    ByteBuf whole = collector.take();
    assertEquals(1, whole.nioBufferCount());
    whole.release();
  }

  @Test
  void numberOfChunksGrowsWithTheLogarithmOfTheSize() {
    for (int i = 0; i < 1 << 20; i += 16) {
      add(Unpooled.wrappedBuffer(new byte[16]), 1 << 20);
    }
    CompositeByteBuf whole = (CompositeByteBuf) collector.take();
    assertTrue(whole.numComponents() <= 12, "chunks: " + whole.numComponents());
    whole.release();
  }

  @Test
  void nothingIsAnEmptyBuffer() {
    assertEquals(0, collector.take().readableBytes());
    collector.release();
  }

  @Test
  void releaseFreesAllChunks() {
    add(Unpooled.wrappedBuffer(new byte[100]), 1 << 20);
    add(Unpooled.wrappedBuffer(new byte[100_000]), 1 << 20);
    collector.release();
    assertEquals(0, collector.size());
  }
}
