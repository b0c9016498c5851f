package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.NettyVersion;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;

/**
 * Opens connections to servers: by TCP or a Unix domain socket, with TLS for {@code wss}, through a
 * proxy if it is told to, and follows redirects.
 *
 * <pre>{@code
 * WebSocketClient client = WebSocketClient.create();
 * Connection connection = client.connect(URI.create("wss://example.com/chat")).join();
 * }</pre>
 *
 * <p>It brings an event loop of its own, unless it is built with a {@link Bootstrap}, and ends it
 * when it is closed; its thread does not keep the process alive. One client serves for any number
 * of connections.
 *
 * <p>All methods may be called from any thread; none blocks. While a future is not complete, {@code
 * get} and {@code join} throw {@link IllegalStateException} on each event loop of the client, or of
 * its bootstrap's group, rather than wait for what only an event loop can do. So do they on stages
 * derived from it.
 */
public final class WebSocketClient {
  /** The default of {@link Builder#maxRedirects}. */
  public static final int DEFAULT_MAX_REDIRECTS = 10;

  private final ClientTransport transport;
  private final boolean tlsWasGiven;
  private final EventLoopGroup ownedGroup;

  private WebSocketClient(
      ClientTransport transport, boolean tlsWasGiven, EventLoopGroup ownedGroup) {
    this.transport = transport;
    this.tlsWasGiven = tlsWasGiven;
    this.ownedGroup = ownedGroup;
  }

  /** Returns a client with all defaults. */
  public static WebSocketClient create() {
    return builder().build();
  }

  /** Returns a builder with all defaults. */
  public static Builder builder() {
    NettyVersion.check();
    return new Builder();
  }

  /**
   * Connects, with the defaults of {@link ClientHandshakeOptions}.
   *
   * @param uri {@code ws} or {@code wss}; with user info for Basic authentication
   * @return a future as that of {@link #connect(ClientHandshakeOptions)}
   * @throws IllegalArgumentException as {@link #connect(ClientHandshakeOptions)} does
   */
  public CompletableFuture<Connection> connect(URI uri) {
    return connect(ClientHandshakeOptions.forUri(uri));
  }

  /**
   * Connects, with the defaults of {@link ClientHandshakeOptions}, and lets an endpoint use the
   * connection; see {@link #connect(ClientHandshakeOptions, Endpoint)}.
   *
   * @param uri {@code ws} or {@code wss}; with user info for Basic authentication
   * @param endpoint uses the connection, which is closed when it is done
   * @return a future as that of {@link #connect(ClientHandshakeOptions, Endpoint)}
   * @throws IllegalArgumentException as {@link #connect(ClientHandshakeOptions)} does
   */
  public CompletableFuture<Connection> connect(URI uri, Endpoint endpoint) {
    return connect(ClientHandshakeOptions.forUri(uri), endpoint);
  }

  /**
   * Connects. The open timeout of {@code handshake} is the limit for all of it: proxy, TCP, TLS,
   * the opening handshake, and every redirect.
   *
   * <p>All addresses of a name are tried until one is reached, also those of a proxy: IPv6 and IPv4
   * in turn, the next one when one has failed, or was not reached within 250 ms (RFC 8305). If
   * there are several and none is reached, the future fails with {@link java.net.ConnectException},
   * which has the failure of each address as a suppressed exception.
   *
   * <p>The statuses 300, 301, 302, 303, 307 and 308 lead on, from {@code wss} to {@code wss} only.
   * To another scheme, host or port, {@code Authorization}, {@code Cookie}, {@code
   * Proxy-Authorization} and a {@code Host} that was given as a header are not sent. Cookies that a
   * redirect sets go with the next requests of the same call to the same scheme, host and port, if
   * their path and the rest of RFC 6265 allow it; then they are forgotten. A cookie that a redirect
   * ends is not sent either, even if it was given as a header.
   *
   * @param handshake where to, and what is asked for
   * @return a future with the connection, completed on its event loop. It fails with what the
   *     operating system or TLS says, or with {@link
   *     io.github.websocketnetty.protocol.HandshakeException}, which says why the handshake failed
   *     and may be {@link io.github.websocketnetty.protocol.InvalidStatusException}. Cancelling it
   *     gives up
   * @throws IllegalArgumentException if TLS was set for the client, but the URI is {@code ws}
   */
  public CompletableFuture<Connection> connect(ClientHandshakeOptions handshake) {
    Objects.requireNonNull(handshake, "handshake");
    ClientAttempt attempt = attempt(handshake);
    attempt.start();
    return attempt.connection();
  }

  /**
   * Connects as {@link #connect(ClientHandshakeOptions)} does, and lets an endpoint use the
   * connection from before its first frame is read, also of frames that arrive together with the
   * response.
   *
   * <p>The endpoint is called once, on the connection's event loop, for the connection to which
   * redirects have led; not at all if there is none. Where the stage it returned completes, or is
   * null, the connection is closed with 1000. Where it fails, or the endpoint throws, that is
   * logged and the connection is closed with 1011. An {@link Endpoint#blocking} one is started by
   * then, and runs beside what is read.
   *
   * @param handshake where to, and what is asked for
   * @param endpoint uses the connection, which is closed when it is done
   * @return a future with the connection, completed on its event loop right after the endpoint has
   *     returned, also if it threw; {@link Connection#waitClosed} tells the end. It fails as that
   *     of {@link #connect(ClientHandshakeOptions)}. Cancelling it gives up: the endpoint is not
   *     called any more, or its connection is closed with 1000
   * @throws IllegalArgumentException if TLS was set for the client, but the URI is {@code ws}
   */
  public CompletableFuture<Connection> connect(
      ClientHandshakeOptions handshake, Endpoint endpoint) {
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(handshake, "handshake");
    ClientAttempt attempt = attempt(handshake);
    CompletableFuture<Connection> served = new GroupFuture<>(transport.group());
    attempt
        .connection()
        .whenComplete(
            (opened, failure) -> {
              if (failure != null) {
                served.completeExceptionally(failure);
                return;
              }
              EndpointRun.run(endpoint, opened);
              if (!served.complete(opened)) {
                opened.close(); // cancelled while the endpoint was called
              }
            });
    served.whenComplete(
        (opened, failure) -> {
          if (failure != null) {
            attempt.connection().cancel(false);
          }
        });
    attempt.start();
    return served;
  }

  /** Returns an attempt that was not started. */
  ClientAttempt attempt(ClientHandshakeOptions handshake) {
    if (tlsWasGiven) {
      handshake.checkTls(true);
    }
    return new ClientAttempt(transport, handshake);
  }

  Logger logger() {
    return transport.options().logger(Side.CLIENT);
  }

  EventLoopGroup group() {
    return transport.group();
  }

  /**
   * Closes the connections that are open with 1001, going away, gives up those that are about to
   * be, and ends the client's own event loop. Nothing can be opened with it any more.
   *
   * @return a future that completes when all is closed; it never fails
   */
  public CompletableFuture<Void> close() {
    // The end of event loops is told on Netty's global executor.
    GroupFuture<Void> ended = new GroupFuture<>(transport.group(), GlobalEventExecutor.INSTANCE);
    transport
        .connections()
        .close()
        .whenComplete(
            (nothing, failure) -> {
              if (ownedGroup == null) {
                ended.complete(null);
              } else {
                Sockets.end(ownedGroup).addListener(done -> ended.complete(null));
              }
            });
    return ended;
  }

  /** Collects options; {@link #build} makes a client. Not thread-safe. */
  public static final class Builder {
    private Bootstrap bootstrap;
    private ConnectionOptions options = ConnectionOptions.defaults();
    private SslContext tls;
    private SocketAddress address;
    private Function<WebSocketUri, ProxyAddress> proxy;
    private SslContext proxyTls;
    private int maxRedirects = DEFAULT_MAX_REDIRECTS;
    private LookUps lookUps = new LookUps(InetAddress::getAllByName);

    private Builder() {}

    Builder lookUps(LookUps value) {
      lookUps = value;
      return this;
    }

    /**
     * Sets event loops, transport, channel options and resolver, which stay the caller's; {@code
     * null}, the default, for an event loop of the client's own, with epoll where {@code
     * netty-transport-native-epoll} is present and works, else with NIO, and for lookups of hosts
     * as the JDK does them, on other threads. A bootstrap without a resolver of its own looks up on
     * the event loop, which does nothing else meanwhile.
     *
     * @param value complete but for its handler, which is not used; copied
     */
    public Builder bootstrap(Bootstrap value) {
      bootstrap = value;
      return this;
    }

    /** Sets the limits and times of the connections. */
    public Builder options(ConnectionOptions value) {
      options = Objects.requireNonNull(value, "options");
      return this;
    }

    /**
     * Sets whom to trust and all else about TLS; {@code null}, the default, for what the JDK
     * trusts. A client with TLS does not connect without.
     */
    public Builder tls(SslContext value) {
      tls = value;
      return this;
    }

    /**
     * Sets where to connect to, whatever the URI says; {@code Host} and the name in the certificate
     * stay those of the URI.
     *
     * @param value an {@link InetSocketAddress}, or a {@link UnixDomainSocketAddress}; or, with a
     *     bootstrap, what its channel wants; {@code null}, the default, for where the URI says
     */
    public Builder address(SocketAddress value) {
      address = value;
      return this;
    }

    /**
     * Sets a proxy: {@code http}, {@code https}, {@code socks5h}, {@code socks5}, {@code socks4a}
     * or {@code socks4}, with user info if it wants a name and a password. With {@code socks5} and
     * {@code socks4} we look up the server's address, else the proxy does. Needs {@code
     * netty-handler-proxy}.
     *
     * @throws IllegalArgumentException if it is not the URI of a proxy
     */
    public Builder proxy(URI uri) {
      Objects.requireNonNull(uri, "proxy");
      ProxyAddress always = ProxyAddress.parse(uri);
      proxy = server -> always;
      return this;
    }

    /**
     * Takes the proxy, if any, from the environment: unless {@code no_proxy} lists the server, from
     * {@code wss_proxy} or {@code ws_proxy}, then {@code socks_proxy}, then {@code https_proxy},
     * then, for {@code ws} only, {@code http_proxy}, then {@code all_proxy}. Each is also read in
     * capitals, but for {@code http_proxy}. Needs {@code netty-handler-proxy}.
     *
     * <p>{@code no_proxy} has commas or spaces between names ({@code example.com}, which stands for
     * the names below it too, {@code *.example.com}, which stands for those alone), addresses, with
     * a port or without, prefixes ({@code 10.0.0.0/8}, {@code fd00::/8}), or {@code *}. If a
     * variable has what cannot be read, connecting fails with {@link IllegalArgumentException}.
     */
    public Builder proxyFromEnvironment() {
      return proxyFromEnvironment(System.getenv());
    }

    Builder proxyFromEnvironment(Map<String, String> environment) {
      proxy = server -> ProxyAddress.find(environment, server);
      return this;
    }

    /**
     * Sets whom to trust if the proxy's scheme is {@code https}; {@code null}, the default, for
     * what the JDK trusts.
     */
    public Builder proxyTls(SslContext value) {
      proxyTls = value;
      return this;
    }

    /**
     * Sets how many redirects are followed; 10 unless set. With 0 they fail as other statuses do.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maxRedirects(int count) {
      if (count < 0) {
        throw new IllegalArgumentException("maxRedirects is " + count + ", must not be negative");
      }
      maxRedirects = count;
      return this;
    }

    /**
     * Checks everything and builds.
     *
     * @throws IllegalArgumentException if there are a proxy and a Unix domain socket
     * @throws IllegalStateException if the bootstrap lacks something, {@code netty-handler-proxy}
     *     is missing for a proxy, or the JDK has no TLS
     */
    public WebSocketClient build() {
      if (proxy != null) {
        if (address != null && !(address instanceof InetSocketAddress)) {
          throw new IllegalArgumentException("no proxy leads to " + address);
        }
        ProxyHandlers.checkPresent();
      }
      Sockets sockets = Sockets.best();
      EventLoopGroup group = null;
      Bootstrap complete = bootstrap;
      SocketAddress target = address;
      SslContext trust = tls == null ? trustOfTheJdk() : tls;
      if (bootstrap == null) {
        group =
            new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("websocket-client", true), sockets.ioHandler());
        complete = new Bootstrap().group(group).channel(sockets.client(address)).resolver(lookUps);
        target = sockets.translate(address);
      } else if (bootstrap.config().group() == null) {
        throw new IllegalStateException("the bootstrap has no event loops");
      }
      ClientTransport transport =
          new ClientTransport(
              ClientTransport.withoutConnectTimeout(complete),
              options,
              trust,
              target,
              proxy,
              proxyTls == null && proxy != null ? trustOfTheJdk() : proxyTls,
              maxRedirects,
              new ClientConnections());
      return new WebSocketClient(transport, tls != null, group);
    }

    private static SslContext trustOfTheJdk() {
      try {
        return SslContextBuilder.forClient().build();
      } catch (SSLException e) {
        throw new IllegalStateException("the JDK has no TLS", e);
      }
    }
  }
}
