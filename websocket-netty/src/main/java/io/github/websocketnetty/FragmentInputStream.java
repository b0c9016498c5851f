package io.github.websocketnetty;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** The payload of a message that is being received, as a stream. */
final class FragmentInputStream extends InputStream {
  private static final byte[] NONE = {};

  private final BlockingConnection.Reader reader;
  private byte[] bytes = NONE;
  private int position;
  private boolean isClosed;

  FragmentInputStream(BlockingConnection.Reader reader) {
    this.reader = reader;
  }

  @Override
  public int read() throws IOException {
    return fill() ? bytes[position++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, bytes.length - position);
    System.arraycopy(bytes, position, target, offset, count);
    position += count;
    return count;
  }

  /** Returns how much of the fragment at hand is left. */
  @Override
  public int available() {
    return bytes.length - position;
  }

  @Override
  public void close() {
    isClosed = true;
    bytes = NONE;
    position = 0;
    reader.close();
  }

  /** Takes fragments until one has something; returns false at the end of the message. */
  private boolean fill() throws IOException {
    if (isClosed) {
      throw new IOException("stream is closed");
    }
    while (position == bytes.length) {
      Fragment next = next(reader);
      if (next == null) {
        return false;
      }
      bytes = next.payload();
      position = 0;
    }
    return true;
  }

  /**
   * Returns the next fragment, null at the end of the message.
   *
   * @throws IOException if the connection ended first: a part must not look like the whole
   */
  static Fragment next(BlockingConnection.Reader reader) throws IOException {
    try {
      return reader.isAtEnd() ? null : reader.next();
    } catch (WebSocketException failure) {
      throw new IOException(failure.getMessage(), failure);
    }
  }
}
