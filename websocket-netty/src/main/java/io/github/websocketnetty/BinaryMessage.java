package io.github.websocketnetty;

import io.github.websocketnetty.protocol.Abbreviated;
import java.util.Arrays;
import java.util.Objects;

/** A binary message. */
public final class BinaryMessage implements Message {
  private final byte[] bytes;

  /** Takes over the bytes. */
  BinaryMessage(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Creates a message to be sent, with a copy of the bytes. */
  public static BinaryMessage of(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new BinaryMessage(bytes.clone());
  }

  @Override
  public MessageType type() {
    return MessageType.BINARY;
  }

  @Override
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public int size() {
    return bytes.length;
  }

  @Override
  public String text() {
    return Utf8.decode(bytes);
  }

  /** Returns the payload itself, to be read only. */
  byte[] payload() {
    return bytes;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof BinaryMessage other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Returns the bytes in hex, shortened if they are many. */
  @Override
  public String toString() {
    return "BinaryMessage[" + Abbreviated.hex(bytes) + ", " + bytes.length + " bytes]";
  }
}
