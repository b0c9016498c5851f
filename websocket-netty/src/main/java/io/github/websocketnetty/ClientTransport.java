package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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

  /** Returns the proxy for a URI, or null for none. */
  ProxyAddress proxyFor(WebSocketUri uri) {
    return proxy == null ? null : proxy.apply(uri);
  }

  /** Adds what speaks to the server to a channel that leads there. */
  void addHandlers(
      Channel channel, ClientHandshakeOptions handshake, WebSocketClientHandler handler) {
    WebSocketUri uri = handshake.uri();
    if (uri.secure()) {
      SslHandler ssl = tls.newHandler(channel.alloc(), uri.serverName(), uri.port());
      ssl.setHandshakeTimeoutMillis(0); // the open timeout is over all
      channel.pipeline().addLast(ssl);
    }
    channel.pipeline().addLast(handshake.newHttpClientCodec(), handler);
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
