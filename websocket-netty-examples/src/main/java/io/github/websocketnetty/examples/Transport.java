package io.github.websocketnetty.examples;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/** How Netty talks to the operating system. */
public enum Transport {
  /** {@link #EPOLL} where it works, otherwise {@link #NIO}. */
  AUTO,
  /** The JDK's selectors: everywhere. */
  NIO,
  /** Netty's native code for Linux. */
  EPOLL;

  /** Returns whether this transport works on this machine. */
  public boolean isAvailable() {
    return this != EPOLL || Epoll.isAvailable();
  }

  /** Returns a new group of {@code threads} event loops; the caller shuts it down. */
  EventLoopGroup newGroup(int threads) {
    IoHandlerFactory factory = isEpoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, factory);
  }

  Class<? extends ServerSocketChannel> serverChannel() {
    return isEpoll() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  private boolean isEpoll() {
    return this == EPOLL || this == AUTO && Epoll.isAvailable();
  }
}
