package io.github.websocketnetty.handler;

import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A server on a real socket whose pipeline starts with the opening handshake. */
final class HandshakeServer {
  private HandshakeServer() {}

  /**
   * Binds it to the loopback interface.
   *
   * @param front adds the handlers in front of HTTP
   * @param application makes the last handler of a connection
   */
  static InetSocketAddress bind(
      Transports transport,
      EventLoopGroup group,
      ServerHandshakeOptions options,
      Consumer<ChannelPipeline> front,
      Supplier<ChannelHandler> application)
      throws InterruptedException {
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            front.accept(channel.pipeline());
            channel
                .pipeline()
                .addLast(options.newHttpServerCodec())
                .addLast(
                    new WebSocketServerHandshakeHandler(
                        options, WebSocketPipeline.server().build()))
                .addLast(application.get());
          }
        };
    return (InetSocketAddress)
        new ServerBootstrap()
            .group(group)
            .channel(transport.serverChannel())
            .childHandler(initializer)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel()
            .localAddress();
  }
}
