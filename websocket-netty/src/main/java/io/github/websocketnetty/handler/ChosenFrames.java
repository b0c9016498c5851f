package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;

/** First frames of messages for which the sender has chosen whether to compress. */
final class ChosenFrames {
  private ChosenFrames() {}

  /** What these frames have in common. */
  interface Chosen {
    boolean isToBeCompressed();
  }

  /** A text. */
  static final class Text extends TextWebSocketFrame implements Chosen {
    private final boolean compress;

    Text(boolean fin, int rsv, ByteBuf payload, boolean compress) {
      super(fin, rsv, payload);
      this.compress = compress;
    }

    @Override
    public boolean isToBeCompressed() {
      return compress;
    }

    @Override
    public Text replace(ByteBuf content) {
      return new Text(isFinalFragment(), rsv(), content, compress);
    }
  }

  /** A binary message. */
  static final class Binary extends BinaryWebSocketFrame implements Chosen {
    private final boolean compress;

    Binary(boolean fin, int rsv, ByteBuf payload, boolean compress) {
      super(fin, rsv, payload);
      this.compress = compress;
    }

    @Override
    public boolean isToBeCompressed() {
      return compress;
    }

    @Override
    public Binary replace(ByteBuf content) {
      return new Binary(isFinalFragment(), rsv(), content, compress);
    }
  }
}
