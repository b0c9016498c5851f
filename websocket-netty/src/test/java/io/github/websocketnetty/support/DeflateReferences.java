package io.github.websocketnetty.support;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Reads a DEFLATE stream bit by bit, as RFC 1951 says, to see how far its references reach back.
 * Shares no code with zlib.
 */
public final class DeflateReferences {
  private static final int LONGEST_CODE = 15;
  private static final int END_OF_BLOCK = 256;
  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  private byte[] in = {};
  private int bitIndex;
  private byte[] out = new byte[1 << 16];
  private int size;
  private int farthest;

  /** Returns the largest distance so far, 0 if there was no reference. */
  public int farthest() {
    return farthest;
  }

  /**
   * Decompresses blocks up to the end of the bytes; a reference may go back to those before.
   *
   * @param data whole blocks, the last of which may be followed by padding
   */
  public byte[] read(byte[] data) {
    in = data;
    bitIndex = 0;
    int before = size;
    while (bitIndex < 8 * in.length) {
      bits(1); // whether the block is the final one
      switch (bits(2)) {
        case 0 -> stored();
        case 1 -> compressed(fixedLiterals(), fixedDistances());
        case 2 -> dynamic();
        default -> throw new AssertionError("reserved type of block");
      }
    }
    return Arrays.copyOfRange(out, before, size);
  }

  /** Decompresses a message, or a part of one with the tail of its flush. */
  public byte[] message(byte[] data, boolean addTail) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(data);
    if (addTail) {
      whole.writeBytes(new byte[] {0, 0, -1, -1});
    }
    return read(whole.toByteArray());
  }

  private void stored() {
    bitIndex = (bitIndex + 7) / 8 * 8;
    int length = bits(16);
    if (length != (~bits(16) & 0xFFFF)) {
      throw new AssertionError("length and complement differ");
    }
    for (int i = 0; i < length; i++) {
      put(bits(8));
    }
  }

  private void dynamic() {
    int literals = bits(5) + 257;
    int distances = bits(5) + 1;
    int codes = bits(4) + 4;
    int[] lengths = new int[ORDER.length];
    for (int i = 0; i < codes; i++) {
      lengths[ORDER[i]] = bits(3);
    }
    int[] all = lengths(new Code(lengths), literals + distances);
    compressed(
        new Code(Arrays.copyOf(all, literals)),
        new Code(Arrays.copyOfRange(all, literals, all.length)));
  }

  private int[] lengths(Code code, int count) {
    int[] lengths = new int[count];
    for (int i = 0; i < count; ) {
      int symbol = code.next();
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      int value = symbol == 16 ? lengths[i - 1] : 0;
      int times =
          switch (symbol) {
            case 16 -> 3 + bits(2);
            case 17 -> 3 + bits(3);
            default -> 11 + bits(7);
          };
      Arrays.fill(lengths, i, i + times, value);
      i += times;
    }
    return lengths;
  }

  private void compressed(Code literals, Code distances) {
    for (int symbol; (symbol = literals.next()) != END_OF_BLOCK; ) {
      if (symbol < END_OF_BLOCK) {
        put(symbol);
      } else {
        int length = length(symbol - 257);
        copy(distance(distances.next()), length);
      }
    }
  }

  private int length(int code) {
    if (code < 8) {
      return 3 + code;
    }
    if (code == 28) {
      return 258;
    }
    int extra = code / 4 - 1;
    return 3 + (4 + code % 4 << extra) + bits(extra);
  }

  private int distance(int code) {
    if (code < 4) {
      return 1 + code;
    }
    int extra = code / 2 - 1;
    return 1 + (2 + code % 2 << extra) + bits(extra);
  }

  private void copy(int distance, int length) {
    if (distance > size) {
      throw new AssertionError("reference to " + distance + " bytes before, of " + size);
    }
    farthest = Math.max(farthest, distance);
    for (int i = 0; i < length; i++) {
      put(out[size - distance]);
    }
  }

  private void put(int value) {
    if (size == out.length) {
      out = Arrays.copyOf(out, 2 * size);
    }
    out[size++] = (byte) value;
  }

  private int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value |= (in[bitIndex / 8] >> bitIndex % 8 & 1) << i;
      bitIndex++;
    }
    return value;
  }

  private Code fixedLiterals() {
    int[] lengths = new int[288];
    Arrays.fill(lengths, 0, 144, 8);
    Arrays.fill(lengths, 144, 256, 9);
    Arrays.fill(lengths, 256, 280, 7);
    Arrays.fill(lengths, 280, 288, 8);
    return new Code(lengths);
  }

  private Code fixedDistances() {
    int[] lengths = new int[30];
    Arrays.fill(lengths, 5);
    return new Code(lengths);
  }

  /** A Huffman code: for each length the number of its symbols, and these in order. */
  private final class Code {
    private final int[] counts = new int[LONGEST_CODE + 1];
    private final int[] symbols;

    Code(int[] lengths) {
      symbols = new int[lengths.length];
      int next = 0;
      for (int length = 1; length <= LONGEST_CODE; length++) {
        for (int symbol = 0; symbol < lengths.length; symbol++) {
          if (lengths[symbol] == length) {
            symbols[next++] = symbol;
            counts[length]++;
          }
        }
      }
    }

    int next() {
      int code = 0;
      int first = 0;
      int index = 0;
      for (int length = 1; length <= LONGEST_CODE; length++) {
        code = code << 1 | bits(1);
        first <<= 1;
        if (code - first < counts[length]) {
          return symbols[index + code - first];
        }
        index += counts[length];
        first += counts[length];
      }
      throw new AssertionError("no such code");
    }
  }
}
