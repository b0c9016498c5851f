package io.github.websocketnetty.conversation;

import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.protocol.Side;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Listens to one direction of the wire and understands it on its own: a slow, obvious parser. Tells
 * of every rule that is broken.
 */
final class FrameTap {
  /** A message that was whole on the wire; {@code end} counts the bytes up to behind it. */
  record Heard(MessageType type, byte[] content, int frames, long end) {}

  private static final byte[] TAIL = {0, 0, -1, -1};

  private final Side sender;
  private final int deflate;
  private final Consumer<String> complaints;
  private final Inflater inflater = new Inflater(true);
  private ByteBuffer unparsed = ByteBuffer.allocate(256);
  private final List<Heard> messages = new ArrayList<>();
  private final ByteArrayOutputStream open = new ByteArrayOutputStream();
  private MessageType openType;
  private boolean isOpenDeflated;
  private int openFrames;
  private long parsed;
  private byte[] close;

  /** The number of frames of control that were heard. */
  int controls;

  /** Creates a tap; {@code deflate} is that of {@link Program}. */
  FrameTap(Side sender, int deflate, Consumer<String> complaints) {
    this.sender = sender;
    this.deflate = deflate;
    this.complaints = complaints;
  }

  List<Heard> messages() {
    return messages;
  }

  boolean isMessageOpen() {
    return openType != null;
  }

  /** Returns the payload of the close frame, null if there was none. */
  byte[] close() {
    return close;
  }

  void end() {
    inflater.end();
  }

  void add(byte[] bytes) {
    if (unparsed.remaining() < bytes.length) {
      ByteBuffer larger = ByteBuffer.allocate(2 * (unparsed.position() + bytes.length));
      unparsed = larger.put(unparsed.flip());
    }
    unparsed.put(bytes).flip();
    int before = 0;
    while (frame(unparsed)) {
      before = unparsed.position();
    }
    unparsed.position(before);
    if (before > 0) {
      unparsed.compact();
    } else {
      unparsed.position(unparsed.limit()).limit(unparsed.capacity());
    }
  }

  /** Parses a frame; false if it is not complete. */
  private boolean frame(ByteBuffer in) {
    int start = in.position();
    if (in.remaining() < 2) {
      return false;
    }
    int first = in.get() & 0xff;
    int second = in.get() & 0xff;
    int extended = (second & 0x7f) == 126 ? 2 : (second & 0x7f) == 127 ? 8 : 0;
    boolean isMasked = (second & 0x80) != 0;
    int head = extended + (isMasked ? 4 : 0);
    if (in.remaining() < head) {
      return false;
    }
    long length = second & 0x7f;
    length = extended == 2 ? in.getShort() & 0xffff : extended == 8 ? in.getLong() : length;
    check(extended != 2 || length > 125, "length of " + length + " in 2 bytes");
    check(extended != 8 || length > 65_535, "length of " + length + " in 8 bytes");
    check(isMasked == (sender == Side.CLIENT), "masked: " + isMasked);
    byte[] key = new byte[4];
    if (isMasked) {
      in.get(key);
    }
    if (in.remaining() < length) {
      return false;
    }
    byte[] payload = new byte[(int) length];
    in.get(payload);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= key[i % 4];
    }
    parsed += in.position() - start;
    heard(first >> 7 == 1, first >> 4 & 7, first & 15, payload);
    return true;
  }

  private void heard(boolean fin, int rsv, int opcode, byte[] payload) {
    check(close == null || opcode > 8, "frame " + opcode + " behind the close frame");
    check(rsv == 0 || rsv == 4 && deflate > 0 && (opcode == 1 || opcode == 2), "rsv " + rsv);
    if (opcode >= 8) {
      check(fin && payload.length <= 125, "control frame of " + payload.length);
      check(opcode <= 10, "opcode " + opcode);
      controls++;
      if (opcode == 8) {
        check(close == null, "second close frame");
        close = payload;
      }
      return;
    }
    check((opcode == 0) == (openType != null), "opcode " + opcode + ", open: " + openType);
    if (opcode != 0) {
      openType = opcode == 1 ? MessageType.TEXT : MessageType.BINARY;
      isOpenDeflated = rsv == 4;
      open.reset();
      openFrames = 0;
    }
    openFrames++;
    open.writeBytes(payload);
    if (fin) {
      byte[] content = isOpenDeflated ? inflate(open.toByteArray()) : open.toByteArray();
      messages.add(new Heard(openType, content, openFrames, parsed));
      openType = null;
    }
  }

  private byte[] inflate(byte[] deflated) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    byte[] input = Arrays.copyOf(deflated, deflated.length + TAIL.length);
    System.arraycopy(TAIL, 0, input, deflated.length, TAIL.length);
    inflater.setInput(input);
    byte[] part = new byte[8192];
    try {
      for (int n = inflater.inflate(part); n > 0; n = inflater.inflate(part)) {
        plain.write(part, 0, n);
      }
    } catch (DataFormatException e) {
      complaints.accept(sender + " sent what cannot be inflated: " + e);
    }
    check(inflater.getRemaining() == 0, "compressed data goes on behind its end");
    if (deflate == Program.WITHOUT_CONTEXT) {
      inflater.reset();
    }
    return plain.toByteArray();
  }

  static int code(byte[] close) {
    return close.length == 0 ? 1005 : (close[0] & 0xff) << 8 | close[1] & 0xff;
  }

  static String reason(byte[] close) {
    return close.length == 0 ? "" : new String(close, 2, close.length - 2, StandardCharsets.UTF_8);
  }

  private void check(boolean isRight, String what) {
    if (!isRight) {
      complaints.accept(sender + " sent: " + what);
    }
  }
}
