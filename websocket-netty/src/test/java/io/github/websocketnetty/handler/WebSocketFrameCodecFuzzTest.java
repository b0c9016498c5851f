package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.ReferenceParser;
import io.github.websocketnetty.protocol.ReferenceParser.Reading;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.BufferKind;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes, cut anywhere, in any buffers: the codec reads what the reference reads. */
@ExtendWith(LeakCheck.class)
class WebSocketFrameCodecFuzzTest {
  static final List<FrameLimits> LIMITS =
      List.of(
          FrameLimits.DEFAULT,
          new FrameLimits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED, Integer.MAX_VALUE),
          new FrameLimits(40, 20, 3),
          new FrameLimits(70_000, FrameLimits.UNLIMITED, 100),
          new FrameLimits(0, 0, 1));

  static final List<BufferKind> KINDS = List.of(BufferKind.values());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 4000, WebSocketFrameCodecFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    Side side = in.flag() ? Side.CLIENT : Side.SERVER;
    FrameLimits limits = in.one(LIMITS);
    boolean validatesText = !in.flag();
    int rsvInUse = in.flag() ? 4 : 0;
    BufferKind kind = in.one(KINDS);
    boolean shared = in.flag();
    boolean autoRead = !in.flag();
    int cuts = in.choose(256);
    byte[] bytes = in.rest();

    WebSocketFrameCodec codec = new WebSocketFrameCodec(side, limits, validatesText, rsvInUse);
    FrameRecorder recorder = new FrameRecorder();
    EmbeddedChannel channel = new EmbeddedChannel(codec, recorder);
    channel.config().setAutoRead(autoRead);
    for (byte[] piece : in.pieces(cuts, bytes)) {
      receive(channel, kind.of(piece), shared);
      channel.read();
    }
    channel.finishAndReleaseAll();

    Reading expected = ReferenceParser.read(bytes, side, limits, validatesText, rsvInUse);
    recorder.assertSaw(expected);
  }

  /** Buffers of which something else holds a reference are left as they are. */
  static void receive(EmbeddedChannel channel, ByteBuf piece, boolean shared) {
    if (!shared) {
      channel.writeInbound(piece);
      return;
    }
    ByteBuf tee = piece.retainedDuplicate();
    byte[] before = ByteBufUtil.getBytes(tee);
    channel.writeInbound(piece);
    assertArrayEquals(before, ByteBufUtil.getBytes(tee));
    tee.release();
  }
}
