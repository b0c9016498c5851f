package io.github.websocketnetty.migration;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.function.Consumer;

/**
 * Half of a proxy that hands on all frames, as people write it with Netty alone; knows nothing of
 * this library.
 */
abstract class StockRelay extends ChannelInboundHandlerAdapter {
  private Channel other;

  final void relayTo(Channel channel) {
    other = channel;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (other == null) {
      ReferenceCountUtil.release(frame);
      throw new IllegalStateException("a frame came before the backend was there");
    }
    other.writeAndFlush(frame);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (other != null) {
      other.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (other != null) {
      other.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** Towards the client: reads nothing until the backend is there. */
  static final class Front extends StockRelay {
    private final SocketAddress backend;
    private final Consumer<SocketChannel> clientHandlers;

    Front(SocketAddress backend, Consumer<SocketChannel> clientHandlers) {
      this.backend = backend;
      this.clientHandlers = clientHandlers;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (!(event instanceof WebSocketServerProtocolHandler.HandshakeComplete)) {
        super.userEventTriggered(ctx, event);
        return;
      }
      ctx.channel().config().setAutoRead(false);
      new Bootstrap()
          .group(ctx.channel().eventLoop())
          .channel(NioSocketChannel.class)
          .handler(
              new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                  clientHandlers.accept(channel);
                  channel.pipeline().addLast(new Back(Front.this, ctx.channel()));
                }
              })
          .connect(backend);
    }
  }

  /** Towards the backend. */
  private static final class Back extends StockRelay {
    private final Front front;
    private final Channel client;

    Back(Front front, Channel client) {
      this.front = front;
      this.client = client;
      relayTo(client);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        front.relayTo(ctx.channel());
        client.config().setAutoRead(true);
      } else {
        super.userEventTriggered(ctx, event);
      }
    }
  }
}
