package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The last handler: writes down what reaches the user, in order. */
final class Outcome extends ChannelInboundHandlerAdapter {
  final List<String> events = new ArrayList<>();
  final List<Throwable> errors = new ArrayList<>();
  HandshakeCompleted completed;

  /** What the user does when the connection is open. */
  Consumer<ChannelHandlerContext> whenOpen = ctx -> {};

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    events.add(describe(msg));
    ReferenceCountUtil.release(msg);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof HandshakeCompleted handshake) {
      completed = handshake;
      events.add("completed");
      whenOpen.accept(ctx);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    errors.add(cause);
  }

  static String describe(Object msg) {
    if (msg instanceof TextWebSocketFrame frame) {
      return "text " + frame.text();
    }
    if (msg instanceof BinaryWebSocketFrame frame) {
      return "binary of " + frame.content().readableBytes();
    }
    if (msg instanceof PingWebSocketFrame) {
      return "ping";
    }
    if (msg instanceof CloseWebSocketFrame frame) {
      return "close " + frame.statusCode();
    }
    if (msg instanceof HttpRequest request) {
      return request.method() + " " + request.uri();
    }
    return msg.getClass().getSimpleName();
  }

  /** Returns everything that was written to the transport, one character per byte. */
  static String written(EmbeddedChannel channel) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      all.append(out.toString(StandardCharsets.ISO_8859_1));
      out.release();
    }
    return all.toString();
  }
}
