package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/** What the messages are made of. */
enum PayloadKind {
  /** Text of one byte a character. */
  ASCII,
  /** Text with characters of one to four bytes. */
  MIXED,
  /** Random bytes. */
  BINARY;

  private static final String CHARACTERS = "aé中😀 eö文🚀.nß字🎉";

  /** Returns exactly so many bytes, the same each time. */
  byte[] bytes(int length) {
    Random random = new Random(1);
    byte[] bytes = new byte[length];
    if (this == BINARY) {
      random.nextBytes(bytes);
    } else {
      fill(bytes, random);
    }
    return bytes;
  }

  private void fill(byte[] bytes, Random random) {
    int[] characters = CHARACTERS.codePoints().toArray();
    int filled = 0;
    while (filled < bytes.length) {
      int character =
          this == MIXED ? characters[random.nextInt(characters.length)] : ' ' + random.nextInt(95);
      byte[] encoded = Character.toString(character).getBytes(StandardCharsets.UTF_8);
      if (encoded.length > bytes.length - filled) {
        encoded = new byte[] {'.'};
      }
      System.arraycopy(encoded, 0, bytes, filled, encoded.length);
      filled += encoded.length;
    }
  }

  /** Returns a message; the frame takes over the reference to its content. */
  WebSocketFrame frame(ByteBuf content) {
    return this == BINARY ? new BinaryWebSocketFrame(content) : new TextWebSocketFrame(content);
  }

  boolean matches(WebSocketFrame frame) {
    return this == BINARY
        ? frame instanceof BinaryWebSocketFrame
        : frame instanceof TextWebSocketFrame;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
