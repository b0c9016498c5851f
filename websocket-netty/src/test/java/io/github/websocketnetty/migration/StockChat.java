package io.github.websocketnetty.migration;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

/** A chat as people write it with Netty alone; knows nothing of this library. */
final class StockChat extends SimpleChannelInboundHandler<TextWebSocketFrame> {
  private final ChannelGroup group;

  StockChat(ChannelGroup group) {
    this.group = group;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
      ctx.pipeline().remove(Page.class);
      group.writeAndFlush(new TextWebSocketFrame("somebody joined"));
      group.add(ctx.channel());
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame message) {
    group.writeAndFlush(message.retain());
  }

  /** Stands for the handler that serves the page. */
  static final class Page extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      if (request.uri().startsWith("/ws")) {
        ctx.fireChannelRead(request.retain());
      } else {
        ctx.close();
      }
    }
  }
}
