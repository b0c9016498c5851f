package io.github.websocketnetty;

import java.io.IOException;
import java.io.Reader;
import java.util.Objects;

/** The text of a message that is being received, as a stream of characters. */
final class FragmentCharacters extends Reader {
  private final BlockingConnection.Reader reader;
  private String text = "";
  private int position;
  private boolean isClosed;

  FragmentCharacters(BlockingConnection.Reader reader) {
    this.reader = reader;
  }

  @Override
  public int read() throws IOException {
    return fill() ? text.charAt(position++) : -1;
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, text.length() - position);
    text.getChars(position, position + count, target, offset);
    position += count;
    return count;
  }

  /** The JDK's would hold a monitor while it waits. */
  @Override
  public long skip(long count) throws IOException {
    if (count < 0) {
      throw new IllegalArgumentException("skip of " + count + " characters");
    }
    long left = count;
    while (left > 0 && fill()) {
      int skipped = (int) Math.min(left, text.length() - position);
      position += skipped;
      left -= skipped;
    }
    return count - left;
  }

  /** Returns whether the fragment at hand has something left. */
  @Override
  public boolean ready() {
    return position < text.length();
  }

  @Override
  public void close() {
    isClosed = true;
    text = "";
    position = 0;
    reader.close();
  }

  /** Takes fragments until one has something; returns false at the end of the message. */
  private boolean fill() throws IOException {
    if (isClosed) {
      throw new IOException("reader is closed");
    }
    while (position == text.length()) {
      Fragment next = FragmentInputStream.next(reader);
      if (next == null) {
        return false;
      }
      text = next.text();
      position = 0;
    }
    return true;
  }
}
