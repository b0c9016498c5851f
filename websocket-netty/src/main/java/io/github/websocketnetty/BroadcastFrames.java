package io.github.websocketnetty;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateParameters;
import io.github.websocketnetty.protocol.FrameWriter;
import io.github.websocketnetty.protocol.MessageDeflater;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A message as frames without a mask, as they stand on the wire: uncompressed, and compressed once
 * for each level and window, where no context is taken over. Each is made when the first connection
 * needs it.
 */
final class BroadcastFrames {
  private record Deflated(int level, int windowBits, ByteBuf frame, Deflated next) {}

  private final MessageType type;
  private final ByteBuf payload;

  // Written under the lock.
  private volatile ByteBuf plain;
  private volatile Deflated deflated;

  /** Creates none yet. Nobody may write to the payload or end it. */
  BroadcastFrames(MessageType type, ByteBuf payload) {
    this.type = type;
    this.payload = payload;
  }

  /**
   * Returns the frame for connections that compress so, which they must retain to write it, or null
   * if each needs its own. Any event loop; others that need the same frame wait while it is made.
   *
   * @param agreement null for no compression
   */
  ByteBuf of(DeflateAgreement agreement) {
    try {
      if (agreement == null || payload.readableBytes() < agreement.threshold()) {
        return plain();
      }
      return agreement.deflatesWithContext()
          ? null
          : deflated(agreement.level(), windowBits(agreement));
    } catch (OutOfMemoryError noRoom) {
      return null; // who makes its own fails for itself, and not for all
    }
  }

  /** A message that is no larger than a window needs no frame of its own for it. */
  private int windowBits(DeflateAgreement agreement) {
    int bits = agreement.windowBits();
    return payload.readableBytes() <= 1 << bits ? DeflateParameters.LARGEST_WINDOW_BITS : bits;
  }

  private ByteBuf plain() {
    if (plain == null) {
      synchronized (this) {
        if (plain == null) {
          plain = frame(0, payload);
        }
      }
    }
    return plain;
  }

  private ByteBuf deflated(int level, int windowBits) {
    ByteBuf known = find(level, windowBits);
    if (known != null) {
      return known;
    }
    synchronized (this) {
      known = find(level, windowBits);
      if (known == null) {
        known = deflate(level, windowBits);
        deflated = new Deflated(level, windowBits, known, deflated);
      }
      return known;
    }
  }

  private ByteBuf find(int level, int windowBits) {
    for (Deflated each = deflated; each != null; each = each.next()) {
      if (each.level() == level && each.windowBits() == windowBits) {
        return each.frame();
      }
    }
    return null;
  }

  private ByteBuf deflate(int level, int windowBits) {
    MessageDeflater deflater =
        new MessageDeflater(
            new DeflateAgreement(false, false, level, 0, windowBits, windowBits, 0, 0));
    ByteBuf shorter = null;
    try {
      shorter = deflater.deflate(ByteBufAllocator.DEFAULT, payload, true);
      // One that would grow goes uncompressed, as it does in a connection of its own.
      boolean isWorse = payload.isReadable() && shorter.readableBytes() >= payload.readableBytes();
      return isWorse ? plain().retain() : frame(MessageInflater.RSV1, shorter);
    } finally {
      deflater.end();
      if (shorter != null) {
        shorter.release();
      }
    }
  }

  private ByteBuf frame(int rsv, ByteBuf content) {
    FrameWriter writer = new FrameWriter(Side.SERVER);
    int length = content.readableBytes();
    ByteBuf out = ByteBufAllocator.DEFAULT.ioBuffer(writer.headerLength(length) + length);
    int opcode = type == MessageType.TEXT ? Opcode.TEXT : Opcode.BINARY;
    writer.append(out, true, rsv, opcode, content);
    return out;
  }

  /** Frees all of them, once nobody asks for any. */
  synchronized void release() {
    if (plain != null) {
      plain.release();
    }
    for (Deflated each = deflated; each != null; each = each.next()) {
      each.frame().release();
    }
  }
}
