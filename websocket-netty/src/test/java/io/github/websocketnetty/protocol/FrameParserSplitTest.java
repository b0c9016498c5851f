package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts every shape of frame everywhere: what comes out must not depend on how the bytes came in.
 */
@ExtendWith(LeakCheck.class)
class FrameParserSplitTest {
  private static final FrameLimits LIMITS = new FrameLimits(2 << 20, FrameLimits.UNLIMITED, 100);

  private static final List<BufferKind> KINDS =
      List.of(
          BufferKind.HEAP,
          BufferKind.ADAPTIVE_DIRECT,
          BufferKind.POOLED_DIRECT,
          BufferKind.ODD_DIRECT_SLICE,
          BufferKind.COMPOSITE_OF_ALL_SORTS,
          BufferKind.READ_ONLY_HEAP,
          BufferKind.READ_ONLY_DIRECT);

  private static final List<ByteBufAllocator> ALLOCATORS =
      List.of(
          new AdaptiveByteBufAllocator(),
          PooledByteBufAllocator.DEFAULT,
          UnpooledByteBufAllocator.DEFAULT);

  /** A run of frames and the bytes they make. */
  private record Shape(String name, Side side, List<Frame> frames) {
    byte[] bytes() {
      boolean masked = side == Side.SERVER;
      return WireFrame.join(
          frames.stream()
              .map(f -> WireFrame.of(f.fin(), f.rsv(), f.opcode(), masked, f.payload()))
              .toArray(byte[][]::new));
    }

    @Override
    public String toString() {
      return name + " to " + side;
    }
  }

  static Stream<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>();
    for (Side side : Side.values()) {
      for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 1 << 20}) {
        for (int opcode : new int[] {Opcode.TEXT, Opcode.BINARY}) {
          shapes.add(between(side, Opcode.name(opcode) + " " + length, opcode, length));
        }
      }
      for (int opcode : new int[] {Opcode.PING, Opcode.PONG}) {
        for (int length : new int[] {0, 1, 125}) {
          shapes.add(between(side, Opcode.name(opcode) + " " + length, opcode, length));
        }
      }
      shapes.add(fragmented(side));
      shapes.add(closing(side));
    }
    return shapes.stream();
  }

  static Stream<Arguments> shapesInKinds() {
    return shapes().flatMap(shape -> KINDS.stream().map(kind -> Arguments.of(shape, kind)));
  }

  private static Frame frame(boolean fin, int opcode, byte[] payload) {
    return new Frame(fin, 0, opcode, payload);
  }

  private static Frame text(boolean fin, int opcode, String text) {
    return frame(fin, opcode, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The frame of interest between two others, so that a parser out of step is noticed. */
  private static Shape between(Side side, String name, int opcode, int length) {
    return new Shape(
        name,
        side,
        List.of(
            frame(true, Opcode.PING, new byte[] {7}),
            frame(true, opcode, WireFrame.letters(length)),
            text(true, Opcode.TEXT, "é")));
  }

  // PROTO-16
  private static Shape fragmented(Side side) {
    return new Shape(
        "fragments",
        side,
        List.of(
            text(false, Opcode.TEXT, "grüß"),
            frame(true, Opcode.PING, WireFrame.letters(125)),
            text(false, Opcode.CONTINUATION, ""),
            frame(true, Opcode.PONG, new byte[0]),
            // A character over two fragments, with a control frame between its bytes.
            frame(false, Opcode.CONTINUATION, new byte[] {(byte) 0xF0, (byte) 0x9F}),
            frame(true, Opcode.PING, new byte[] {0}),
            frame(true, Opcode.CONTINUATION, new byte[] {(byte) 0x98, (byte) 0x80}),
            frame(false, Opcode.BINARY, new byte[] {(byte) 0xFF}),
            frame(true, Opcode.CONTINUATION, new byte[0])));
  }

  private static Shape closing(Side side) {
    return new Shape(
        "close",
        side,
        List.of(
            text(true, Opcode.TEXT, "last"),
            frame(true, Opcode.CLOSE, WireFrame.hex("03e9 62 79 65"))));
  }

  @ParameterizedTest
  @MethodSource("shapesInKinds")
  void everyCutInOrAroundAHeaderGivesTheSameFrames(Shape shape, BufferKind kind) {
    byte[] bytes = shape.bytes();
    for (int cut : cuts(shape, bytes.length)) {
      for (ByteBufAllocator allocator : allocatorsFor(bytes.length)) {
        List<Frame> got = parse(shape.side(), kind, allocator, bytes, cut);
        assertEquals(shape.frames(), got, () -> "cut at " + cut + " with " + allocator);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void byteByByteGivesTheSameFrames(Shape shape) {
    byte[] bytes = shape.bytes();
    int[] cuts = new int[bytes.length - 1];
    for (int i = 0; i < cuts.length; i++) {
      cuts[i] = i + 1;
    }
    for (ByteBufAllocator allocator : allocatorsFor(bytes.length)) {
      List<Frame> got = parse(shape.side(), BufferKind.HEAP, allocator, bytes, cuts);
      assertEquals(shape.frames(), got);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shortFramesSurviveEveryPairOfCutsInEveryKindOfBuffer(BufferKind kind) {
    for (Side side : Side.values()) {
      Shape shape = fragmented(side);
      byte[] bytes = shape.bytes();
      for (int first = 0; first < bytes.length; first += 3) {
        for (int second = first + 1; second < bytes.length; second++) {
          List<Frame> got =
              parse(side, kind, UnpooledByteBufAllocator.DEFAULT, bytes, first, second);
          assertEquals(shape.frames(), got, "cut at " + first + " and " + second);
        }
      }
    }
  }

  private static List<ByteBufAllocator> allocatorsFor(int length) {
    return length > 100_000 ? ALLOCATORS.subList(0, 1) : ALLOCATORS;
  }

  /**
   * Every position within 16 bytes of the start or the end of a frame, and some within payloads.
   */
  private static TreeSet<Integer> cuts(Shape shape, int length) {
    TreeSet<Integer> cuts = new TreeSet<>();
    int start = 0;
    for (Frame frame : shape.frames()) {
      boolean masked = shape.side() == Side.SERVER;
      int end =
          start + WireFrame.of(frame.fin(), 0, frame.opcode(), masked, frame.payload()).length;
      int reach = end - start > 100_000 ? 14 : 16;
      for (int i = -2; i <= reach; i++) {
        cuts.add(start + i);
        cuts.add(end - i);
      }
      cuts.add((start + end) / 2);
      start = end;
    }
    cuts.removeIf(cut -> cut < 0 || cut > length);
    return cuts;
  }

  private static List<Frame> parse(
      Side side, BufferKind kind, ByteBufAllocator allocator, byte[] bytes, int... cuts) {
    FrameParser parser = new FrameParser(side, LIMITS, true, 0);
    RecordedFrames recorded = new RecordedFrames();
    int start = 0;
    for (int i = 0; i <= cuts.length; i++) {
      int end = i < cuts.length ? cuts[i] : bytes.length;
      ByteBuf in = kind.of(Arrays.copyOfRange(bytes, start, end));
      parser.parse(in, FrameParser.isExclusive(in), allocator, recorded);
      in.release();
      start = end;
    }
    return recorded.frames();
  }

  @ParameterizedTest
  @EnumSource
  void bufferThatSomebodyElseHoldsIsNotChanged(BufferKind kind) {
    Shape shape = fragmented(Side.SERVER);
    byte[] bytes = shape.bytes();
    FrameParser parser = new FrameParser(Side.SERVER, LIMITS, true, 0);
    RecordedFrames recorded = new RecordedFrames();
    ByteBuf in = kind.of(bytes);
    ByteBuf tee = in.retainedDuplicate();
    parser.parse(in, FrameParser.isExclusive(in), UnpooledByteBufAllocator.DEFAULT, recorded);
    in.release();
    assertEquals(shape.frames(), recorded.frames());
    assertArrayEquals(bytes, ByteBufUtil.getBytes(tee));
    tee.release();
  }
}
