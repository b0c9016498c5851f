package io.github.websocketnetty.support;

import io.github.websocketnetty.handler.ExtensionHandlerFactory;
import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** An extension that changes the payload of each frame and marks what it has changed with a bit. */
public final class TransformingExtension implements ExtensionHandlerFactory {
  private final Extension extension;
  private final int rsv;
  private final boolean controls;
  private final UnaryOperator<byte[]> encode;
  private final UnaryOperator<byte[]> decode;

  /** What the server agreed to, and each side whose handlers were made. */
  public final List<String> made = new CopyOnWriteArrayList<>();

  public TransformingExtension(
      Extension extension,
      int rsv,
      boolean controls,
      UnaryOperator<byte[]> encode,
      UnaryOperator<byte[]> decode) {
    this.extension = extension;
    this.rsv = rsv;
    this.controls = controls;
    this.encode = encode;
    this.decode = decode;
  }

  /** Reverses the payload of data frames. */
  public static TransformingExtension reverse(int rsv) {
    Extension name = new Extension("x-reverse", List.of());
    UnaryOperator<byte[]> reverse = TransformingExtension::reversed;
    return new TransformingExtension(name, rsv, false, reverse, reverse);
  }

  /** Inverts the bits of all frames, control frames too. */
  public static TransformingExtension invert(int rsv) {
    Extension name = new Extension("x-invert", List.of());
    UnaryOperator<byte[]> invert = TransformingExtension::inverted;
    return new TransformingExtension(name, rsv, true, invert, invert);
  }

  public static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return reversed;
  }

  public static byte[] inverted(byte[] bytes) {
    byte[] inverted = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      inverted[i] = (byte) ~bytes[i];
    }
    return inverted;
  }

  /** Accepts offers with the same parameters. */
  public ServerExtension server() {
    return new ServerExtension() {
      @Override
      public String name() {
        return extension.name();
      }

      @Override
      public int rsv() {
        return rsv;
      }

      @Override
      public Extension accept(Extension offer, List<Extension> accepted) {
        return offer.equals(extension) ? extension : null;
      }
    };
  }

  /** Offers the extension and accepts answers with the same parameters. */
  public ClientExtension client() {
    return new ClientExtension() {
      @Override
      public Extension offer() {
        return extension;
      }

      @Override
      public int rsv() {
        return rsv;
      }

      @Override
      public boolean accept(Extension answer, List<Extension> accepted) {
        return answer.equals(extension);
      }
    };
  }

  @Override
  public ChannelHandler newHandler(Side side, Extension agreed) {
    made.add(side + " " + agreed);
    return new Transformer();
  }

  /** The bits that the extension claims for any side, and what is agreed. */
  public int rsv() {
    return rsv;
  }

  public Extension extension() {
    return extension;
  }

  private final class Transformer extends ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      WebSocketFrame frame = (WebSocketFrame) message;
      boolean marked = rsv != 0 ? (frame.rsv() & rsv) != 0 : !isControl(frame);
      ctx.fireChannelRead(marked ? changed(frame, decode, frame.rsv() & ~rsv) : frame);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      WebSocketFrame frame = (WebSocketFrame) message;
      boolean marks = controls || !isControl(frame);
      ctx.write(marks ? changed(frame, encode, frame.rsv() | rsv) : frame, promise);
    }
  }

  private static boolean isControl(WebSocketFrame frame) {
    return frame instanceof PingWebSocketFrame
        || frame instanceof PongWebSocketFrame
        || frame instanceof CloseWebSocketFrame;
  }

  /** Returns a frame of the same kind in place of {@code frame}. */
  private static WebSocketFrame changed(
      WebSocketFrame frame, UnaryOperator<byte[]> change, int rsv) {
    boolean fin = frame.isFinalFragment();
    try {
      ByteBuf payload = Unpooled.wrappedBuffer(change.apply(ByteBufUtil.getBytes(frame.content())));
      if (frame instanceof TextWebSocketFrame) {
        return new TextWebSocketFrame(fin, rsv, payload);
      }
      if (frame instanceof BinaryWebSocketFrame) {
        return new BinaryWebSocketFrame(fin, rsv, payload);
      }
      if (frame instanceof ContinuationWebSocketFrame) {
        return new ContinuationWebSocketFrame(fin, rsv, payload);
      }
      if (frame instanceof PingWebSocketFrame) {
        return new PingWebSocketFrame(fin, rsv, payload);
      }
      return frame instanceof PongWebSocketFrame
          ? new PongWebSocketFrame(fin, rsv, payload)
          : new CloseWebSocketFrame(fin, rsv, payload);
    } finally {
      frame.release();
    }
  }
}
