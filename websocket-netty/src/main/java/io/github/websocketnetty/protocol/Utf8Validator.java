package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * Checks that a text message is UTF-8, part by part as it arrives, cut wherever it may be.
 *
 * <p>Refuses a message as soon as the offending byte is there, with a {@link ProtocolException} of
 * code 1007 that names the place: the offset in the whole message of the first byte of the
 * offending sequence. It goes on refusing until {@link #reset}.
 *
 * <p>Not thread-safe. Buffers are only looked at: no index moves, no reference is kept or released.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section 8.1</a>
 */
public final class Utf8Validator {
  private static final int FIRST_LEAD_BYTE = 0xC0;
  private static final int SCRATCH_BYTES = 1024;

  private int state = Utf8Automaton.BOUNDARY;

  /** How many bytes of the message came before this update. */
  private long position;

  /** How many of those belong to the unfinished character at their end; at most 3. */
  private int pendingBytes;

  /** Why the message was refused, or null. */
  private ProtocolException refusal;

  /** Creates a validator at the start of a message. */
  public Utf8Validator() {}

  /**
   * Checks the next bytes of the message, in a buffer of any kind. Uses the buffer's internal NIO
   * view, so that no other thread may do so meanwhile.
   *
   * @param index the absolute index of the first byte
   * @throws IndexOutOfBoundsException if the buffer has no such part
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  public void update(ByteBuf buffer, int index, int length) {
    Objects.checkFromIndexSize(index, length, buffer.capacity());
    if (length == 0) {
      return;
    }
    if (buffer.hasArray()) {
      update(buffer.array(), buffer.arrayOffset() + index, length);
    } else if (buffer.nioBufferCount() == 1) {
      update(buffer.internalNioBuffer(index, length));
    } else if (buffer.nioBufferCount() > 1) {
      for (ByteBuffer part : buffer.nioBuffers(index, length)) {
        update(part);
      }
    } else {
      updateCopied(buffer, index, length);
    }
  }

  /**
   * Checks the next bytes of the message.
   *
   * @throws IndexOutOfBoundsException if the array has no such part
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  public void update(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    int end = Utf8Automaton.run(array, offset, offset + length, state);
    if (end == Utf8Automaton.BOUNDARY) {
      advance(length);
    } else {
      advance(end, length, i -> array[offset + i]);
    }
  }

  /**
   * Checks the next bytes of the message; the buffer's position does not matter and stays.
   *
   * @param offset the absolute index of the first byte
   * @throws IndexOutOfBoundsException if the buffer has no such part below its limit
   * @throws IllegalArgumentException if the buffer is not direct
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  public void update(ByteBuffer direct, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, direct.limit());
    if (!direct.isDirect()) {
      throw new IllegalArgumentException("not a direct buffer: " + direct);
    }
    int end = Utf8Automaton.run(direct, offset, offset + length, state);
    if (end == Utf8Automaton.BOUNDARY) {
      advance(length);
    } else {
      advance(end, length, i -> direct.get(offset + i));
    }
  }

  /**
   * Counts bytes of the message that are already known to be ASCII.
   *
   * @throws IllegalStateException if a character is {@linkplain #isPending pending}, which ASCII
   *     would break off: those bytes must go through {@code update}
   */
  public void skipAscii(long length) {
    if (refusal != null) {
      throw refusal;
    }
    if (isPending()) {
      throw new IllegalStateException(
          "inside a character at position " + (position - pendingBytes));
    }
    position += length;
  }

  /** Returns whether the bytes so far end inside a character, or have been refused. */
  public boolean isPending() {
    return state != Utf8Automaton.BOUNDARY;
  }

  /**
   * Ends the message and makes this ready for the next one.
   *
   * @throws ProtocolException with 1007 if the last character is incomplete
   */
  public void end() {
    if (isPending()) {
      throw refuse("unexpected end of data", position - pendingBytes);
    }
    position = 0;
  }

  /** Forgets everything, for the start of another message. */
  public void reset() {
    state = Utf8Automaton.BOUNDARY;
    position = 0;
    pendingBytes = 0;
    refusal = null;
  }

  private void update(ByteBuffer part) {
    if (part.isDirect()) {
      update(part, part.position(), part.remaining());
    } else if (part.hasArray()) {
      update(part.array(), part.arrayOffset() + part.position(), part.remaining());
    } else {
      updateCopied(part);
    }
  }

  /** Serves read-only memory on the heap, whose array is not to be had. */
  private void updateCopied(ByteBuffer part) {
    byte[] scratch = new byte[Math.min(part.remaining(), SCRATCH_BYTES)];
    for (int i = part.position(); i < part.limit(); i += scratch.length) {
      int length = Math.min(part.limit() - i, scratch.length);
      part.get(i, scratch, 0, length);
      update(scratch, 0, length);
    }
  }

  /** Serves buffers that are nothing but accessors; none of Netty's own that frames come in. */
  private void updateCopied(ByteBuf buffer, int index, int length) {
    byte[] scratch = new byte[Math.min(length, SCRATCH_BYTES)];
    for (int done = 0; done < length; done += scratch.length) {
      int some = Math.min(length - done, scratch.length);
      buffer.getBytes(index + done, scratch, 0, some);
      update(scratch, 0, some);
    }
  }

  private void advance(int length) {
    state = Utf8Automaton.BOUNDARY;
    position += length;
  }

  /** Does what is left when the bytes do not end with a character. */
  private void advance(int end, int length, IntUnaryOperator bytes) {
    if (end == Utf8Automaton.REFUSED) {
      throw refuse(length, bytes);
    }
    if (length != 0) {
      pendingBytes = countPending(length, bytes);
    }
    state = end;
    position += length;
  }

  private int countPending(int length, IntUnaryOperator bytes) {
    for (int count = 1; count <= length; count++) {
      if ((bytes.applyAsInt(length - count) & 0xFF) >= FIRST_LEAD_BYTE) {
        return count;
      }
    }
    // All of them continue the character that was pending before.
    return pendingBytes + length;
  }

  /** Finds the place by taking the steps again one by one. */
  private ProtocolException refuse(int length, IntUnaryOperator bytes) {
    int now = state;
    long start = position - pendingBytes;
    for (int i = 0; i < length && now != Utf8Automaton.REFUSED; i++) {
      if (now == Utf8Automaton.BOUNDARY) {
        start = position + i;
      }
      int following = Utf8Automaton.step(now, (byte) bytes.applyAsInt(i));
      if (following == Utf8Automaton.REFUSED) {
        boolean first = now == Utf8Automaton.BOUNDARY;
        return refuse(first ? "invalid start byte" : "invalid continuation byte", start);
      }
      now = following;
    }
    // Refused before, or else the bytes have changed under our hands.
    return refuse("invalid bytes", start);
  }

  private ProtocolException refuse(String why, long start) {
    if (refusal == null) {
      refusal = ProtocolException.invalidPayload(why + " at position " + start);
      state = Utf8Automaton.REFUSED;
    }
    return refusal;
  }
}
