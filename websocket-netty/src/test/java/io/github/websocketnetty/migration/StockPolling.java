package io.github.websocketnetty.migration;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.function.Supplier;

/**
 * Answers polling, or makes way for a WebSocket, as people write it with Netty alone; knows nothing
 * of this library.
 */
final class StockPolling extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final Supplier<ChannelHandler> webSocket;

  StockPolling(Supplier<ChannelHandler> webSocket) {
    this.webSocket = webSocket;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    QueryStringDecoder query = new QueryStringDecoder(request.uri());
    if (query.parameters().get("transport").equals(List.of("websocket"))) {
      ctx.pipeline().addAfter(ctx.name(), "websocket", webSocket.get());
      ctx.pipeline().addAfter(ctx.name(), "page", new StockChat.Page());
      ctx.fireChannelRead(request.retain());
      ctx.pipeline().remove(this);
    } else {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
    }
  }
}
