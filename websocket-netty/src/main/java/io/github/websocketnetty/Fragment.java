package io.github.websocketnetty;

/**
 * A part of a message that is being received: the payload of one frame, or of a part of a large
 * frame. Immutable.
 *
 * @see MessageReader
 */
public final class Fragment {
  private final byte[] bytes;
  private final String text;
  private final boolean last;

  Fragment(byte[] bytes, String text, boolean last) {
    this.bytes = bytes;
    this.text = text;
    this.last = last;
  }

  /** Returns the payload as it came; a copy, which the caller may change. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns the number of bytes of the payload. */
  public int size() {
    return bytes.length;
  }

  /**
   * Returns the text that is complete with this fragment. The bytes of a character that goes on in
   * the next fragment are held back for that, so the text may be empty although the payload is not.
   *
   * @throws IllegalStateException if the message is binary
   */
  public String text() {
    if (text == null) {
      throw new IllegalStateException("a fragment of a binary message is no text");
    }
    return text;
  }

  /** Returns whether the message ends with this fragment. */
  public boolean isLast() {
    return last;
  }

  /** Returns the payload itself, to be read only. */
  byte[] payload() {
    return bytes;
  }
}
