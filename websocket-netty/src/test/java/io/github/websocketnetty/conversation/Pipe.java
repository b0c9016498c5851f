package io.github.websocketnetty.conversation;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * One direction of the wire: bytes go in while there is room, and come out later, cut anywhere. It
 * can be slow, stand still, be narrow, and end with a FIN or a reset.
 */
final class Pipe {
  private static final int MOST = 65_536;

  /** What was written at once; the end is one as well. */
  private record Piece(byte[] bytes, long due, boolean isFin) {}

  private final VirtualLoop loop;
  private final FrameTap tap;
  private final Deque<Piece> flight = new ArrayDeque<>();
  private int taken; // of the first piece
  private int bytes;
  private long resetDue = Long.MAX_VALUE;
  private long consumed;

  /** For which time the bytes are on their way. */
  long delayNanos;

  /** Whether nothing arrives. */
  boolean isHeld;

  /** How many bytes may be on their way or wait to be read. */
  int capacity = Integer.MAX_VALUE;

  /** How many bytes come out at once. */
  int cut = MOST;

  Pipe(VirtualLoop loop, FrameTap tap) {
    this.loop = loop;
    this.tap = tap;
  }

  int room() {
    return Math.max(0, capacity - bytes);
  }

  /** Takes bytes, for which there must be room. */
  void write(ByteBuf from, int length) {
    byte[] piece = new byte[length];
    from.getBytes(from.readerIndex(), piece);
    tap.add(piece);
    if (resetDue == Long.MAX_VALUE) {
      flight.add(new Piece(piece, loop.now() + delayNanos, false));
      bytes += length;
    }
  }

  void fin() {
    if (flight.isEmpty() || !flight.getLast().isFin) {
      flight.add(new Piece(new byte[0], loop.now() + delayNanos, true));
    }
  }

  /** What is on its way is lost. */
  void reset() {
    drop();
    resetDue = Math.min(resetDue, loop.now() + delayNanos);
  }

  /** Loses what would come out; nobody is there. */
  void drop() {
    flight.clear();
    taken = 0;
    bytes = 0;
  }

  boolean isReset() {
    return !isHeld && resetDue <= loop.now();
  }

  /** Returns whether it was reset, or will be when that has arrived. */
  boolean wasReset() {
    return resetDue != Long.MAX_VALUE;
  }

  private boolean hasArrived() {
    return !isHeld && !flight.isEmpty() && flight.getFirst().due <= loop.now();
  }

  boolean hasBytes() {
    return hasArrived() && !flight.getFirst().isFin;
  }

  boolean isFinished() {
    return hasArrived() && flight.getFirst().isFin;
  }

  /** Returns the next bytes, as many as come out at once. */
  byte[] read() {
    Piece first = flight.getFirst();
    int end = Math.min(first.bytes.length, taken + Math.max(1, cut));
    byte[] read = Arrays.copyOfRange(first.bytes, taken, end);
    taken = end;
    if (taken == first.bytes.length) {
      flight.removeFirst();
      taken = 0;
    }
    bytes -= read.length;
    consumed += read.length;
    return read;
  }

  /** Returns how many bytes have been read. */
  long consumed() {
    return consumed;
  }

  /** Returns when something will arrive that has not, {@link Long#MAX_VALUE} for never. */
  long nextArrival() {
    if (isHeld) {
      return Long.MAX_VALUE;
    }
    long next = resetDue > loop.now() ? resetDue : Long.MAX_VALUE;
    boolean isUnderWay = !flight.isEmpty() && flight.getFirst().due > loop.now();
    return isUnderWay ? Math.min(next, flight.getFirst().due) : next;
  }

  FrameTap tap() {
    return tap;
  }
}
