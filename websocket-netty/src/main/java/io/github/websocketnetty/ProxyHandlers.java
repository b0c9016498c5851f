package io.github.websocketnetty;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.netty.channel.Channel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks4ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The only class that needs the optional dependency: it is loaded when there is a proxy. */
final class ProxyHandlers {
  private static final Pattern STATUS = Pattern.compile("status: ([1-5]\\d{2})");
  private static final int MAX_DEPTH = 16;

  private ProxyHandlers() {}

  /**
   * Checks that the dependency is there.
   *
   * @throws IllegalStateException if it is not
   */
  static void checkPresent() {
    try {
      isProxyFailure(null);
    } catch (LinkageError absent) {
      throw new IllegalStateException(
          "a proxy needs io.netty:netty-handler-proxy on the class path", absent);
    }
  }

  /**
   * Adds what speaks to the proxy; what comes behind speaks to the server.
   *
   * @param address where it is, looked up
   * @param tls how to speak to it if its scheme is https
   */
  static void add(Channel channel, ProxyAddress proxy, SocketAddress address, SslContext tls) {
    if (proxy.scheme() == ProxyAddress.Scheme.HTTPS) {
      SslHandler ssl = tls.newHandler(channel.alloc(), proxy.serverName(), proxy.port());
      ssl.setHandshakeTimeoutMillis(0); // the open timeout is over all
      channel.pipeline().addLast(ssl);
    }
    ProxyHandler handler = handler(proxy, address);
    handler.setConnectTimeoutMillis(0); // the open timeout is over all
    channel.pipeline().addLast(handler);
  }

  private static ProxyHandler handler(ProxyAddress proxy, SocketAddress address) {
    String user = proxy.username();
    return switch (proxy.scheme()) {
      case SOCKS5, SOCKS5H -> new Socks5ProxyHandler(address, user, proxy.password());
      case SOCKS4, SOCKS4A -> new Socks4ProxyHandler(address, user);
      case HTTP, HTTPS ->
          user == null
              ? new HttpProxyHandler(address)
              : new HttpProxyHandler(address, user, proxy.password());
    };
  }

  /** Says what the proxy did if it is why there is no connection; else returns {@code failure}. */
  static Throwable explain(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (isProxyFailure(cause)) {
        Matcher status = STATUS.matcher(String.valueOf(cause.getMessage()));
        String problem =
            status.find()
                ? "proxy rejected connection: HTTP " + status.group(1)
                : "failed to connect through proxy";
        return new HandshakeException(Reason.PROXY, problem, cause);
      }
      cause = cause.getCause();
    }
    return failure;
  }

  private static boolean isProxyFailure(Throwable cause) {
    return cause instanceof ProxyConnectException;
  }
}
