package io.github.websocketnetty.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any payload of a close frame, and any reason. */
@ExtendWith(LeakCheck.class)
class CloseStatusFuzzTest {
  private static final List<BufferKind> KINDS = List.of(BufferKind.values());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 10_000, CloseStatusFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    BufferKind kind = in.one(KINDS);
    byte[] rest = in.rest();
    checkDecoding(kind, rest.length > 125 ? Arrays.copyOf(rest, 125) : rest);
    checkTruncation(new String(rest, UTF_8));
  }

  private static void checkDecoding(BufferKind kind, byte[] bytes) {
    int refusal = ReferenceParser.refusalOfClose(bytes);
    ByteBuf payload = kind.of(bytes);
    try {
      if (refusal != 0) {
        ProtocolException e =
            assertThrows(ProtocolException.class, () -> CloseStatus.decode(payload));
        assertEquals(refusal, e.closeCode());
        return;
      }
      CloseStatus status = CloseStatus.decode(payload);
      assertEquals(bytes.length, payload.readableBytes());
      ByteBuf again = Unpooled.buffer();
      status.encode(again);
      assertArrayEquals(bytes, ByteBufUtil.getBytes(again));
      again.release();
    } finally {
      payload.release();
    }
  }

  /** What fits stays; else the longest beginning that fits, in whole characters. */
  private static void checkTruncation(String reason) {
    CloseStatus status = CloseStatus.truncated(1000, reason);
    assertTrue(reason.startsWith(status.reason()));
    int length = status.reason().getBytes(UTF_8).length;
    assertTrue(length <= CloseStatus.MAX_REASON_BYTES);
    if (!reason.equals(status.reason())) {
      int next = reason.codePointAt(status.reason().length());
      int longer = length + Character.toString(next).getBytes(UTF_8).length;
      assertTrue(longer > CloseStatus.MAX_REASON_BYTES);
    }
  }
}
