package io.github.websocketnetty;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;

/** The only class that needs the optional dependency: it is loaded when {@link Sockets} asks. */
final class EpollSockets {
  private EpollSockets() {}

  static boolean isAvailable() {
    return Epoll.isAvailable();
  }

  static Sockets sockets() {
    return new Sockets(
        "epoll",
        EpollIoHandler.newFactory(),
        EpollServerSocketChannel.class,
        EpollServerDomainSocketChannel.class,
        EpollSocketChannel.class,
        EpollDomainSocketChannel.class,
        address -> new DomainSocketAddress(address.toString()));
  }
}
