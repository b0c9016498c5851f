package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;

/** Takes the frames that a {@link FrameParser} finds. */
@FunctionalInterface
public interface FrameSink {
  /**
   * Takes one complete frame, unmasked and validated.
   *
   * @param fin whether this is the last frame of its message
   * @param rsv the three reserved bits, RSV1 being 4, RSV2 being 2 and RSV3 being 1
   * @param opcode one of {@link Opcode}'s constants
   * @param payload the payload from reader to writer index; the sink owns one reference and
   *     releases it
   */
  void onFrame(boolean fin, int rsv, int opcode, ByteBuf payload);
}
