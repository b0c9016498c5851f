package io.github.websocketnetty;

import io.github.websocketnetty.ConnectRace.Failure;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HostName;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One way to a server, from the look-up of its name on: all addresses are tried, and one channel
 * gets the handlers of the handshake. The same for the name of a proxy. All of it happens on one
 * event loop.
 */
final class ClientConnect {
  private final ClientTransport transport;
  private final ClientHandshakeOptions handshake;
  private final WebSocketClientHandler handler;
  private final Consumer<? super Throwable> onFailure;
  private final EventLoop loop;
  private ProxyAddress through;
  private ConnectRace<ConnectRoute> race;
  private boolean stopped;

  /**
   * Creates one that has not begun.
   *
   * @param handler gets the channel that is connected, and all that fails from then on
   * @param onFailure is told on the event loop if there is no such channel
   */
  ClientConnect(
      ClientTransport transport,
      ClientHandshakeOptions handshake,
      WebSocketClientHandler handler,
      Consumer<? super Throwable> onFailure) {
    this.transport = transport;
    this.handshake = handshake;
    this.handler = handler;
    this.onFailure = onFailure;
    this.loop = transport.group().next();
  }

  /**
   * Begins. May be called from any thread.
   *
   * @throws RejectedExecutionException if the event loop has ended
   */
  void start() {
    loop.execute(() -> guard(this::lookUpAll));
  }

  /** Gives up what the handler has not got yet. May be called from any thread. */
  void stop() {
    try {
      loop.execute(
          () -> {
            stopped = true;
            if (race != null) {
              race.stop();
            }
          });
    } catch (RejectedExecutionException ended) {
      // And its channels are closed.
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Tells what fails: of the user's resolver, or because something is missing. */
  private void guard(Step step) {
    if (stopped) {
      return;
    }
    try {
      step.run();
    } catch (Throwable failure) {
      onFailure.accept(failure);
    }
  }

  private void lookUpAll() throws Exception {
    through = transport.proxyFor(handshake.uri());
    if (through == null) {
      lookUp(target(), targets -> race(routes(null, targets)));
      return;
    }
    lookUp(
        through.address(),
        proxies -> {
          if (through.scheme().resolvesHere()) {
            lookUp(target(), targets -> race(throughSocks(proxies, targets)));
          } else {
            race(routes(proxies, List.of(targetOfTheProxy())));
          }
        });
  }

  private SocketAddress target() {
    WebSocketUri uri = handshake.uri();
    return transport.address() != null
        ? transport.address()
        : InetSocketAddress.createUnresolved(uri.host(), uri.port());
  }

  /** Returns what a proxy looks up: it would not know our interfaces. */
  private SocketAddress targetOfTheProxy() {
    if (transport.address() != null) {
      return transport.address();
    }
    String host = HostName.withoutZone(handshake.uri().host());
    int port = handshake.uri().port();
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    return literal != null && through.scheme() == ProxyAddress.Scheme.SOCKS5H
        ? new InetSocketAddress(literal, port) // SOCKS 5 has names and addresses
        : InetSocketAddress.createUnresolved(host, port);
  }

  private static List<ConnectRoute> routes(
      List<SocketAddress> proxies, List<SocketAddress> targets) {
    List<ConnectRoute> routes = new ArrayList<>();
    for (SocketAddress target : targets) {
      if (proxies == null) {
        routes.add(new ConnectRoute(null, target));
      } else {
        proxies.forEach(proxy -> routes.add(new ConnectRoute(proxy, target)));
      }
    }
    return routes;
  }

  private List<ConnectRoute> throughSocks(List<SocketAddress> proxies, List<SocketAddress> targets)
      throws UnknownHostException {
    List<SocketAddress> known = targets;
    if (through.scheme() == ProxyAddress.Scheme.SOCKS4) {
      known = targets.stream().filter(ClientConnect::isIpv4).toList();
      if (known.isEmpty()) {
        throw new UnknownHostException(
            ConnectRoute.text(target()) + " has no IPv4 address, and SOCKS 4 knows no other");
      }
    }
    return routes(proxies, known);
  }

  private static boolean isIpv4(SocketAddress address) {
    return address instanceof InetSocketAddress internet
        && internet.getAddress() instanceof Inet4Address;
  }

  private interface Found {
    void run(List<SocketAddress> addresses) throws Exception;
  }

  private void lookUp(SocketAddress wanted, Found found) throws Exception {
    @SuppressWarnings("unchecked") // Bootstrap allows no other
    AddressResolverGroup<SocketAddress> resolvers =
        (AddressResolverGroup<SocketAddress>) transport.bootstrap().config().resolver();
    if (resolvers == null) { // the transport does it
      found.run(List.of(wanted));
      return;
    }
    SocketAddress address = withZone(wanted);
    AddressResolver<SocketAddress> resolver = resolvers.getResolver(loop);
    if (!resolver.isSupported(address) || resolver.isResolved(address)) {
      found.run(List.of(address));
      return;
    }
    resolver
        .resolveAll(address)
        .addListener(
            (Future<List<SocketAddress>> done) -> {
              if (loop.inEventLoop()) {
                found(address, done, found);
              } else {
                loop.execute(() -> found(address, done, found));
              }
            });
  }

  private void found(SocketAddress address, Future<List<SocketAddress>> done, Found found) {
    guard(
        () -> {
          if (!done.isSuccess()) {
            onFailure.accept(done.cause());
          } else if (done.getNow().isEmpty()) {
            throw new UnknownHostException(ConnectRoute.text(address));
          } else {
            found.run(AddressOrder.alternating(done.getNow()));
          }
        });
  }

  /**
   * Lets the JDK read an address with a zone: other resolvers lose the zone. Nothing is looked up,
   * so this does not block.
   */
  private static SocketAddress withZone(SocketAddress address) throws UnknownHostException {
    return address instanceof InetSocketAddress internet
            && internet.isUnresolved()
            && internet.getHostString().indexOf('%') >= 0
        ? new InetSocketAddress(InetAddress.getByName(internet.getHostString()), internet.getPort())
        : address;
  }

  private void race(List<ConnectRoute> routes) {
    race = new ConnectRace<>(loop, routes, this::open, this::failed);
    race.next();
  }

  private void failed(List<Failure<ConnectRoute>> failures) {
    onFailure.accept(
        ConnectRoute.failure(handshake.uri().hostHeader(), failures, transport::explain));
  }

  private Channel open(ConnectRace<ConnectRoute>.Attempt attempt) {
    ConnectRoute route = attempt.route();
    ChannelFuture connected =
        transport
            .bootstrap()
            .clone(loop)
            .disableResolver()
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    initialize(channel.pipeline(), attempt);
                  }
                })
            .connect(route.target());
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            race.leaveOut(other -> route.proxy() != null && route.proxy().equals(other.proxy()));
            attempt.failed(done.cause());
          }
        });
    return connected.channel();
  }

  private void initialize(ChannelPipeline pipeline, ConnectRace<ConnectRoute>.Attempt attempt) {
    Gate gate = new Gate(attempt);
    if (!isProxyAsked()) {
      pipeline.addLast(gate);
    }
    if (through != null) {
      ProxyHandlers.add(pipeline.channel(), through, attempt.route().proxy(), transport.proxyTls());
      pipeline.addLast(isProxyAsked() ? gate : new ProxyWait());
    }
  }

  /** Returns whether an attempt ends with the proxy's answer, and not with TCP to the proxy. */
  private boolean isProxyAsked() {
    return through != null && through.scheme().resolvesHere();
  }

  /** Adds the handlers of the handshake if its attempt is the first to succeed. */
  private final class Gate extends ChannelInboundHandlerAdapter {
    private final ConnectRace<ConnectRoute>.Attempt attempt;

    Gate(ConnectRace<ConnectRoute>.Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (isProxyAsked()) {
        SocketAddress reached = attempt.route().proxy();
        race.leaveOut(other -> !other.proxy().equals(reached)); // what is left is up to that proxy
      } else if (attempt.succeeded()) {
        addHandlers(ctx);
        ctx.fireChannelActive();
        ctx.pipeline().remove(this);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!isProxyAsked() || !ProxyHandlers.isConnected(event)) {
        ctx.fireUserEventTriggered(event);
      } else if (attempt.succeeded()) {
        addHandlers(ctx);
        ctx.pipeline().remove(this);
      }
    }

    private void addHandlers(ChannelHandlerContext ctx) {
      try {
        transport.addHandlers(ctx.channel(), handshake, handler);
      } catch (Throwable failure) { // the user's TLS
        onFailure.accept(failure);
        ctx.close();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      attempt.failed(new ClosedChannelException());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      attempt.failed(cause);
      ctx.close();
    }
  }
}
