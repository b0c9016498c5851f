package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** OPT-08: the write limit, from the option to the channel. */
@ExtendWith(LeakCheck.class)
class WriteLimitTest {
  private static ConnectionOptions.Builder options() {
    return ConnectionOptions.builder();
  }

  private static void assertMarks(int high, int low, ConnectionOptions.Builder builder) {
    ConnectionOptions options = builder.build();
    assertEquals(high, options.writeLimitHigh());
    assertEquals(low, options.writeLimitLow());
  }

  // OPT-08
  @Test
  void lowMarkIsAQuarterUnlessItIsGiven() {
    assertMarks(32_768, 8_192, options());
    assertMarks(10, 2, options().writeLimit(10));
    assertMarks(10, 10, options().writeLimit(10, 10));
    assertMarks(0, 0, options().writeLimit(0));
  }

  // OPT-08: websockets complains late, and with another error
  @Test
  void impossibleMarksAreRefusedWhereTheyAreGiven() {
    assertRefused("writeLimit: high is 1, must be greater than or equal to low 2", 1, 2);
    assertRefused("writeLimit: low is -1, must be positive or equal to zero", 1, -1);
    assertThrows(IllegalArgumentException.class, () -> options().writeLimit(-1));
  }

  private static void assertRefused(String message, int high, int low) {
    ConnectionOptions.Builder builder = options();
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> builder.writeLimit(high, low))
            .getMessage());
  }

  // OPT-08, SEND-30
  @Test
  void channelIsWritableAtTheLowMarkAndNotOnlyBelow() {
    WriteBufferWaterMark marks = options().build().writeBufferWaterMark();
    assertEquals(32_768, marks.high());
    assertEquals(8_193, marks.low());
    assertEquals(
        Integer.MAX_VALUE,
        options().writeLimit(Integer.MAX_VALUE).build().writeBufferWaterMark().high());
    int most = Integer.MAX_VALUE;
    assertEquals(most, options().writeLimit(most, most).build().writeBufferWaterMark().low());
  }

  // OPT-08
  @Test
  void limitOfZeroWaitsUntilAllIsWrittenAndThenGoesOn() {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel
        .config()
        .setWriteBufferWaterMark(options().writeLimit(0).build().writeBufferWaterMark());
    channel.write(Unpooled.wrappedBuffer(new byte[1]));
    assertFalse(channel.isWritable());
    channel.flush();
    assertTrue(channel.isWritable());
    channel.releaseOutbound();
    channel.finish();
  }
}
