package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What a close frame says: a code and a reason. Immutable.
 *
 * <p>The code is one that {@linkplain CloseCode#isValidOnWire may travel}, or {@link
 * CloseCode#NO_STATUS_RECEIVED} with an empty reason for a close frame without payload.
 *
 * @param code the close code
 * @param reason the reason, at most {@link #MAX_REASON_BYTES} bytes in UTF-8, empty if there is
 *     none
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1">RFC 6455, section 5.5.1</a>
 */
public record CloseStatus(int code, String reason) {
  /** How many bytes of UTF-8 fit behind the code in a control frame. */
  public static final int MAX_REASON_BYTES = 123;

  /** The close frame without payload. */
  public static final CloseStatus EMPTY = new CloseStatus(CloseCode.NO_STATUS_RECEIVED, "");

  /** The normal closure without a reason. */
  public static final CloseStatus NORMAL = new CloseStatus(CloseCode.NORMAL_CLOSURE, "");

  /**
   * Checks what would be sent.
   *
   * @throws IllegalArgumentException if the code may not be sent, the reason is too long, is not
   *     encodable (an unpaired surrogate), or comes without a code
   */
  public CloseStatus {
    int length = encodedLength(Objects.requireNonNull(reason, "reason"));
    if (code == CloseCode.NO_STATUS_RECEIVED) {
      if (length != 0) {
        throw new IllegalArgumentException("cannot send a reason without a code: " + reason);
      }
    } else if (!CloseCode.isValidOnWire(code)) {
      throw new IllegalArgumentException(
          "invalid status code: " + code + " is none of 1000-1003, 1007-1014, 3000-4999");
    }
    if (length > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "reason is " + length + " bytes, at most " + MAX_REASON_BYTES + " fit in a close frame");
    }
  }

  /**
   * Returns a status whose reason is cut, at a character, to what fits; for reasons made by
   * programs.
   *
   * @param code the close code
   * @param reason the reason, which must be encodable
   */
  public static CloseStatus truncated(int code, String reason) {
    Objects.requireNonNull(reason, "reason");
    String fitting = reason;
    while (encodedLength(fitting) > MAX_REASON_BYTES) {
      int end = fitting.offsetByCodePoints(fitting.length(), -1);
      fitting = fitting.substring(0, end);
    }
    return new CloseStatus(code, fitting);
  }

  /**
   * Reads the payload of a close frame, leaving its indices alone.
   *
   * @throws ProtocolException with 1002 if it is one byte long or has a code that may not be sent,
   *     with 1007 if the reason is not UTF-8
   */
  public static CloseStatus decode(ByteBuf payload) {
    Objects.requireNonNull(payload, "payload");
    int length = payload.readableBytes();
    if (length == 0) {
      return EMPTY;
    }
    if (length == 1) {
      throw ProtocolException.violation("close frame too short");
    }
    int start = payload.readerIndex();
    int code = payload.getUnsignedShort(start);
    if (!CloseCode.isValidOnWire(code)) {
      throw ProtocolException.violation("invalid status code: " + code);
    }
    Utf8Validator utf8 = new Utf8Validator();
    utf8.update(payload, start + Short.BYTES, length - Short.BYTES);
    utf8.end();
    return new CloseStatus(
        code, payload.toString(start + Short.BYTES, length - Short.BYTES, StandardCharsets.UTF_8));
  }

  /** Writes the payload of the close frame; nothing for {@link #EMPTY}. */
  public void encode(ByteBuf out) {
    Objects.requireNonNull(out, "out");
    if (code != CloseCode.NO_STATUS_RECEIVED) {
      out.writeShort(code);
      out.writeCharSequence(reason, StandardCharsets.UTF_8);
    }
  }

  /** Returns whether a connection that ended with this status in both directions ended well. */
  public boolean isOk() {
    return CloseCode.isOk(code);
  }

  /** Returns the code, its explanation and the reason, such as {@code 1000 (OK) bye}. */
  @Override
  public String toString() {
    String text = code + " (" + CloseCode.explain(code) + ")";
    return reason.isEmpty() ? text : text + " " + reason;
  }

  private static int encodedLength(String reason) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(reason));
      return bytes.remaining();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("reason has an unpaired surrogate: " + reason, e);
    }
  }
}
