package io.github.websocketnetty.support;

import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes frames byte by byte, as plainly as RFC 6455 §5.2 draws them; shares no code with what is
 * tested.
 */
public final class WireFrame {
  private static final byte[] KEY = {(byte) 0x92, 0x1A, (byte) 0xD6, 0x78};

  private WireFrame() {}

  /** Returns a frame with the shortest length. */
  public static byte[] of(boolean fin, int rsv, int opcode, boolean masked, byte[] payload) {
    int form = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
    return withLength(fin, rsv, opcode, masked, payload, form, payload.length);
  }

  /** Returns a final frame without reserved bits. */
  public static byte[] of(int opcode, boolean masked, byte[] payload) {
    return of(true, 0, opcode, masked, payload);
  }

  /** Returns a final text frame. */
  public static byte[] text(boolean masked, String text) {
    return of(1, masked, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns a close frame. */
  public static byte[] close(boolean masked, int code, String reason) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(code >>> 8);
    out.write(code);
    out.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
    return of(8, masked, out.toByteArray());
  }

  /** Returns a frame whose length says {@code length} in 0, 2 or 8 extra bytes, true or not. */
  public static byte[] withLength(
      boolean fin, int rsv, int opcode, boolean masked, byte[] payload, int form, long length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((fin ? 0x80 : 0) | rsv << 4 | opcode);
    int mask = masked ? 0x80 : 0;
    out.write(mask | (form == 0 ? (int) length : form == 2 ? 126 : 127));
    for (int i = form - 1; i >= 0; i--) {
      out.write((int) (length >>> 8 * i));
    }
    if (masked) {
      out.writeBytes(KEY);
    }
    for (int i = 0; i < payload.length; i++) {
      out.write(masked ? payload[i] ^ KEY[i % 4] : payload[i]);
    }
    return out.toByteArray();
  }

  /** Returns bytes from hex, spaces allowed. */
  public static byte[] hex(String hex) {
    return ByteBufUtil.decodeHexDump(hex.replace(" ", ""));
  }

  /** Returns all bytes, one array after the other. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(out::writeBytes);
    return out.toByteArray();
  }

  /** Returns {@code length} bytes of ASCII text. */
  public static byte[] letters(int length) {
    byte[] letters = new byte[length];
    for (int i = 0; i < length; i++) {
      letters[i] = (byte) ('a' + i % 26);
    }
    return letters;
  }
}
