package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes as compressed messages: what comes out is what java.util.zip makes of them. */
@ExtendWith(LeakCheck.class)
class MessageInflaterFuzzTest {
  private static final List<BufferKind> KINDS = List.of(BufferKind.values());
  private static final long ANY = FrameLimits.UNLIMITED;
  private static final List<FrameLimits> LIMITS =
      List.of(
          new FrameLimits(1 << 20, ANY, 1),
          new FrameLimits(100, ANY, 1),
          new FrameLimits(1 << 20, 50, 1),
          new FrameLimits(70_000, 66_000, 1),
          new FrameLimits(0, 0, 1));

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 500, MessageInflaterFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    Run run = new Run(in);
    try {
      while (!in.isAtEnd() && run.message(in)) {
        // the next one
      }
    } finally {
      run.inflater.end();
      run.reference.end();
    }
  }

  /** One connection. */
  private static final class Run {
    private final FrameLimits limits;
    private final boolean partsWanted;
    private final MessageInflater inflater;
    private final ReferenceInflater reference;
    private final BufferKind kind;

    Run(FuzzInput in) {
      limits = in.one(LIMITS);
      boolean takeover = in.flag();
      boolean validatesText = in.flag();
      partsWanted = in.flag();
      kind = in.one(KINDS);
      int live = in.flag() ? 0 : 1; // 0: each message finds its context parked
      DeflateAgreement agreement = new DeflateAgreement(takeover, false, -1, 0, 15, live, 0);
      inflater = new MessageInflater(agreement, limits, validatesText);
      reference = new ReferenceInflater(takeover, limits, validatesText);
    }

    /** Receives a message. Returns whether it is clear what the next one means. */
    private boolean message(FuzzInput in) {
      int opcode = in.flag() ? Opcode.TEXT : Opcode.BINARY;
      int rsv = in.choose(4) == 3 ? 0 : MessageInflater.RSV1;
      int source = in.choose(4);
      int cuts = in.choose(64);
      byte[] bytes = payload(source, cuts == 0, in);
      List<byte[]> frames = in.pieces(cuts, bytes);
      if (frames.isEmpty()) {
        frames = List.of(bytes);
      }
      for (int i = 0; i < frames.size(); i++) {
        boolean first = i == 0;
        boolean last = i == frames.size() - 1;
        int frameOpcode = first ? opcode : Opcode.CONTINUATION;
        if (!frame(last, first ? rsv : 0, frameOpcode, frames.get(i))) {
          return false;
        }
      }
      return !reference.isAstray();
    }

    /** As it is, or compressed in one of the ways that there are. */
    private static byte[] payload(int source, boolean whole, FuzzInput in) {
      int length = in.choose(256);
      return switch (source) {
        case 1 -> Zlib.alone(in.bytes(length));
        case 2 -> Zlib.finalBlock(in.bytes(length));
        case 3 -> Zlib.alone(new byte[length << (whole ? 9 : 5)]); // the reference is slow
        default -> in.bytes(length);
      };
    }

    private boolean frame(boolean last, int rsv, int opcode, byte[] bytes) {
      ReferenceInflater.Outcome expected = reference.frame(last, rsv, opcode, bytes);
      ByteBuf payload = kind.of(bytes);
      boolean compressed;
      try {
        compressed = inflater.accept(last, rsv, opcode, payload);
      } catch (ProtocolException e) {
        payload.release();
        assertTrue(expected.codes().contains(e.closeCode()), e::getMessage);
        return false;
      }
      if (!compressed) {
        payload.release();
        assertEquals(List.of(), expected.codes());
        return true;
      }
      if (!expected.codes().isEmpty()) {
        ProtocolException e = assertThrows(ProtocolException.class, this::take);
        assertTrue(expected.codes().contains(e.closeCode()), e::getMessage);
        assertFalse(inflater.isInFrame());
        return false;
      }
      assertArrayEquals(expected.output(), take());
      return true;
    }

    private byte[] take() {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      do {
        ByteBuf part =
            partsWanted
                ? inflater.nextPart(ByteBufAllocator.DEFAULT)
                : inflater.rest(ByteBufAllocator.DEFAULT);
        output.writeBytes(ByteBufUtil.getBytes(part));
        int length = part.readableBytes();
        part.release();
        assertTrue(!partsWanted || length <= MessageInflater.LARGEST_PART);
        assertTrue(output.size() <= Math.min(limits.maxMessageSize(), limits.maxFragmentSize()));
      } while (inflater.isInFrame());
      return output.toByteArray();
    }
  }
}
