package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;

/** Takes the frames that a {@link FrameParser} finds. */
@FunctionalInterface
public interface FrameSink {
  /**
   * Takes one complete frame, unmasked and validated.
   *
   * <p>The payload is lent for the duration of the call: who keeps it retains a slice, or copies. A
   * payload that ends at the writer index of {@code buffer} is the last one in it, so the buffer
   * itself may be retained and its indices moved. Nothing may be written outside the payload.
   *
   * @param fin whether this is the last frame of its message
   * @param rsv the three reserved bits, RSV1 being 4, RSV2 being 2 and RSV3 being 1
   * @param opcode one of {@link Opcode}'s constants
   * @param buffer holds the payload, and maybe other frames
   * @param index where the payload begins
   * @param length the bytes of the payload
   */
  void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length);
}
