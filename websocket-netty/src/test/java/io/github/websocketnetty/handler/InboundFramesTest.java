package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class InboundFramesTest {
  private final ByteBuf buffer = Unpooled.copiedBuffer("one two", StandardCharsets.UTF_8);

  @Test
  void onlyPayloadOfABufferIsKeptWithoutASlice() {
    ByteBuf kept = InboundFrames.keep(buffer, 4, 3);
    assertSame(buffer, kept);
    assertEquals("two", kept.toString(StandardCharsets.UTF_8));
    kept.release();
    buffer.release();
  }

  @Test
  void bufferWithEarlierSlicesIsNotKeptItself() {
    ByteBuf one = InboundFrames.keep(buffer, 0, 3);
    ByteBuf two = InboundFrames.keep(buffer, 4, 3);
    assertNotSame(buffer, two);
    two.clear().writeBytes(new byte[] {'x', 'x', 'x'}); // its receiver may write to it
    assertEquals("one", one.toString(StandardCharsets.UTF_8));
    one.release();
    two.release();
    buffer.release();
  }

  @Test
  void emptyPayloadPinsNothing() {
    ByteBuf none = InboundFrames.keep(buffer, 7, 0);
    assertEquals(0, none.readableBytes());
    assertEquals(1, buffer.refCnt());
    none.release();
    buffer.release();
  }
}
