package io.github.websocketnetty.protocol;

import static io.github.websocketnetty.support.WireFrame.hex;
import static io.github.websocketnetty.support.WireFrame.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the parser accepts, what it refuses and with which close code. Bytes are seen by a client.
 */
@ExtendWith(LeakCheck.class)
class FrameParserTest {
  private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

  private final RecordedFrames recorded = new RecordedFrames();
  private FrameParser parser = client(FrameLimits.DEFAULT);

  private static FrameParser client(FrameLimits limits) {
    return new FrameParser(Side.CLIENT, limits, true, 0);
  }

  private static FrameLimits limits(long message, long fragment) {
    return new FrameLimits(message, fragment, FrameLimits.FRAGMENTS_BY_SIZE);
  }

  private boolean feed(byte[]... parts) {
    ByteBuf in = Unpooled.copiedBuffer(join(parts));
    try {
      return parser.parse(in, true, ALLOCATOR, recorded);
    } finally {
      in.release();
    }
  }

  private void assertFails(int code, String reason, byte[]... parts) {
    ProtocolException e = assertThrows(ProtocolException.class, () -> feed(parts));
    assertEquals(code + " " + reason, e.closeCode() + " " + e.getMessage());
    assertTrue(parser.isEnded());
  }

  private static byte[] text(String text) {
    return WireFrame.text(false, text);
  }

  // PROTO-01
  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
  void reservedOpcodeIsRefused(int opcode) {
    assertFails(1002, "invalid opcode: " + opcode, new byte[] {(byte) (0x80 | opcode), 0});
  }

  // PROTO-02
  @Test
  void maskedFrameToAClientIsRefused() {
    assertFails(1002, "incorrect masking", hex("8180"));
  }

  // PROTO-02
  @Test
  void unmaskedFrameToAServerIsRefused() {
    parser = new FrameParser(Side.SERVER, FrameLimits.DEFAULT, true, 0);
    assertFails(1002, "incorrect masking", hex("8100"));
  }

  // PROTO-02
  @ParameterizedTest
  @EnumSource
  void eachFrameIsCheckedForMasking(Side side) {
    boolean masked = side == Side.SERVER;
    List<byte[]> before =
        List.of(
            WireFrame.text(masked, "whole"),
            WireFrame.of(false, 0, Opcode.TEXT, masked, new byte[3]),
            ping(masked));
    for (byte[] first : before) {
      parser = new FrameParser(side, FrameLimits.DEFAULT, true, 0);
      assertFails(1002, "incorrect masking", first, ping(!masked));
      parser = new FrameParser(side, FrameLimits.DEFAULT, true, 0);
      feed(first);
      assertFails(1002, "incorrect masking", ping(!masked));
    }
  }

  private static byte[] ping(boolean masked) {
    return WireFrame.of(Opcode.PING, masked, new byte[3]);
  }

  // PROTO-03, OPT-23
  @Test
  void frameBeyondTheMessageLimitIsRefusedByItsHeader() {
    parser = client(limits(10, FrameLimits.UNLIMITED));
    assertFails(1009, "frame with 11 bytes exceeds limit of 10 bytes", hex("820b"));
  }

  @ParameterizedTest
  @CsvSource({"828b, 10", "82fe0100, 255", "82ff0000000000010000, 65535"})
  void frameBeyondTheLimitIsRefusedBeforeItsKeyArrives(String header, long limit) {
    parser = new FrameParser(Side.SERVER, limits(limit, FrameLimits.UNLIMITED), true, 0);
    byte[] bytes = hex(header);
    for (int i = 0; i < bytes.length - 1; i++) {
      feed(new byte[] {bytes[i]});
    }
    String reason = "frame with " + (limit + 1) + " bytes exceeds limit of " + limit + " bytes";
    assertFails(1009, reason, new byte[] {bytes[bytes.length - 1]});
  }

  // OPT-23: the limit itself is allowed
  @Test
  void messageOfExactlyTheLimitIsAccepted() {
    parser = client(limits(10, FrameLimits.UNLIMITED));
    feed(WireFrame.of(2, false, new byte[10]), WireFrame.of(1, false, new byte[10]));
    assertEquals(2, recorded.frames().size());
  }

  // PROTO-04, PROTO-27
  @Test
  void fragmentBeyondWhatIsLeftOfTheMessageLimitIsRefused() {
    parser = client(limits(30, FrameLimits.UNLIMITED));
    feed(WireFrame.of(false, 0, 2, false, new byte[20]));
    String reason = "frame with 20 bytes after reading 20 bytes exceeds limit of 30 bytes";
    assertFails(1009, reason, hex("8014"));
  }

  // OPT-24, PROTO-04 (the limit that was exceeded is the one that is named)
  @Test
  void fragmentBeyondTheFragmentLimitIsRefused() {
    parser = client(limits(30, 8));
    feed(WireFrame.of(false, 0, 2, false, new byte[8]));
    assertFails(1009, "frame with 9 bytes exceeds limit of 8 bytes", hex("8009"));
  }

  // OPT-24: either limit may be absent
  @Test
  void withoutLimitsOnlyTheSizeOfABufferCounts() {
    parser = client(limits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED));
    String reason = "frame with 2147483648 bytes exceeds limit of 2147483583 bytes";
    assertFails(1009, reason, hex("827f 0000000080000000"));
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT", "POOLED_DIRECT"})
  void asciiThatBreaksOffACharacterOfTheFrameBeforeIsRefused(BufferKind kind) {
    parser = new FrameParser(Side.SERVER, FrameLimits.DEFAULT, true, 0);
    byte[] begin = WireFrame.of(false, 0, Opcode.TEXT, true, hex("61 c3"));
    byte[] end = WireFrame.of(true, 0, Opcode.CONTINUATION, true, hex("62"));
    ByteBuf in = kind.of(join(begin, end));
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> parser.parse(in, true, ALLOCATOR, recorded));
    in.release();
    assertEquals("invalid continuation byte at position 1", e.getMessage());
    assertEquals(1, recorded.frames().size());
  }

  // PROTO-06: control frames obey nothing but 125
  @Test
  void controlFramesAreImmuneToTheMessageLimit() {
    parser = client(limits(10, 1));
    feed(hex("0101 61"), WireFrame.of(9, false, new byte[125]), hex("8001 62"));
    assertEquals(3, recorded.frames().size());
  }

  // PROTO-07
  @ParameterizedTest
  @CsvSource({"4, 1", "2, 1", "1, 2", "7, 2", "4, 9", "1, 10", "2, 8", "4, 0"})
  void reservedBitsWithoutExtensionAreRefused(int rsv, int opcode) {
    if (opcode == 0) {
      feed(hex("0100"));
    }
    assertFails(1002, "reserved bits must be 0", new byte[] {(byte) (0x80 | rsv << 4 | opcode), 0});
  }

  // PROTO-07: refused for control frames also where an extension uses the bit
  @Test
  void rsv1OnAControlFrameIsRefusedEvenWithAnExtension() {
    parser = new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, true, 4);
    assertFails(1002, "reserved bits must be 0", hex("c900"));
  }

  // PROTO-19
  @Test
  void rsv1OnAContinuationIsRefusedEvenWithAnExtension() {
    parser = new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, true, 4);
    feed(hex("4101 ff"));
    assertFails(1002, "RSV1 bit set in continuation frame", hex("c000"));
  }

  @Test
  void textThatAnExtensionTransformedIsNotCheckedHere() {
    parser = new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, true, 4);
    feed(hex("4101 ff"), hex("8001 ff"));
    assertEquals(2, recorded.frames().size());
    assertFails(1007, "invalid start byte at position 0", hex("8101 ff"));
  }

  // PROTO-08
  @ParameterizedTest
  @ValueSource(strings = {"887e", "897e", "8a7e", "897f"})
  void controlFrameBeyond125BytesIsRefused(String head) {
    assertFails(1002, "control frame too long", hex(head));
  }

  // PROTO-09
  @ParameterizedTest
  @ValueSource(strings = {"0800", "0900", "0a00"})
  void fragmentedControlFrameIsRefused(String head) {
    assertFails(1002, "fragmented control frame", hex(head));
  }

  // PROTO-10
  @ParameterizedTest
  @ValueSource(strings = {"8100", "8200", "0100"})
  void newMessageInsideAnotherIsRefused(String head) {
    feed(hex("0100"));
    assertFails(1002, "expected a continuation frame", hex(head));
  }

  // PROTO-11
  @ParameterizedTest
  @ValueSource(strings = {"8000", "0000"})
  void continuationOfNothingIsRefused(String head) {
    assertFails(1002, "unexpected continuation frame", hex(head));
  }

  // PROTO-12
  @Test
  void closeOfOneByteIsRefused() {
    assertFails(1002, "close frame too short", hex("8801 03"));
  }

  // PROTO-13, CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 32768, 65535})
  void closeCodeThatMayNotTravelIsRefused(int code) {
    byte[] close = WireFrame.close(false, code, "");
    assertFails(1002, "invalid status code: " + code, close);
    assertEquals(List.of(), recorded.frames());
  }

  // PROTO-14
  @Test
  void closeReasonThatIsNotUtf8IsRefusedWithTheOffsetInTheReason() {
    assertFails(1007, "invalid start byte at position 1", hex("8804 03e8 61ff"));
  }

  // PROTO-15: the peer's own code is what counts, so the frame is handed on
  @Test
  void closeInsideAFragmentedMessageIsAccepted() {
    feed(hex("0101 61"), WireFrame.close(false, 1001, "bye"));
    assertEquals(2, recorded.frames().size());
  }

  // PROTO-22
  @ParameterizedTest
  @CsvSource({
    "827e0000, 0",
    "827e007d, 125",
    "827f0000000000000000, 0",
    "827f000000000000ffff, 65535"
  })
  void lengthThatIsNotMinimalIsRefused(String header, int length) {
    assertFails(1002, "length " + length + " is not encoded minimally", hex(header));
  }

  // PROTO-23
  @Test
  void lengthWithItsTopBitSetIsRefused() {
    String reason = "length 9223372036854775808 has its most significant bit set";
    assertFails(1002, reason, hex("827f 8000000000000000"));
  }

  // PROTO-25
  @Test
  void everythingAfterAViolationIsDiscarded() {
    assertFails(1002, "invalid opcode: 3", hex("8300"), text("late"));
    feed(text("later"));
    assertEquals(List.of(), recorded.frames());
  }

  // CLOSE-33
  @Test
  void everythingAfterACloseFrameIsDiscarded() {
    feed(WireFrame.close(false, 1000, ""), text("late"), hex("ffffff"));
    feed(text("later"));
    assertEquals(1, recorded.frames().size());
  }

  // PROTO-26
  @Test
  void framesBeforeAViolationInTheSameReadAreHandedOn() {
    assertFails(1002, "invalid opcode: 3", text("one"), text("two"), hex("8300"));
    assertEquals(2, recorded.frames().size());
  }

  // PROTO-28
  @Test
  void limitOfZeroLetsEmptyMessagesPass() {
    parser = client(limits(0, FrameLimits.UNLIMITED));
    feed(text(""));
    assertFails(1009, "frame with 1 bytes exceeds limit of 0 bytes", hex("8101"));
  }

  // PROTO-17, RECV-24: found when the byte arrives, though the rest of the frame has not come
  @ParameterizedTest
  @EnumSource
  void invalidTextIsRefusedInTheMiddleOfAFrame(Side side) {
    parser = new FrameParser(side, FrameLimits.DEFAULT, true, 0);
    byte[] payload = WireFrame.letters(5000);
    payload[2000] = (byte) 0xFF;
    byte[] frame = WireFrame.of(1, side == Side.SERVER, payload);
    int header = frame.length - payload.length;
    feed(Arrays.copyOf(frame, header + 2000));
    byte[] next = Arrays.copyOfRange(frame, header + 2000, header + 2001);
    assertFails(1007, "invalid start byte at position 2000", next);
  }

  // RECV-03, RECV-21: offsets count from the start of the message
  @Test
  void offsetOfInvalidTextCountsOverFragments() {
    feed(hex("0102 6162"), hex("8900"));
    assertFails(1007, "invalid start byte at position 3", hex("8002 63ff"));
  }

  // RECV-21, RECV-23
  @Test
  void characterCutOffByTheEndOfTheMessageIsRefused() {
    feed(hex("0101 61"));
    assertFails(1007, "unexpected end of data at position 1", hex("8002 f09f"));
  }

  @Test
  void textIsAcceptedAsItIsWhenValidationIsOff() {
    parser = new FrameParser(Side.CLIENT, FrameLimits.DEFAULT, false, 0);
    feed(hex("8101 ff"));
    assertEquals(1, recorded.frames().size());
  }

  @Test
  void tooManyFragmentsAreRefused() {
    parser = client(new FrameLimits(100, 100, 3));
    feed(hex("0200"), hex("0000"), hex("8900"), hex("0000"));
    assertFails(1009, "message has more than 3 fragments", hex("8000"));
  }

  @Test
  void fragmentsAreCountedForEachMessageAnew() {
    parser = client(new FrameLimits(100, 100, 2));
    for (int i = 0; i < 5; i++) {
      feed(hex("0200"), hex("8000"));
    }
    assertEquals(10, recorded.frames().size());
  }

  @Test
  void suspendLeavesTheRestInTheBuffer() {
    ByteBuf in = Unpooled.copiedBuffer(join(text("a"), text("b")));
    List<String> seen = new ArrayList<>();
    FrameSink one =
        (fin, rsv, opcode, buffer, index, length) -> {
          seen.add(buffer.toString(index, length, StandardCharsets.UTF_8));
          parser.suspend();
        };
    assertTrue(parser.parse(in, true, ALLOCATOR, one));
    assertEquals(List.of("a"), seen);
    assertFalse(parser.parse(in, true, ALLOCATOR, one));
    assertEquals(List.of("a", "b"), seen);
    in.release();
  }

  @Test
  void lastFrameOfABufferMayBeKeptAsTheBufferItself() {
    ByteBuf in = Unpooled.copiedBuffer(text("whole"));
    boolean rest =
        parser.parse(
            in,
            true,
            ALLOCATOR,
            (fin, rsv, opcode, buffer, index, length) -> {
              assertSame(in, buffer);
              assertEquals(in.writerIndex(), index + length);
              buffer.retain().setIndex(0, 1); // an owner may do what he likes with it
            });
    assertFalse(rest);
    assertEquals(1, in.readableBytes());
    in.release(2);
  }

  @Test
  void declaredLengthIsNotTrustedWithAnAllocation() {
    parser = client(limits(1 << 30, FrameLimits.UNLIMITED));
    CountingAllocator counting = new CountingAllocator();
    ByteBuf in = Unpooled.copiedBuffer(hex("827f 0000000040000000 00010203"));
    parser.parse(in, true, counting, recorded);
    in.release();
    assertTrue(counting.bytes <= 2048, "allocated " + counting.bytes);
    parser.end();
  }

  @Test
  void largeFrameInManyReadsIsCopiedOnce() {
    byte[] frame = WireFrame.of(2, false, WireFrame.letters(1 << 20));
    CountingAllocator counting = new CountingAllocator();
    for (int i = 0; i < frame.length; i += 65_536) {
      ByteBuf in = Unpooled.copiedBuffer(frame, i, Math.min(65_536, frame.length - i));
      parser.parse(in, true, counting, recorded);
      in.release();
    }
    assertArrayEquals(WireFrame.letters(1 << 20), recorded.frames().get(0).payload());
    assertEquals(1 << 20, counting.bytes);
  }

  private byte[] partsOf(byte[] frame, int read, int wantedFrom) {
    for (int i = 0; i < frame.length; i += read) {
      parser.deliverParts(i >= wantedFrom);
      feed(Arrays.copyOfRange(frame, i, Math.min(i + read, frame.length)));
    }
    return join(
        recorded.frames().stream().map(RecordedFrames.Frame::payload).toArray(byte[][]::new));
  }

  @ParameterizedTest
  @CsvSource({"10000, 0", "10000, 30000", "10000, 199999", "1, 0", "99999, 0"})
  void largeFrameComesInPartsAsItArrives(int read, int wantedFrom) {
    byte[] payload = WireFrame.letters(200_000);
    byte[] frame = WireFrame.of(1, false, payload);
    assertArrayEquals(payload, partsOf(frame, read, wantedFrom));
    List<RecordedFrames.Frame> frames = recorded.frames();
    for (int i = 0; i < frames.size(); i++) {
      assertEquals(i == 0 ? Opcode.TEXT : Opcode.CONTINUATION, frames.get(i).opcode());
      assertEquals(i == frames.size() - 1, frames.get(i).fin());
    }
    feed(text("next"));
    assertTrue(frames.get(frames.size() - 1).fin());
  }

  @Test
  void partsOfALargeFragmentBelongToItsMessage() {
    feed(WireFrame.of(false, 0, 1, false, new byte[] {'a', (byte) 0xC3}));
    byte[] payload = WireFrame.letters(100_000);
    payload[0] = (byte) 0xA9;
    partsOf(WireFrame.of(false, 0, 0, false, payload), 30_000, 0);
    feed(hex("8900"), hex("8001 62"));
    assertEquals(1 + 4 + 2, recorded.frames().size());
    assertTrue(recorded.frames().stream().filter(RecordedFrames.Frame::fin).count() == 2);
  }

  @Test
  void framesThatAreNotLargeOrNotDataAreNeverCut() {
    byte[] frames =
        join(WireFrame.of(2, false, new byte[65_536]), WireFrame.of(9, false, new byte[9]));
    partsOf(frames, 1000, 0);
    assertEquals(2, recorded.frames().size());
  }

  @Test
  void invalidTextInAPartIsRefusedAfterThePartsBefore() {
    byte[] payload = WireFrame.letters(100_000);
    payload[50_000] = (byte) 0xFF;
    byte[] frame = WireFrame.of(1, false, payload);
    ProtocolException e = assertThrows(ProtocolException.class, () -> partsOf(frame, 20_000, 0));
    assertEquals("invalid start byte at position 50000", e.getMessage());
    assertEquals(2, recorded.frames().size());
  }

  // CLOSE-25
  @Test
  void whatIsMissingOfACutFrameIsDescribed() {
    assertNull(parser.describeUnfinished());
    feed(hex("81"));
    assertEquals("stream ends inside a frame header", parser.describeUnfinished());
    feed(hex("05 6162"));
    assertEquals("stream ends after 2 bytes, expected 5 bytes", parser.describeUnfinished());
    feed(hex("636465"));
    assertNull(parser.describeUnfinished());
    parser.deliverParts(true);
    feed(Arrays.copyOf(WireFrame.of(2, false, new byte[70_000]), 1010));
    assertEquals("stream ends after 1000 bytes, expected 70000 bytes", parser.describeUnfinished());
  }

  @Test
  void endReleasesWhatWasKept() {
    feed(hex("8164 6162"));
    parser.end();
    parser = client(FrameLimits.DEFAULT);
    feed(hex("81"));
    parser.end();
  }

  @Test
  void compositeAndReadOnlyBuffersAreNotExclusive() {
    CompositeByteBuf composite = Unpooled.compositeBuffer();
    composite.addComponent(true, Unpooled.copiedBuffer(text("a")));
    assertFalse(FrameParser.isExclusive(composite));
    assertFalse(FrameParser.isExclusive(composite.slice(0, 2)));
    composite.release();
    ByteBuf plain = Unpooled.copiedBuffer(text("a"));
    assertTrue(FrameParser.isExclusive(plain));
    assertFalse(FrameParser.isExclusive(plain.asReadOnly()));
    assertFalse(FrameParser.isExclusive(plain.retain()));
    plain.release(2);
  }

  /** Adds up the capacities it is asked for. */
  private static final class CountingAllocator extends AbstractByteBufAllocator {
    private long bytes;

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      bytes += initialCapacity;
      return ALLOCATOR.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      bytes += initialCapacity;
      return ALLOCATOR.directBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }
}
