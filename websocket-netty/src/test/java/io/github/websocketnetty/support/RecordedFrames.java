package io.github.websocketnetty.support;

import io.github.websocketnetty.protocol.FrameSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Copies what it is given. */
public final class RecordedFrames implements FrameSink {
  private final List<Frame> frames = new ArrayList<>();

  /** A frame as plain values. */
  public record Frame(boolean fin, int rsv, int opcode, byte[] payload) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Frame other
          && fin == other.fin
          && rsv == other.rsv
          && opcode == other.opcode
          && Arrays.equals(payload, other.payload);
    }

    @Override
    public int hashCode() {
      return Objects.hash(fin, rsv, opcode, Arrays.hashCode(payload));
    }

    @Override
    public String toString() {
      return (fin ? "fin " : "") + rsv + "/" + opcode + " " + payload.length + " bytes";
    }
  }

  @Override
  public void onFrame(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    frames.add(new Frame(fin, rsv, opcode, ByteBufUtil.getBytes(buffer, index, length, true)));
  }

  /** Returns what came so far. */
  public List<Frame> frames() {
    return frames;
  }
}
