package io.github.websocketnetty.examples;

import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ExtensionHandlerFactory;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.Extension.Parameter;
import io.github.websocketnetty.protocol.ServerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.URI;
import java.util.List;

/** The code of the page about extensions: one that adds a number to each byte of messages. */
final class Rotation {
  static final String NAME = "x-rotate";
  static final int RSV2 = 2;

  /** The same for both roles, and for all connections. */
  static final ExtensionHandlerFactory HANDLERS =
      (side, agreed) -> new Handler(Rotation.steps(agreed));

  private Rotation() {}

  static WebSocketServer.Builder server(Endpoint endpoint) {
    return WebSocketServer.builder()
        .handshake(
            ServerHandshakeOptions.builder()
                .extension(new Rotation.OfServer(), Rotation.HANDLERS)
                .build())
        .anyPath(endpoint);
  }

  static ClientHandshakeOptions client(URI uri) {
    return ClientHandshakeOptions.builder(uri)
        .extension(new Rotation.OfClient(13), Rotation.HANDLERS)
        .build();
  }

  static Extension by(int steps) {
    return new Extension(NAME, List.of(new Parameter("by", Integer.toString(steps))));
  }

  /** Returns the number of steps, or 0 if the parameters are not those of this extension. */
  static int steps(Extension extension) {
    List<Parameter> all = extension.parameters();
    boolean isBy = all.size() == 1 && all.get(0).name().equals("by");
    String value = isBy ? all.get(0).value() : null;
    return value != null && value.matches("[1-9]\\d?") ? Integer.parseInt(value) : 0;
  }

  static final class OfServer implements ServerExtension {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public int rsv() {
      return RSV2;
    }

    @Override
    public Extension accept(Extension offer, List<Extension> accepted) {
      return steps(offer) == 0 ? null : offer; // null: the next offer of the client is tried
    }
  }

  static final class OfClient implements ClientExtension {
    private final Extension offer;

    OfClient(int steps) {
      offer = by(steps);
    }

    @Override
    public Extension offer() {
      return offer;
    }

    @Override
    public int rsv() {
      return RSV2;
    }

    @Override
    public boolean accept(Extension answer, List<Extension> accepted) {
      return answer.equals(offer);
    }
  }

  static final class Handler extends ChannelDuplexHandler {
    private final int steps;

    Handler(int steps) {
      this.steps = steps;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      boolean marked = isData(message) && (((WebSocketFrame) message).rsv() & RSV2) != 0;
      ctx.fireChannelRead(marked ? rotated(ctx, (WebSocketFrame) message, -steps) : message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ctx.write(isData(message) ? rotated(ctx, (WebSocketFrame) message, steps) : message, promise);
    }

    private static boolean isData(Object message) {
      return message instanceof TextWebSocketFrame
          || message instanceof BinaryWebSocketFrame
          || message instanceof ContinuationWebSocketFrame;
    }

    /** Takes the frame over and returns another, with the mark set or cleared. */
    private static WebSocketFrame rotated(
        ChannelHandlerContext ctx, WebSocketFrame frame, int steps) {
      ByteBuf rotated = ctx.alloc().buffer(frame.content().readableBytes());
      for (ByteBuf payload = frame.content(); payload.isReadable(); ) {
        rotated.writeByte(payload.readByte() + steps);
      }
      frame.release();
      return of(frame, frame.rsv() ^ RSV2, rotated);
    }

    private static WebSocketFrame of(WebSocketFrame model, int rsv, ByteBuf payload) {
      boolean fin = model.isFinalFragment();
      if (model instanceof TextWebSocketFrame) {
        return new TextWebSocketFrame(fin, rsv, payload);
      }
      return model instanceof BinaryWebSocketFrame
          ? new BinaryWebSocketFrame(fin, rsv, payload)
          : new ContinuationWebSocketFrame(fin, rsv, payload);
    }
  }
}
