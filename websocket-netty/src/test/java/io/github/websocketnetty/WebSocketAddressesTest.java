package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.HandshakeException.Reason;
import io.github.websocketnetty.protocol.ProxyException;
import io.github.websocketnetty.support.BlackHole;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.StoppedClock;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.TestProxy;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** CLI-01: names with several addresses, of servers and of proxies. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class WebSocketAddressesTest {
  private static final String UP = "127.0.0.1";

  /** Addresses at which nothing listens. */
  private static final String DOWN = "127.0.0.2";

  private static final String DOWN_TOO = "127.0.0.3";
  private static final String BLACK_HOLE = "127.0.0.4";

  private final Map<String, List<String>> names = new HashMap<>();
  private final BlockingQueue<Channel> channels = new LinkedBlockingQueue<>();
  private final Queue<Thread> openers = new ConcurrentLinkedQueue<>();
  private WebSocketServer server;
  private WebSocketClient client;
  private EventLoopGroup group;

  @AfterEach
  void closeAll() throws Exception {
    if (client != null) {
      client.close().get(10, TimeUnit.SECONDS);
    }
    if (server != null) {
      server.close().get(10, TimeUnit.SECONDS);
    }
    if (group != null) {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private void listen(WebSocketServer.Builder builder, String address) throws Exception {
    server =
        builder
            .anyPath(connection -> connection.forEachAsync(connection::send))
            .bind(new InetSocketAddress(InetAddress.getByName(address), 0))
            .get(10, TimeUnit.SECONDS);
  }

  private void listen() throws Exception {
    listen(WebSocketServer.builder(), UP);
  }

  private InetAddress[] lookUp(String host) throws UnknownHostException {
    List<String> addresses = names.get(host);
    if (addresses == null) {
      throw new UnknownHostException(host);
    }
    InetAddress[] found = new InetAddress[addresses.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getByName(addresses.get(i));
    }
    return found;
  }

  private Bootstrap bootstrap(Transports transport) {
    return bootstrap(transport.newGroup(), transport);
  }

  private Bootstrap bootstrap(EventLoopGroup loops, Transports transport) {
    group = loops;
    ReflectiveChannelFactory<Channel> factory =
        new ReflectiveChannelFactory<>(transport.clientChannel());
    return new Bootstrap()
        .group(group)
        .channelFactory(
            () -> {
              Channel channel = factory.newChannel();
              channels.add(channel);
              openers.add(Thread.currentThread());
              return channel;
            })
        .resolver(new LookUps(this::lookUp));
  }

  private WebSocketClient.Builder builder(Transports transport) {
    return WebSocketClient.builder().bootstrap(bootstrap(transport));
  }

  /** No attempt begins because another one is slow. */
  private WebSocketClient.Builder patientBuilder() {
    return WebSocketClient.builder().bootstrap(bootstrap(new StoppedClock(), Transports.NIO));
  }

  private URI uri(String host) {
    return URI.create("ws://" + host + ":" + server.port() + "/");
  }

  private static Connection assertEcho(CompletableFuture<Connection> connecting) throws Exception {
    Connection connection = connecting.get(10, TimeUnit.SECONDS);
    connection.send("hello");
    assertEquals("hello", connection.recvText().get(10, TimeUnit.SECONDS));
    return connection;
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS))
        .getCause();
  }

  private void assertClosed(Channel channel) throws Exception {
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @EnumSource
  void addressThatRefusesIsFollowedByTheNext(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(DOWN, DOWN_TOO, UP));
    client = builder(transport).build();
    Connection connection = assertEcho(client.connect(uri("server.example")));
    assertEquals(server.address(), connection.remoteAddress());
    String host = connection.request().orElseThrow().headers().get("Host");
    assertEquals("server.example:" + server.port(), host);
    assertClosed(channels.take());
    assertClosed(channels.take());
    assertEquals(connection.channel(), channels.take());
    assertTrue(channels.isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void addressThatIsSilentDoesNotHoldUpTheNext(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(BLACK_HOLE, UP));
    client = builder(transport).build();
    try (BlackHole silent = blackHole()) {
      Connection connection = assertEcho(client.connect(uri("server.example")));
      assertEquals(server.address(), connection.remoteAddress());
      assertClosed(channels.take());
      assertEquals(connection.channel(), channels.take());
      assertTrue(silent.address().getPort() == server.port() && channels.isEmpty());
    }
  }

  private BlackHole blackHole() throws Exception {
    return new BlackHole(InetAddress.getByName(BLACK_HOLE), server.port());
  }

  // HS-51: the certificate is for the name, whatever the address
  @ParameterizedTest
  @EnumSource
  void nextAddressIsTriedWithTls(Transports transport) throws Exception {
    listen(WebSocketServer.builder().tls(TestCertificate.server()), UP);
    names.put("localhost", List.of(DOWN, UP));
    names.put("localhost.", List.of(DOWN, UP));
    names.put("other.example", List.of(DOWN, UP));
    client = builder(transport).tls(TestCertificate.client()).build();
    assertEcho(client.connect(URI.create("wss://localhost:" + server.port() + "/")));
    assertEcho(client.connect(URI.create("wss://localhost.:" + server.port() + "/")));
    Throwable otherName =
        failure(client.connect(URI.create("wss://other.example:" + server.port() + "/")));
    assertTrue(!Retries.isRetryable(otherName), otherName::toString);
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.2 ::1", "::2 ::1", "::2 127.0.0.2 ::1"})
  void bothFamiliesAreTried(String addresses) throws Exception {
    assumeTrue(NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null);
    listen(WebSocketServer.builder(), "::1");
    names.put("server.example", Arrays.asList(addresses.split(" ")));
    client = WebSocketClient.builder().lookUps(new LookUps(this::lookUp)).build();
    assertEcho(client.connect(uri("server.example")));
  }

  @ParameterizedTest
  @EnumSource
  void failureNamesEachAddress(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(DOWN, DOWN_TOO));
    client = builder(transport).build();
    Throwable failure = failure(client.connect(uri("server.example")));
    assertInstanceOf(ConnectException.class, failure);
    assertTrue(Retries.isRetryable(failure));
    String port = ":" + server.port();
    String message = failure.getMessage();
    assertTrue(
        message.startsWith(
            "could not connect to server.example" + port + " by any of 2 addresses: "),
        message);
    assertTrue(message.contains(DOWN + port + " ("), message);
    assertTrue(message.contains(DOWN_TOO + port + " ("), message);
    assertEquals(2, failure.getSuppressed().length);
    for (Throwable each : failure.getSuppressed()) {
      assertInstanceOf(ConnectException.class, each);
    }
  }

  @Test
  void failureOfManyAddressesIsCut() throws Exception {
    listen();
    String[] many = new String[9];
    Arrays.setAll(many, i -> "127.1.0." + i);
    names.put("server.example", List.of(many));
    client = builder(Transports.NIO).build();
    Throwable failure = failure(client.connect(uri("server.example")));
    String message = failure.getMessage();
    assertTrue(message.contains(" by any of 9 addresses: "), message);
    assertTrue(message.contains(", 127.1.0.7:") && message.endsWith(") and more"), message);
    assertEquals(9, failure.getSuppressed().length);
  }

  @Test
  void nameWithoutAddressesIsUnknown() throws Exception {
    listen();
    names.put("server.example", List.of());
    client = builder(Transports.NIO).build();
    Throwable failure = failure(client.connect(uri("server.example")));
    assertInstanceOf(UnknownHostException.class, failure);
    assertEquals("server.example:" + server.port(), failure.getMessage());
  }

  /** Looks up nothing by itself, and tells what it knows on another thread if it is told to. */
  private static final class HeldLookUps extends AddressResolverGroup<InetSocketAddress> {
    private final CompletableFuture<Promise<List<InetAddress>>> asked = new CompletableFuture<>();
    private final EventExecutor executor;

    HeldLookUps(EventExecutor executor) {
      this.executor = executor;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor loop) {
      return new InetNameResolver(executor) {
        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
          throw new AssertionError("all addresses are wanted");
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
          asked.complete(promise);
        }
      }.asAddressResolver();
    }
  }

  // HS-52
  @Test
  void nothingIsTriedIfTheLookUpEndsAfterCancelling() throws Exception {
    listen();
    Bootstrap bootstrap = bootstrap(Transports.NIO);
    EventExecutor loop = group.next();
    HeldLookUps lookUps = new HeldLookUps(loop);
    client = WebSocketClient.builder().bootstrap(bootstrap.resolver(lookUps)).build();
    CompletableFuture<Connection> cancelled = client.connect(uri("server.example"));
    Promise<List<InetAddress>> answer = lookUps.asked.get(10, TimeUnit.SECONDS);
    cancelled.cancel(false);
    loop.submit(() -> answer.setSuccess(List.of(InetAddress.getByName(UP)))).sync();
    for (EventExecutor each : group) {
      each.submit(() -> {}).sync();
    }
    assertTrue(channels.isEmpty());
  }

  @Test
  void resolverMayAnswerOnAnotherThread() throws Exception {
    listen();
    HeldLookUps lookUps = new HeldLookUps(GlobalEventExecutor.INSTANCE);
    Bootstrap bootstrap = bootstrap(Transports.NIO).resolver(lookUps);
    client = WebSocketClient.builder().bootstrap(bootstrap).build();
    CompletableFuture<Connection> connecting = client.connect(uri("server.example"));
    Promise<List<InetAddress>> answer = lookUps.asked.get(10, TimeUnit.SECONDS);
    answer.setSuccess(List.of(InetAddress.getByName(UP)));
    Connection connection = assertEcho(connecting);
    Thread loop = connection.channel().eventLoop().submit(Thread::currentThread).get();
    assertEquals(List.of(loop), List.copyOf(openers));
  }

  // OPT-20
  @ParameterizedTest
  @EnumSource
  void openTimeoutEndsAllAttempts(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(BLACK_HOLE));
    client = builder(transport).build();
    try (BlackHole silent = blackHole()) {
      ClientHandshakeOptions handshake =
          ClientHandshakeOptions.builder(uri("server.example"))
              .openTimeout(Duration.ofMillis(100))
              .build();
      HandshakeException timeout =
          assertInstanceOf(HandshakeException.class, failure(client.connect(handshake)));
      assertEquals(Reason.TIMEOUT, timeout.reason());
      for (Channel begun = channels.poll(); begun != null; begun = channels.poll()) {
        assertClosed(begun); // none on a machine that is slower than the timeout
      }
      assertEquals(server.port(), silent.address().getPort());
    }
  }

  // HS-52
  @ParameterizedTest
  @EnumSource
  void cancellingAndClosingEndAllAttempts(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(BLACK_HOLE, BLACK_HOLE));
    client = builder(transport).build();
    try (BlackHole silent = blackHole()) {
      CompletableFuture<Connection> cancelled = client.connect(uri("server.example"));
      Channel first = channels.take();
      cancelled.cancel(false);
      assertClosed(first);
      CompletableFuture<Connection> connecting = client.connect(uri("server.example"));
      Channel second = channels.take();
      client.close().get(10, TimeUnit.SECONDS);
      assertInstanceOf(IllegalStateException.class, failure(connecting));
      assertClosed(second);
      assertTrue(silent.address().getPort() == server.port() && channels.isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource
  void localAddressOfTheBootstrapIsUsed(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(DOWN, UP));
    SocketAddress local = new InetSocketAddress(DOWN_TOO, 0);
    client = WebSocketClient.builder().bootstrap(bootstrap(transport).localAddress(local)).build();
    Connection connection = assertEcho(client.connect(uri("server.example")));
    InetSocketAddress used = (InetSocketAddress) connection.localAddress();
    assertEquals(DOWN_TOO, used.getAddress().getHostAddress());
  }

  @ParameterizedTest
  @EnumSource
  void explicitNameHasSeveralAddressesToo(Transports transport) throws Exception {
    listen();
    names.put("server.example", List.of(DOWN, UP));
    client =
        builder(transport)
            .address(InetSocketAddress.createUnresolved("server.example", server.port()))
            .build();
    assertEcho(client.connect(URI.create("ws://overridden/")));
  }

  /** Not that of a network that is down, or where it is not yet known whether it is unique. */
  private static boolean isUsable(InetAddress address) {
    try (ServerSocket bound = new ServerSocket(0, 1, address)) {
      return bound.isBound();
    } catch (IOException unusable) {
      return false;
    }
  }

  // RFC 6874; the resolver is not asked
  @ParameterizedTest
  @EnumSource
  void zoneOfAnAddressIsForTheLookUpAlone(Transports transport) throws Exception {
    InetAddress local =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> each instanceof Inet6Address && each.isLinkLocalAddress())
            .filter(WebSocketAddressesTest::isUsable)
            .findAny()
            .orElse(null);
    assumeTrue(local != null, "no link-local address here");
    listen(WebSocketServer.builder(), local.getHostAddress());
    client = builder(transport).build();
    String[] addressAndZone = local.getHostAddress().split("%");
    String canonical =
        ClientHandshakeOptions.forUri(URI.create("ws://[" + addressAndZone[0] + "]")).uri().host();
    URI uri =
        URI.create("ws://[" + canonical + "%25" + addressAndZone[1] + "]:" + server.port() + "/");
    Connection connection = assertEcho(client.connect(uri));
    String host = connection.request().orElseThrow().headers().get("Host");
    assertEquals("[" + canonical + "]:" + server.port(), host);
    assertInstanceOf(
        UnknownHostException.class,
        failure(client.connect(URI.create("ws://[fe80::1%25nosuch0]:1/"))));
  }

  // CLI-12, CLI-14
  @ParameterizedTest
  @CsvSource({
    "http, ws://[fe80::1%25lo]/, CONNECT [fe80::1]:80 HTTP/1.1",
    "http, ws://under_score/, CONNECT under_score:80 HTTP/1.1",
    "socks5h, ws://[fe80::1%25lo]/, 'socks5  fe80:0:0:0:0:0:0:1:80'",
    "socks5h, ws://127.0.0.1/, 'socks5  127.0.0.1:80'",
    "socks4a, ws://127.0.0.1/, 'socks4  127.0.0.1:80'",
    "socks5h, ws://under_score/, 'socks5  under_score:80'",
    "socks5, ws://server.example/, 'socks5  127.0.0.1:80'",
  })
  void proxyWithSeveralAddressesIsAskedOnce(String scheme, String uri, String request)
      throws Exception {
    listen();
    names.put("squid_proxy", List.of(DOWN, UP));
    names.put("server.example", List.of(UP, DOWN));
    try (TestProxy proxy = new TestProxy(server.port())) {
      client =
          patientBuilder().proxy(URI.create(scheme + "://squid_proxy:" + proxy.port())).build();
      assertEcho(client.connect(URI.create(uri)));
      assertEquals(request, proxy.request().lines().findFirst().orElseThrow());
      assertEquals(2, channels.size());
      assertTrue(proxy.isIdle());
    }
  }

  @ParameterizedTest
  @CsvSource({"socks5, 4", "socks5, 5", "socks4, 91"})
  void nextAddressOfTheServerIsTriedThroughSocks(String scheme, String reply) throws Exception {
    listen();
    names.put("squid_proxy", List.of(DOWN, UP, DOWN_TOO));
    names.put("server.example", List.of("::2", DOWN, UP));
    try (TestProxy proxy = new TestProxy(server.port()).failFirst(reply)) {
      client =
          patientBuilder().proxy(URI.create(scheme + "://squid_proxy:" + proxy.port())).build();
      assertEcho(client.connect(uri("server.example")));
      boolean ipv4Only = scheme.equals("socks4");
      String first = ipv4Only ? DOWN : "0:0:0:0:0:0:0:2";
      String second = ipv4Only ? UP : DOWN;
      assertEquals(scheme + "  " + first + ":" + server.port(), proxy.request());
      assertEquals(scheme + "  " + second + ":" + server.port(), proxy.request());
      assertTrue(proxy.isIdle());
      assertEquals(3, channels.size()); // the proxy that refuses is not asked again
    }
  }

  @ParameterizedTest
  @CsvSource({"2, false", "5, true"})
  void answerOfTheProxyIsTold(String reply, boolean retryable) throws Exception {
    listen();
    names.put("squid_proxy", List.of(UP, DOWN));
    names.put("server.example", List.of(DOWN));
    names.put("two.example", List.of(DOWN, DOWN_TOO));
    try (TestProxy proxy = new TestProxy(server.port()).failFirst(reply, reply, reply)) {
      client = patientBuilder().proxy(URI.create("socks5://squid_proxy:" + proxy.port())).build();
      Throwable one = failure(client.connect(uri("server.example")));
      ProxyException refusal = assertInstanceOf(ProxyException.class, one);
      assertEquals(OptionalInt.of(Integer.parseInt(reply)), refusal.socksReply());
      assertEquals(retryable, Retries.isRetryable(one));
      Throwable two = failure(client.connect(uri("two.example")));
      assertInstanceOf(ConnectException.class, two);
      assertTrue(two.getMessage().contains(DOWN + ":" + server.port() + " through " + UP + ":"));
      assertEquals(retryable, Retries.isRetryable(two));
      assertEquals(2, two.getSuppressed().length);
      assertInstanceOf(ProxyException.class, two.getSuppressed()[1]);
    }
  }

  @Test
  void socks4NeedsAnIpv4Address() throws Exception {
    listen();
    names.put("squid_proxy", List.of(UP));
    names.put("server.example", List.of("::1"));
    client = builder(Transports.NIO).proxy(URI.create("socks4://squid_proxy:1")).build();
    Throwable failure = failure(client.connect(URI.create("ws://server.example/")));
    assertInstanceOf(UnknownHostException.class, failure);
    assertEquals(
        "server.example:80 has no IPv4 address, and SOCKS 4 knows no other", failure.getMessage());
  }
}
