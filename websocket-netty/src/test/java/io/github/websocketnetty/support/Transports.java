package io.github.websocketnetty.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/** The transports on which tests with real sockets run. */
public enum Transports {
  NIO,
  EPOLL;

  /** Returns a group of one thread; skips the test where the transport is not available. */
  public EventLoopGroup newGroup() {
    if (this == NIO) {
      return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }
    assumeTrue(Epoll.isAvailable(), "epoll is not available here");
    return new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  }

  public Class<? extends ServerChannel> serverChannel() {
    return this == NIO ? NioServerSocketChannel.class : EpollServerSocketChannel.class;
  }

  public Class<? extends SocketChannel> clientChannel() {
    return this == NIO ? NioSocketChannel.class : EpollSocketChannel.class;
  }
}
