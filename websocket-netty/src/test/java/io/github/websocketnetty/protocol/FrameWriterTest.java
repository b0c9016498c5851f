package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class FrameWriterTest {
  private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

  private final FrameWriter server = new FrameWriter(Side.SERVER);
  private final FrameWriter client = new FrameWriter(Side.CLIENT);

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = ByteBufUtil.getBytes(buffer);
    buffer.release();
    return bytes;
  }

  private static ByteBuf append(
      FrameWriter writer, boolean fin, int rsv, int opcode, ByteBuf payload) {
    ByteBuf out = ALLOCATOR.buffer();
    writer.append(out, fin, rsv, opcode, payload);
    int length = payload.readableBytes();
    assertEquals(writer.headerLength(length) + length, out.readableBytes());
    return out;
  }

  // SEND-45
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536})
  void serversFrameHasTheShortestLengthAndNoMask(int length) {
    byte[] payload = WireFrame.letters(length);
    ByteBuf buffer = BufferKind.HEAP.of(payload);
    byte[] expected = WireFrame.of(false, 4, 1, false, payload);
    assertArrayEquals(expected, bytes(append(server, false, 4, 1, buffer)));
    ByteBuf header = ALLOCATOR.buffer();
    server.header(header, false, 4, 1, length);
    assertArrayEquals(expected, WireFrame.join(bytes(header), payload));
    assertEquals(length, buffer.readableBytes());
    buffer.release();
  }

  // SEND-45
  @ParameterizedTest
  @EnumSource
  void clientsFrameIsMaskedAndThePayloadStaysAsItWas(BufferKind kind) {
    byte[] payload = WireFrame.letters(1000);
    ByteBuf buffer = kind.of(payload);
    ByteBuf frame = append(client, true, 0, 2, buffer);
    assertArrayEquals(payload, bytes(buffer));
    RecordedFrames recorded = new RecordedFrames();
    new FrameParser(Side.SERVER, FrameLimits.DEFAULT, true, 0)
        .parse(frame, true, ALLOCATOR, recorded);
    frame.release();
    assertArrayEquals(payload, recorded.frames().get(0).payload());
  }

  // SEND-45
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536})
  void aHeaderInFrontOfThePayloadMakesTheSameFrame(int length) {
    byte[] payload = WireFrame.letters(length);
    ByteBuf buffer = ALLOCATOR.buffer().writeZero(14).writeBytes(payload).skipBytes(14);
    server.prepend(false, 4, 1, buffer);
    assertArrayEquals(WireFrame.of(false, 4, 1, false, payload), bytes(buffer));
    buffer = ALLOCATOR.directBuffer().writeZero(14).writeBytes(payload).skipBytes(14);
    client.prepend(true, 0, 2, buffer);
    RecordedFrames recorded = new RecordedFrames();
    new FrameParser(Side.SERVER, FrameLimits.DEFAULT, true, 0)
        .parse(buffer, true, ALLOCATOR, recorded);
    buffer.release();
    assertArrayEquals(payload, recorded.frames().get(0).payload());
  }

  @Test
  void largePayloadsOfAServerAreNotCopied() {
    assertTrue(joins(server, ALLOCATOR.directBuffer(), 4096));
    assertFalse(joins(server, ALLOCATOR.directBuffer(), 4097));
    assertTrue(joins(server, ALLOCATOR.heapBuffer(), 65_536), "the transport would copy it");
    assertFalse(joins(server, ALLOCATOR.heapBuffer(), 65_537));
    assertTrue(joins(client, ALLOCATOR.directBuffer(), 1 << 20), "masked in a copy");
  }

  private static boolean joins(FrameWriter writer, ByteBuf payload, int length) {
    try {
      return writer.joins(payload.writeZero(length));
    } finally {
      payload.release();
    }
  }
}
