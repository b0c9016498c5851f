package io.github.websocketnetty.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The states of a UTF-8 text and the loops that run through them.
 *
 * <p>A state is a multiple of 6. The table has a {@code long} for each byte, and the 6 bits of it
 * at the position of a state are the state that follows. So one step is one shift, without a branch
 * that could be predicted wrongly. The last state reached is in the lower 6 bits of the result.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3629#section-4">RFC 3629, section 4</a>
 */
final class Utf8Automaton {
  /** No way out: the bits of this state are 0 in every entry. */
  static final int REFUSED = 0;

  /** Between two characters. */
  static final int BOUNDARY = 6;

  private static final int ONE_MORE = 12;
  private static final int TWO_MORE = 18;
  private static final int THREE_MORE = 24;

  /** Behind the lead bytes whose second byte is restricted: no overlong forms, no surrogates. */
  private static final int AFTER_E0 = 30;

  private static final int AFTER_ED = 36;
  private static final int AFTER_F0 = 42;
  private static final int AFTER_F4 = 48;
  private static final int STATE_MASK = 63;

  private static final long[] TABLE = new long[256];

  static {
    allow(BOUNDARY, 0x00, 0x7F, BOUNDARY);
    allow(BOUNDARY, 0xC2, 0xDF, ONE_MORE);
    allow(BOUNDARY, 0xE0, 0xE0, AFTER_E0);
    allow(BOUNDARY, 0xE1, 0xEC, TWO_MORE);
    allow(BOUNDARY, 0xED, 0xED, AFTER_ED);
    allow(BOUNDARY, 0xEE, 0xEF, TWO_MORE);
    allow(BOUNDARY, 0xF0, 0xF0, AFTER_F0);
    allow(BOUNDARY, 0xF1, 0xF3, THREE_MORE);
    allow(BOUNDARY, 0xF4, 0xF4, AFTER_F4);
    allow(ONE_MORE, 0x80, 0xBF, BOUNDARY);
    allow(TWO_MORE, 0x80, 0xBF, ONE_MORE);
    allow(THREE_MORE, 0x80, 0xBF, TWO_MORE);
    allow(AFTER_E0, 0xA0, 0xBF, ONE_MORE);
    allow(AFTER_ED, 0x80, 0x9F, ONE_MORE);
    allow(AFTER_F0, 0x90, 0xBF, TWO_MORE);
    allow(AFTER_F4, 0x80, 0x8F, TWO_MORE);
  }

  private static final VarHandle ARRAY_LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** So many bytes are tested for ASCII at once. */
  private static final int ASCII_BLOCK = 32;

  /** After so many it seems to be ASCII for long. */
  private static final int ASCII_PROOF = 128;

  /** And so many are tested at once then. */
  private static final int ASCII_RUN = 512;

  /** So many bytes are stepped through before ASCII is tried again, if it has just been found. */
  private static final int FEW_STEPS = 16;

  /** And so many if it has not: trying costs, most of all where the answer is hard to predict. */
  private static final int MANY_STEPS = 64;

  private Utf8Automaton() {}

  private static void allow(int state, int lowByte, int highByte, int following) {
    for (int b = lowByte; b <= highByte; b++) {
      TABLE[b] |= (long) following << state;
    }
  }

  /** Returns the state that follows on a byte. */
  static int step(int state, byte b) {
    return (int) (TABLE[b & 0xFF] >>> state) & STATE_MASK;
  }

  /** Returns the state at the end of the region, or {@link #REFUSED}. */
  static int run(byte[] array, int offset, int end, int state) {
    int now = state;
    int i = offset;
    int count = FEW_STEPS;
    while (end - i >= ASCII_BLOCK) {
      if (now == BOUNDARY) {
        int ascii = skipAscii(array, i, end) - i;
        count = ascii > 0 ? FEW_STEPS : MANY_STEPS;
        i += ascii;
      }
      int stop = Math.min(i + count, end);
      now = steps(array, i, stop, now);
      if (now == REFUSED) {
        return REFUSED;
      }
      i = stop;
    }
    return steps(array, i, end, now);
  }

  /** Returns where the first block starts that is incomplete or not ASCII. */
  private static int skipAscii(byte[] array, int offset, int end) {
    int i = offset;
    while (end - i >= ASCII_BLOCK
        && (((long) ARRAY_LONGS.get(array, i)
                    | (long) ARRAY_LONGS.get(array, i + 8)
                    | (long) ARRAY_LONGS.get(array, i + 16)
                    | (long) ARRAY_LONGS.get(array, i + 24))
                & HIGH_BITS)
            == 0) {
      i += ASCII_BLOCK;
    }
    return i;
  }

  /** By eights: what the compiler unrolls of a loop this short is less. */
  private static int steps(byte[] array, int offset, int end, int state) {
    long now = state;
    int i = offset;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      now = TABLE[array[i] & 0xFF] >>> now;
      now = TABLE[array[i + 1] & 0xFF] >>> now;
      now = TABLE[array[i + 2] & 0xFF] >>> now;
      now = TABLE[array[i + 3] & 0xFF] >>> now;
      now = TABLE[array[i + 4] & 0xFF] >>> now;
      now = TABLE[array[i + 5] & 0xFF] >>> now;
      now = TABLE[array[i + 6] & 0xFF] >>> now;
      now = TABLE[array[i + 7] & 0xFF] >>> now;
    }
    for (; i < end; i++) {
      now = TABLE[array[i] & 0xFF] >>> now;
    }
    return (int) now & STATE_MASK;
  }

  /**
   * Does the same for a direct buffer, in a method of its own: if buffers on the heap came here too
   * the loops would be many times slower.
   */
  static int run(ByteBuffer direct, int offset, int end, int state) {
    ByteBuffer bytes =
        direct.order() == ByteOrder.LITTLE_ENDIAN
            ? direct
            : direct.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int now = state;
    int i = offset;
    int count = FEW_STEPS;
    while (end - i >= ASCII_BLOCK) {
      if (now == BOUNDARY) {
        int ascii = skipAscii(bytes, i, end) - i;
        count = ascii > 0 ? FEW_STEPS : MANY_STEPS;
        i += ascii;
      }
      int stop = Math.min(i + count, end);
      now = steps(bytes, i, stop, now);
      if (now == REFUSED) {
        return REFUSED;
      }
      i = stop;
    }
    return steps(bytes, i, end, now);
  }

  private static int skipAscii(ByteBuffer bytes, int offset, int end) {
    int i = offset;
    while (end - i >= ASCII_BLOCK && (collect(bytes, i) & HIGH_BITS) == 0) {
      i += ASCII_BLOCK;
      if (i - offset == ASCII_PROOF) {
        // In a loop that counts, without a way out, an access costs a quarter.
        while (end - i >= ASCII_RUN && (collect(bytes, i, i + ASCII_RUN) & HIGH_BITS) == 0) {
          i += ASCII_RUN;
        }
      }
    }
    return i;
  }

  private static long collect(ByteBuffer bytes, int offset, int end) {
    long collected = 0;
    for (int i = offset; i < end; i += ASCII_BLOCK) {
      collected |= collect(bytes, i);
    }
    return collected;
  }

  private static long collect(ByteBuffer bytes, int i) {
    return bytes.getLong(i) | bytes.getLong(i + 8) | bytes.getLong(i + 16) | bytes.getLong(i + 24);
  }

  private static int steps(ByteBuffer bytes, int offset, int end, int state) {
    long now = state;
    int i = offset;
    // One access for eight bytes: a byte-wise one checks the buffer's bounds and session each time.
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long eight = bytes.getLong(i);
      now = TABLE[(int) eight & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 8) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 16) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 24) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 32) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 40) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 48) & 0xFF] >>> now;
      now = TABLE[(int) (eight >>> 56)] >>> now;
    }
    for (; i < end; i++) {
      now = TABLE[bytes.get(i) & 0xFF] >>> now;
    }
    return (int) now & STATE_MASK;
  }
}
