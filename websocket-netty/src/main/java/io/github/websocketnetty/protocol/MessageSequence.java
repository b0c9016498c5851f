package io.github.websocketnetty.protocol;

import java.util.Objects;

/**
 * Follows the data frames of one direction: their order, and the size of the message they make.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section 5.4</a>
 */
public final class MessageSequence {
  /** Payloads are handed over as one buffer, so this bounds a frame even without limits. */
  private static final long LARGEST_BUFFER = Integer.MAX_VALUE - 64;

  private final FrameLimits limits;

  // Not an int, in an object that every connection has.
  private byte opcode = Opcode.CONTINUATION;
  private boolean transformed;
  private long size;
  private int fragments;

  /** Creates a sequence between two messages. */
  public MessageSequence(FrameLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
  }

  /** Returns whether a message was begun and not ended. */
  public boolean isOpen() {
    return opcode != Opcode.CONTINUATION;
  }

  /** Returns {@link Opcode#TEXT} or {@link Opcode#BINARY} while a message is open, else 0. */
  public int opcode() {
    return opcode;
  }

  /** Returns the payload bytes of the open message so far, 0 between messages. */
  public long size() {
    return size;
  }

  /**
   * Checks that a data frame with this opcode may come now, leaving the sequence as it is.
   *
   * @throws ProtocolException with 1002 if it may not, with 1009 if the message has too many frames
   */
  public void checkOrder(int dataOpcode) {
    if (isOpen()) {
      if (dataOpcode != Opcode.CONTINUATION) {
        throw ProtocolException.violation("expected a continuation frame");
      }
      if (fragments >= limits.fragments(size, transformed)) {
        throw tooMany();
      }
    } else if (dataOpcode == Opcode.CONTINUATION) {
      throw ProtocolException.violation("unexpected continuation frame");
    }
  }

  /**
   * Checks that a data frame with this many payload bytes fits, leaving the sequence as it is.
   *
   * @throws ProtocolException with 1009 if it does not
   */
  public void checkLength(long length) {
    if (length > Math.min(limits.maxFragmentSize(), LARGEST_BUFFER)) {
      throw tooBig(length, Math.min(limits.maxFragmentSize(), LARGEST_BUFFER), 0);
    }
    if (length > limits.maxMessageSize() - size) {
      throw tooBig(length, limits.maxMessageSize(), size);
    }
  }

  /** Takes note of a data frame that passed the checks. */
  public void accept(boolean fin, int rsv, int dataOpcode, long length) {
    if (fin) {
      opcode = Opcode.CONTINUATION;
      size = 0;
      fragments = 0;
      return;
    }
    if (dataOpcode != Opcode.CONTINUATION) {
      opcode = (byte) dataOpcode;
      transformed = rsv != 0;
    }
    size += length;
    fragments++;
  }

  private ProtocolException tooMany() {
    boolean isSet = limits.maxFragments() != FrameLimits.FRAGMENTS_BY_SIZE;
    return ProtocolException.tooBig(
        "message has more than "
            + fragments
            + " fragments"
            + (isSet ? "" : " in " + size + " bytes"));
  }

  private static ProtocolException tooBig(long length, long limit, long before) {
    String after = before == 0 ? "" : " after reading " + before + " bytes";
    return ProtocolException.tooBig(
        "frame with " + length + " bytes" + after + " exceeds limit of " + limit + " bytes");
  }
}
