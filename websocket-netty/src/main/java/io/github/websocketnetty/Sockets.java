package io.github.websocketnetty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The kinds of sockets of one transport, for those who bring no bootstrap. Unix domain sockets are
 * named by the JDK's addresses, whatever the transport calls them.
 */
record Sockets(
    String name,
    IoHandlerFactory ioHandler,
    Class<? extends ServerChannel> tcpServer,
    Class<? extends ServerChannel> unixServer,
    Class<? extends Channel> tcpClient,
    Class<? extends Channel> unixClient,
    UnaryOperator<SocketAddress> addresses) {
  /** Returns the best transport whose classes and native code are present: epoll, else NIO. */
  static Sockets best() {
    try {
      return EpollSockets.isAvailable() ? EpollSockets.sockets() : nio();
    } catch (LinkageError absent) {
      return nio(); // the dependency is optional
    }
  }

  static Sockets nio() {
    return new Sockets(
        "nio",
        NioIoHandler.newFactory(),
        NioServerSocketChannel.class,
        NioServerDomainSocketChannel.class,
        NioSocketChannel.class,
        NioDomainSocketChannel.class,
        UnaryOperator.identity());
  }

  /** Returns new event loops, which the caller shuts down; 0 for Netty's default number. */
  EventLoopGroup newGroup(int threads) {
    return new MultiThreadIoEventLoopGroup(threads, ioHandler);
  }

  /**
   * Ends event loops. Without a quiet period they would leave channels open that are about to be
   * registered or connected.
   */
  static Future<?> end(EventLoopGroup group) {
    return group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS);
  }

  Class<? extends ServerChannel> server(SocketAddress address) {
    return isUnix(address) ? unixServer : tcpServer;
  }

  Class<? extends Channel> client(SocketAddress address) {
    return isUnix(address) ? unixClient : tcpClient;
  }

  /** Returns {@code address} as this transport's channels want it. */
  SocketAddress translate(SocketAddress address) {
    return isUnix(address) ? addresses.apply(address) : address;
  }

  static boolean isUnix(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress;
  }
}
