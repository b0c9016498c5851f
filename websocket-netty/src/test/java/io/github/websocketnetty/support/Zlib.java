package io.github.websocketnetty.support;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A peer's permessage-deflate, as plainly as RFC 7692 says; shares no code with what is tested. */
public final class Zlib {
  private static final byte[] TAIL = {0, 0, -1, -1};

  private final Deflater deflater = new Deflater(9, true);
  private final Inflater inflater = new Inflater(true);

  /** Compresses a message; the next one may refer to it. */
  public byte[] message(byte[] data) {
    byte[] flushed = flushed(data);
    return Arrays.copyOf(flushed, flushed.length - TAIL.length);
  }

  /** Compresses a message to which none refers, and which refers to none. */
  public static byte[] alone(byte[] data) {
    Zlib once = new Zlib();
    try {
      return once.message(data);
    } finally {
      once.end();
    }
  }

  /** Compresses a part of a message, with the tail of its flush. */
  public byte[] flushed(byte[] data) {
    deflater.setInput(data);
    return drain(Deflater.SYNC_FLUSH);
  }

  /** Compresses a message into a final block, with the empty header that must follow. */
  public static byte[] finalBlock(byte[] data) {
    Zlib once = new Zlib();
    once.deflater.setInput(data);
    once.deflater.finish();
    byte[] block = once.drain(Deflater.NO_FLUSH);
    once.end();
    return WireFrame.join(block, new byte[1]);
  }

  private byte[] drain(int flush) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    int length;
    do {
      length = deflater.deflate(buffer, 0, buffer.length, flush);
      out.write(buffer, 0, length);
    } while (length == buffer.length);
    return out.toByteArray();
  }

  /** Decompresses a message, or the next part of one if it kept its tail. */
  public byte[] inflate(byte[] data, boolean addTail) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    inflater.setInput(addTail ? WireFrame.join(data, TAIL) : data);
    try {
      while (true) {
        int length = inflater.inflate(buffer);
        if (length == 0) {
          return out.toByteArray();
        }
        out.write(buffer, 0, length);
      }
    } catch (DataFormatException e) {
      throw new AssertionError(e);
    }
  }

  /** Decompresses a message that refers to none. */
  public static byte[] inflateAlone(byte[] data) {
    Zlib once = new Zlib();
    try {
      return once.inflate(data, true);
    } finally {
      once.end();
    }
  }

  /** Frees the memory. */
  public void end() {
    deflater.end();
    inflater.end();
  }
}
