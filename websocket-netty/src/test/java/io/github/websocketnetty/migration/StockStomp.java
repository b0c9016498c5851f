package io.github.websocketnetty.migration;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.util.List;

/**
 * Adds the handlers of a subprotocol when the handshake has chosen its version, as people write it
 * with Netty alone; knows nothing of this library.
 */
@Sharable
final class StockStomp extends ChannelInboundHandlerAdapter {
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete handshake) {
      ctx.pipeline().addLast(new Codec(), new Commands(handshake.selectedSubprotocol()));
      ctx.pipeline().remove(this);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  private static final class Codec extends MessageToMessageCodec<TextWebSocketFrame, String> {
    @Override
    protected void encode(ChannelHandlerContext ctx, String message, List<Object> out) {
      out.add(new TextWebSocketFrame(message));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, TextWebSocketFrame frame, List<Object> out) {
      out.add(frame.text());
    }
  }

  private static final class Commands extends SimpleChannelInboundHandler<String> {
    private final String version;

    Commands(String version) {
      this.version = version;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String command) {
      ctx.writeAndFlush(command.equals("CONNECT") ? "CONNECTED " + version : "ERROR");
    }
  }
}
