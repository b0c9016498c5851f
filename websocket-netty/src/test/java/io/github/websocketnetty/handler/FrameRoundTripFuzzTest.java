package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever one side writes, in whatever buffers, comes out on the other, cut anywhere. */
@ExtendWith(LeakCheck.class)
class FrameRoundTripFuzzTest {
  /** Around every border of the formats, the batch and the parts. */
  private static final List<Integer> LENGTHS =
      List.of(0, 1, 2, 5, 31, 125, 126, 127, 1023, 1024, 1025, 4096, 4097, 65_535, 65_536, 70_001);

  private static final int MOST_BYTES = 150_000;
  private static final FrameLimits LIMITS =
      new FrameLimits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED, Integer.MAX_VALUE);
  private static final DeflateAgreement DEFLATE = new DeflateAgreement(true, true, 1, 0);

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 200, FrameRoundTripFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    Run run = new Run(new FuzzInput(data));
    run.run();
    run.sender.finishAndReleaseAll();
    run.receiver.finishAndReleaseAll();
  }

  /** One sender and one receiver. */
  private static final class Run {
    private final FuzzInput in;
    private final boolean deflate;
    private final boolean partsWanted;
    private final EmbeddedChannel sender;
    private final EmbeddedChannel receiver;
    private final FrameRecorder recorder = new FrameRecorder();
    private final List<Frame> written = new ArrayList<>();
    private final List<ChannelFuture> futures = new ArrayList<>();
    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
    private boolean open;

    Run(FuzzInput in) {
      this.in = in;
      Side side = in.flag() ? Side.CLIENT : Side.SERVER;
      deflate = in.flag();
      partsWanted = in.flag();
      sender = channel(side);
      receiver = channel(side.peer());
      receiver.pipeline().addLast(recorder);
      receiver.pipeline().get(WebSocketFrameCodec.class).deliverParts(partsWanted);
    }

    private EmbeddedChannel channel(Side side) {
      EmbeddedChannel channel =
          new EmbeddedChannel(new WebSocketFrameCodec(side, LIMITS, true, deflate ? 4 : 0));
      if (deflate) {
        WebSocketDeflateHandler handler = new WebSocketDeflateHandler(DEFLATE, LIMITS, true);
        handler.deliverParts(partsWanted);
        channel.pipeline().addLast(handler);
      }
      return channel;
    }

    private void run() {
      int cuts = in.choose(256);
      int bytes = 0;
      while (!in.isAtEnd() && bytes < MOST_BYTES) {
        bytes += write();
      }
      sender.flush();
      collect();
      for (ChannelFuture future : futures) {
        assertTrue(future.isSuccess(), () -> String.valueOf(future.cause()));
      }
      BufferKind kind = in.one(List.of(BufferKind.ADAPTIVE_DIRECT, BufferKind.HEAP));
      for (byte[] piece : in.pieces(cuts, wire.toByteArray())) {
        receiver.writeInbound(kind.of(piece));
      }
      assertEquals(List.of(), recorder.errors);
      assertEquals(joined(written), joined(recorder.frames));
      if (!partsWanted) {
        assertEquals(written, recorder.frames);
      }
    }

    /** Writes a frame, and flushes it or not. Returns the length of its payload. */
    private int write() {
      int what = in.choose(8);
      if (what == 7) {
        sender.flush();
        collect();
        return 0;
      }
      boolean control = what >= 5;
      int opcode = control ? (what == 5 ? Opcode.PING : Opcode.PONG) : open ? 0 : 1 + what % 2;
      boolean fin = control || in.flag();
      int length = in.one(control ? LENGTHS.subList(0, 6) : LENGTHS);
      byte[] payload = payload(length);
      open = control ? open : !fin;
      written.add(new Frame(fin, 0, opcode, payload));
      futures.add(sender.write(frame(fin, opcode, payload)));
      return length;
    }

    /** Text that has all lengths of characters when it is long, else letters. */
    private byte[] payload(int length) {
      byte[] unit = "aé€😀".getBytes(StandardCharsets.UTF_8);
      byte[] payload = WireFrame.letters(length);
      int rotation = in.choose(256);
      for (int i = 0; i + unit.length <= length && rotation % 2 == 1; i += unit.length + rotation) {
        System.arraycopy(unit, 0, payload, i, unit.length);
      }
      return payload;
    }

    private WebSocketFrame frame(boolean fin, int opcode, byte[] payload) {
      int kind = in.choose(BufferKind.values().length + 1);
      if (kind == 0 && !Opcode.isControl(opcode)) {
        ByteBuf owned = OwnedFrames.buffer(sender.alloc(), payload.length).writeBytes(payload);
        return switch (opcode) {
          case Opcode.TEXT -> OwnedFrames.text(fin, owned);
          case Opcode.BINARY -> OwnedFrames.binary(fin, owned);
          default -> OwnedFrames.continuation(fin, owned);
        };
      }
      ByteBuf buffer = BufferKind.values()[Math.max(kind - 1, 0)].of(payload);
      return InboundFrames.of(fin, 0, opcode, buffer);
    }

    private void collect() {
      for (ByteBuf part; (part = sender.readOutbound()) != null; part.release()) {
        wire.writeBytes(ByteBufUtil.getBytes(part));
      }
    }

    /**
     * What does not depend on how a message was fragmented: its bytes, and the controls between.
     */
    private static List<Frame> joined(List<Frame> frames) {
      List<Frame> joined = new ArrayList<>();
      for (Frame frame : frames) {
        int before = joined.size() - 1;
        if (frame.opcode() == 0 && !Opcode.isControl(joined.get(before).opcode())) {
          Frame begun = joined.remove(before);
          byte[] payload = WireFrame.join(begun.payload(), frame.payload());
          joined.add(new Frame(frame.fin(), 0, begun.opcode(), payload));
        } else {
          joined.add(frame);
        }
      }
      return joined;
    }
  }
}
