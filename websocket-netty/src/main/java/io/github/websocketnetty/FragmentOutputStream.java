package io.github.websocketnetty;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A message that is being sent, as a stream; each write is a fragment. */
final class FragmentOutputStream extends OutputStream {
  private final BlockingConnection.Writer writer;

  FragmentOutputStream(BlockingConnection.Writer writer) {
    this.writer = writer;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] data, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, data.length);
    if (length == 0) {
      return; // an empty fragment would say nothing
    }
    try {
      writer.write(data, offset, length);
    } catch (WebSocketException failure) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  /** Not the end of the message: whoever reached that has called {@code finish}. */
  @Override
  public void close() {
    writer.close();
  }
}
