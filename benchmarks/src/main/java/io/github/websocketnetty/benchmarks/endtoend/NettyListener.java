package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What the servers on Netty's bootstrap have in common, so that they differ in handlers only. */
final class NettyListener {
  private NettyListener() {}

  /** Returns the listening channel; the event loops end when it is closed. */
  static Channel bind(InetSocketAddress address, int threads, Consumer<ChannelPipeline> handlers) {
    EventLoopGroup group = Transport.newGroup(threads);
    Channel listener =
        new ServerBootstrap()
            .group(group)
            .channel(Transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, ServerCommand.BACKLOG)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    handlers.accept(channel.pipeline());
                  }
                })
            .bind(address)
            .syncUninterruptibly()
            .channel();
    listener.closeFuture().addListener(closed -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    return listener;
  }

  static int port(Channel listener) {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }
}
