package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProxyException;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.HttpProxyHandler.HttpProxyConnectException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks4ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.EOFException;
import java.net.SocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The only class that needs the optional dependency: it is loaded when there is a proxy. */
final class ProxyHandlers {
  private static final Pattern HTTP_STATUS = Pattern.compile(", status: ([1-5]\\d{2})\\b");
  private static final Pattern SOCKS_REPLY = Pattern.compile(", status: \\w+\\((\\d+)\\)$");
  private static final String DISCONNECTED = ", disconnected";
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

  /** Returns whether an event says that the proxy has reached the server. */
  static boolean isConnected(Object event) {
    return event instanceof ProxyConnectionEvent;
  }

  /** Says what the proxy did if it is why there is no connection; else returns {@code failure}. */
  static Throwable explain(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (isProxyFailure(cause)) {
        return explained(cause);
      }
      cause = cause.getCause();
    }
    return failure;
  }

  /** Netty has the numbers in its messages only. */
  private static ProxyException explained(Throwable proxyFailure) {
    String message = String.valueOf(proxyFailure.getMessage());
    Matcher socks = SOCKS_REPLY.matcher(message);
    if (socks.find()) {
      return ProxyException.ofSocksReply(Integer.parseInt(socks.group(1)), proxyFailure);
    }
    Matcher http = HTTP_STATUS.matcher(message);
    if (http.find()) {
      HttpHeaders headers =
          proxyFailure instanceof HttpProxyConnectException answer ? answer.headers() : null;
      return ProxyException.ofHttpStatus(Integer.parseInt(http.group(1)), headers, proxyFailure);
    }
    return new ProxyException("failed to connect through proxy", reason(proxyFailure));
  }

  private static Throwable reason(Throwable proxyFailure) {
    Throwable cause = proxyFailure.getCause();
    if (cause instanceof NotSslRecordException
        || cause != null && cause.getCause() instanceof NotSslRecordException) {
      // Not as the cause: its message has all bytes, in hexadecimal digits.
      return new NotSslRecordException("the proxy does not speak TLS");
    }
    if (cause != null) {
      return cause; // what ended the connection
    }
    if (!String.valueOf(proxyFailure.getMessage()).endsWith(DISCONNECTED)) {
      return proxyFailure;
    }
    Throwable end = new EOFException("connection closed before the proxy's answer");
    return end.initCause(proxyFailure);
  }

  private static boolean isProxyFailure(Throwable cause) {
    return cause instanceof ProxyConnectException;
  }
}
