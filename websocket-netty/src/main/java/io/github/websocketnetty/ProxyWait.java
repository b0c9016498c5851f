package io.github.websocketnetty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands behind the handler that speaks to a proxy until the server is reached, and leaves the
 * pipeline then. What that handler hands on before is of the proxy, such as what comes behind a
 * refusal: it is dropped, because it would be taken for the server's answer. Event loop only.
 */
final class ProxyWait extends ChannelInboundHandlerAdapter {
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ProxyHandlers.isConnected(event)) {
      ctx.pipeline().remove(this);
    }
    ctx.fireUserEventTriggered(event);
  }
}
