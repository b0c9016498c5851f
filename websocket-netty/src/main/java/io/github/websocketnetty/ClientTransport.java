package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * How a client gets to a server: sockets, proxy, TLS. Thread-safe.
 *
 * @param bootstrap complete but for the handler
 * @param options of the connections
 * @param tls for wss
 * @param address where to connect to, whatever the URI says; null for where the URI says
 * @param proxy which proxy to take for a URI, null for none
 * @param proxyTls for a proxy with the scheme https
 * @param maxRedirects how many redirects are followed
 * @param connections what was opened so
 */
record ClientTransport(
    Bootstrap bootstrap,
    ConnectionOptions options,
    SslContext tls,
    SocketAddress address,
    Function<WebSocketUri, ProxyAddress> proxy,
    SslContext proxyTls,
    int maxRedirects,
    ClientConnections connections) {
  EventLoopGroup group() {
    return bootstrap.config().group();
  }

  /** Says why redirects cannot lead anywhere else, null if they can. */
  String fixedAddress() {
    if (address == null) {
      return null;
    }
    return address instanceof InetSocketAddress ? "an explicit host or port" : "a Unix socket";
  }

  Throwable explain(Throwable failure) {
    return proxy == null ? failure : ProxyHandlers.explain(failure);
  }

  /**
   * Connects a channel.
   *
   * @return a future with the outcome of connecting, once that has begun; failing if the proxy
   *     cannot be found
   */
  CompletableFuture<ChannelFuture> connect(
      ClientHandshakeOptions handshake, WebSocketClientHandler handler) {
    WebSocketUri uri = handshake.uri();
    ProxyAddress through = proxy == null ? null : proxy.apply(uri);
    if (through == null) {
      SocketAddress target =
          address != null ? address : InetSocketAddress.createUnresolved(uri.host(), uri.port());
      return CompletableFuture.completedFuture(
          bootstrap.clone().handler(initializer(handshake, handler, null, null)).connect(target));
    }
    CompletableFuture<ChannelFuture> begun = new CompletableFuture<>();
    EventLoop loop = group().next();
    loop.execute(
        () -> {
          try {
            lookUp(through, loop, begun, handshake, handler);
          } catch (Throwable failure) { // of the user's resolver, or what is missing
            begun.completeExceptionally(failure);
          }
        });
    return begun;
  }

  private void lookUp(
      ProxyAddress through,
      EventLoop loop,
      CompletableFuture<ChannelFuture> begun,
      ClientHandshakeOptions handshake,
      WebSocketClientHandler handler) {
    @SuppressWarnings("unchecked") // Bootstrap allows no other
    AddressResolverGroup<SocketAddress> resolvers =
        (AddressResolverGroup<SocketAddress>) bootstrap.config().resolver();
    if (resolvers == null) { // the transport does it
      begun.complete(connectThrough(through, through.address(), handshake, handler));
      return;
    }
    resolvers
        .getResolver(loop)
        .resolve(through.address())
        .addListener(
            found -> {
              if (!found.isSuccess()) {
                begun.completeExceptionally(found.cause());
                return;
              }
              try {
                SocketAddress proxyAddress = (SocketAddress) found.getNow();
                begun.complete(connectThrough(through, proxyAddress, handshake, handler));
              } catch (Throwable failure) {
                begun.completeExceptionally(failure);
              }
            });
  }

  private ChannelFuture connectThrough(
      ProxyAddress through,
      SocketAddress proxyAddress,
      ClientHandshakeOptions handshake,
      WebSocketClientHandler handler) {
    Bootstrap one =
        bootstrap.clone().handler(initializer(handshake, handler, through, proxyAddress));
    if (!through.scheme().resolvesHere()) {
      one.resolver(NoopAddressResolverGroup.INSTANCE);
    }
    WebSocketUri uri = handshake.uri();
    SocketAddress target =
        address != null ? address : InetSocketAddress.createUnresolved(uri.host(), uri.port());
    return one.connect(target);
  }

  private ChannelInitializer<Channel> initializer(
      ClientHandshakeOptions handshake,
      WebSocketClientHandler handler,
      ProxyAddress through,
      SocketAddress proxyAddress) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (through != null) {
          ProxyHandlers.add(channel, through, proxyAddress, proxyTls);
        }
        WebSocketUri uri = handshake.uri();
        if (uri.secure()) {
          SslHandler ssl = tls.newHandler(channel.alloc(), uri.serverName(), uri.port());
          ssl.setHandshakeTimeoutMillis(0); // the open timeout is over all
          channel.pipeline().addLast(ssl);
        }
        channel.pipeline().addLast(handshake.newHttpClientCodec(), handler);
      }
    };
  }

  /** Returns a bootstrap like {@code users} on which the open timeout is the only one. */
  static Bootstrap withoutConnectTimeout(Bootstrap users) {
    Bootstrap own = users.clone();
    if (!users.config().options().containsKey(ChannelOption.CONNECT_TIMEOUT_MILLIS)) {
      own.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
    }
    return own;
  }
}
