package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression of single messages, where handlers in front and behind would hide what it does. */
@ExtendWith(LeakCheck.class)
class MessageInflaterTest {
  private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;

  private static byte[] bytes(ByteBuf buffer) {
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }

  @Test
  void theFirstViolationFreesEverything() {
    MessageInflater inflater =
        new MessageInflater(new DeflateAgreement(true, true, -1, 0), FrameLimits.DEFAULT, true);
    ByteBuf corrupt = Unpooled.copiedBuffer(WireFrame.hex("ff ff"));
    assertTrue(inflater.accept(true, MessageInflater.RSV1, Opcode.TEXT, corrupt));
    ProtocolException e = assertThrows(ProtocolException.class, () -> inflater.nextPart(ALLOCATOR));
    assertEquals(CloseCode.PROTOCOL_ERROR, e.closeCode());
    assertFalse(inflater.isInFrame());
    assertEquals(0, corrupt.refCnt());
  }

  @Test
  void withoutTakeoverNoMessageRefersToTheOneBeforeEvenIfThatEndsEmpty() {
    MessageDeflater deflater = new MessageDeflater(new DeflateAgreement(false, false, 9, 0));
    byte[] text = WireFrame.letters(26);
    bytes(deflater.deflate(ALLOCATOR, Unpooled.wrappedBuffer(text), false));
    bytes(deflater.deflate(ALLOCATOR, Unpooled.EMPTY_BUFFER, true));
    byte[] next = bytes(deflater.deflate(ALLOCATOR, Unpooled.wrappedBuffer(text), true));
    assertArrayEquals(text, Zlib.inflateAlone(next));
  }

  /** Corrupt data stand a little behind that byte: they are found if more is decompressed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 16 << 10, 100_000})
  void oneByteBeyondTheLimitIsDecompressedAndNoMore(int limit) {
    MessageInflater inflater =
        new MessageInflater(
            new DeflateAgreement(true, true, -1, 0),
            new FrameLimits(limit, FrameLimits.UNLIMITED, FrameLimits.FRAGMENTS_BY_SIZE),
            false);
    byte[] more = new Zlib().flushed(new byte[limit + 100]);
    byte[] tooMany = WireFrame.join(more, WireFrame.hex("ff ff"));
    inflater.accept(true, MessageInflater.RSV1, Opcode.BINARY, Unpooled.wrappedBuffer(tooMany));
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> bytes(inflater.rest(ALLOCATOR)));
    assertEquals(
        "1009 frame exceeds limit of " + limit + " bytes", e.closeCode() + " " + e.getMessage());
  }
}
