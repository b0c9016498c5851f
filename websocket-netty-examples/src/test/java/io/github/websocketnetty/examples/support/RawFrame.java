package io.github.websocketnetty.examples.support;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A frame as the suite sees it: the first byte and the payload. It shares no code with the library,
 * so that a mistake there cannot hide here.
 */
public final class RawFrame {
  private static final int FIN_BIT = 0x80;
  private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};
  private static final int SHOWN_BYTES = 40;

  private final int first;
  private final byte[] payload;

  /** Takes the first byte of the header as it is. */
  public RawFrame(int first, byte[] payload) {
    this.first = first;
    this.payload = payload;
  }

  /** The last frame of a fragmented text. */
  public static RawFrame continuation(String text) {
    return new RawFrame(FIN_BIT, utf8(text));
  }

  /** A text message. */
  public static RawFrame text(String text) {
    return text(utf8(text));
  }

  /** A text message, UTF-8 or not. */
  public static RawFrame text(byte[] payload) {
    return new RawFrame(FIN_BIT | 1, payload);
  }

  /** A binary message. */
  public static RawFrame binary(byte[] payload) {
    return new RawFrame(FIN_BIT | 2, payload);
  }

  /** A close frame with any payload. */
  public static RawFrame close(byte[] payload) {
    return new RawFrame(FIN_BIT | 8, payload);
  }

  /** A close frame. */
  public static RawFrame close(int code, String reason) {
    byte[] text = utf8(reason);
    return close(ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  /** A ping. */
  public static RawFrame ping(String text) {
    return ping(utf8(text));
  }

  /** A ping with any payload. */
  public static RawFrame ping(byte[] payload) {
    return new RawFrame(FIN_BIT | 9, payload);
  }

  /** A pong. */
  public static RawFrame pong(String text) {
    return pong(utf8(text));
  }

  /** A pong with any payload. */
  public static RawFrame pong(byte[] payload) {
    return new RawFrame(FIN_BIT | 10, payload);
  }

  /** A finished frame with any opcode. */
  public static RawFrame of(int opcode, String text) {
    return new RawFrame(FIN_BIT | opcode, utf8(text));
  }

  /** The same frame, but not the last of its message. */
  public RawFrame unfinished() {
    return new RawFrame(first & ~FIN_BIT, payload);
  }

  /** The same frame with reserved bits, of which 4 is RSV1 and 1 is RSV3. */
  public RawFrame reserved(int bits) {
    return new RawFrame(first | bits << 4, payload);
  }

  /** A binary message of zeros in fragments of a size. */
  public static List<RawFrame> fragments(int bytes, int size) {
    RawFrame[] frames = new RawFrame[bytes / size];
    Arrays.setAll(frames, i -> new RawFrame(i == 0 ? 2 : 0, new byte[size]));
    RawFrame last = frames[frames.length - 1];
    frames[frames.length - 1] = new RawFrame(last.first | FIN_BIT, last.payload);
    return List.of(frames);
  }

  /** The opcode. */
  public int opcode() {
    return first & 0x0f;
  }

  /** Whether it is a close, a ping or a pong. */
  public boolean isControl() {
    return opcode() >= 8;
  }

  /** The code of a close frame; -1 if it has none. */
  public int closeCode() {
    return payload.length < 2 ? -1 : ByteBuffer.wrap(payload).getShort() & 0xffff;
  }

  /** The payload, unmasked. */
  public byte[] payload() {
    return payload;
  }

  /** As a client sends it. */
  public byte[] bytes() {
    return bytes(lengthForm(payload.length));
  }

  /** With its length in so many bytes behind the second one (0, 2 or 8), shortest or not. */
  public byte[] bytes(int lengthBytes) {
    return concat(header(payload.length, lengthBytes), MASK, masked());
  }

  /** As only a server may send it. */
  public byte[] unmaskedBytes() {
    byte[] header = header(payload.length, lengthForm(payload.length));
    header[1] &= 0x7f;
    return concat(header, payload);
  }

  /** Only the header and the key, announcing so many bytes. */
  public byte[] announcing(long length) {
    return concat(header(length, lengthForm(length)), MASK);
  }

  /** The header, the key and this payload, announcing so many bytes more. */
  public byte[] bytesOfLonger(int more) {
    return concat(announcing(payload.length + more), masked());
  }

  private byte[] header(long length, int lengthBytes) {
    int shortLength = lengthBytes == 0 ? (int) length : lengthBytes == 2 ? 126 : 127;
    byte[] extended = ByteBuffer.allocate(8).putLong(length).array();
    return concat(
        new byte[] {(byte) first, (byte) (0x80 | shortLength)},
        Arrays.copyOfRange(extended, 8 - lengthBytes, 8));
  }

  private byte[] masked() {
    byte[] masked = payload.clone();
    for (int i = 0; i < masked.length; i++) {
      masked[i] ^= MASK[i & 3];
    }
    return masked;
  }

  private static int lengthForm(long length) {
    if (length >= 0 && length <= 125) {
      return 0;
    }
    return length >= 0 && length <= 0xffff ? 2 : 8;
  }

  /** Joins arrays. */
  public static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  /** Reads hexadecimal digits; spaces may stand anywhere. */
  public static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** Encodes text. */
  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RawFrame frame
        && first == frame.first
        && Arrays.equals(payload, frame.payload);
  }

  @Override
  public int hashCode() {
    return 31 * first + Arrays.hashCode(payload);
  }

  @Override
  public String toString() {
    int shown = Math.min(payload.length, SHOWN_BYTES);
    String start = HexFormat.of().formatHex(payload, 0, shown);
    return "%02x [%d] %s%s"
        .formatted(first, payload.length, start, shown < payload.length ? "…" : "");
  }
}
