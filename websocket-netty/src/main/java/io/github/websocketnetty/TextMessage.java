package io.github.websocketnetty;

import io.github.websocketnetty.protocol.Abbreviated;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** A text message. It holds UTF-8 and decodes it on demand, on the caller's thread. */
public final class TextMessage implements Message {
  private final byte[] utf8;

  /** Takes over valid UTF-8. */
  TextMessage(byte[] utf8) {
    this.utf8 = utf8;
  }

  /**
   * Creates a message to be sent.
   *
   * @throws IllegalArgumentException if the text has an unpaired surrogate, which UTF-8 cannot
   *     encode
   */
  public static TextMessage of(String text) {
    Objects.requireNonNull(text, "text");
    return new TextMessage(Utf8.encode(text));
  }

  @Override
  public MessageType type() {
    return MessageType.TEXT;
  }

  @Override
  public byte[] bytes() {
    return utf8.clone();
  }

  @Override
  public int size() {
    return utf8.length;
  }

  @Override
  public String text() {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Returns the payload itself, to be read only. */
  byte[] payload() {
    return utf8;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TextMessage other && Arrays.equals(utf8, other.utf8);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(utf8);
  }

  /** Returns the text, shortened if it is long. */
  @Override
  public String toString() {
    return "TextMessage[" + Abbreviated.text(text()) + ", " + utf8.length + " bytes]";
  }
}
