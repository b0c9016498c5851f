package io.github.websocketnetty.support;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Reads bytes that a fuzzer made: choices, one byte each, and behind them what is to be tested.
 * Where the bytes end every choice is the first.
 */
public final class FuzzInput {
  /** More pieces of one input would only cost time. */
  private static final int MOST_PIECES = 4096;

  private static final int FIXED_SIZES = 16;

  private final byte[] data;
  private int position;

  /** Reads from the beginning. */
  public FuzzInput(byte[] data) {
    this.data = data;
  }

  /** Returns 0 to {@code bound - 1}. */
  public int choose(int bound) {
    return position < data.length ? (data[position++] & 0xFF) % bound : 0;
  }

  /** Returns false, if nothing is left. */
  public boolean flag() {
    return choose(2) == 1;
  }

  /** Returns one of them. */
  public <T> T one(List<T> choices) {
    return choices.get(choose(choices.size()));
  }

  /** Returns whether all was read. */
  public boolean isAtEnd() {
    return position >= data.length;
  }

  /** Returns the next bytes, fewer if there are no more. */
  public byte[] bytes(int length) {
    byte[] bytes = Arrays.copyOfRange(data, position, Math.min(position + length, data.length));
    position += bytes.length;
    return bytes;
  }

  /** Returns all that is left. */
  public byte[] rest() {
    return bytes(data.length - position);
  }

  /**
   * Cuts bytes into the pieces in which they arrive: all at once, one by one, a few at a time, or
   * any way that one choice can tell.
   */
  public List<byte[]> pieces(int choice, byte[] bytes) {
    List<byte[]> pieces = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(choice);
    int least = bytes.length / MOST_PIECES + 1;
    for (int start = 0; start < bytes.length; ) {
      int size = choice == 0 ? bytes.length : choice;
      if (choice >= FIXED_SIZES) {
        size = random.nextInt(1, 2 << random.nextInt(choice % Byte.SIZE + 1));
      }
      int end = Math.min(start + Math.max(size, least), bytes.length);
      pieces.add(Arrays.copyOfRange(bytes, start, end));
      start = end;
    }
    return pieces;
  }
}
