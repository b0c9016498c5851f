package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A connection of one side over loopback with its peer; each has an event loop of its own. */
final class ConnectionPair {
  /** Small, so that a peer that does not read is noticed soon. */
  private static final int SOCKET_BUFFER = 16 << 10;

  final Connection connection;
  final Connection peer;
  private final Transports transport;
  private final boolean tls;
  private final CountDownLatch released = new CountDownLatch(1);
  private final EventLoopGroup serverGroup;
  private final EventLoopGroup clientGroup;

  ConnectionPair(Side side, Transports transport) throws Exception {
    this(side, transport, false);
  }

  ConnectionPair(Side side, Transports transport, boolean tls) throws Exception {
    this(side, transport, tls, Connection::waitClosed);
  }

  /** Opens a pair. The endpoint serves the connection of the server. */
  ConnectionPair(Side side, Transports transport, Endpoint endpoint) throws Exception {
    this(side, transport, false, endpoint);
  }

  private ConnectionPair(Side side, Transports transport, boolean tls, Endpoint endpoint)
      throws Exception {
    this.transport = transport;
    this.tls = tls;
    serverGroup = transport.newGroup();
    clientGroup = transport.newGroup();
    CompletableFuture<Connection> served = new CompletableFuture<>();
    Endpoint serve =
        opened -> {
          served.complete(opened);
          return endpoint.serve(opened);
        };
    Connection client = connect(listen(serve));
    Connection server = served.get(10, TimeUnit.SECONDS);
    connection = side == Side.CLIENT ? client : server;
    peer = side == Side.CLIENT ? server : client;
  }

  private InetSocketAddress listen(Endpoint endpoint) throws Exception {
    ServerHandshakeOptions options = ServerHandshakeOptions.forPath("/");
    SslContext context = tls ? TestCertificate.server() : null;
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            if (tls) {
              channel.pipeline().addLast(context.newHandler(channel.alloc()));
            }
            channel
                .pipeline()
                .addLast(options.newHttpServerCodec())
                .addLast(new WebSocketServerHandler("/", endpoint));
          }
        };
    Channel server =
        new ServerBootstrap()
            .group(serverGroup)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
            .childOption(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
            .childHandler(initializer)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return (InetSocketAddress) server.localAddress();
  }

  private Connection connect(InetSocketAddress server) throws Exception {
    String scheme = tls ? "wss" : "ws";
    URI uri = new URI(scheme, null, "localhost", server.getPort(), "/", null, null);
    SslContext context = tls ? TestCertificate.client() : null;
    WebSocketClientHandler opening = new WebSocketClientHandler(uri);
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            if (tls) {
              channel
                  .pipeline()
                  .addLast(context.newHandler(channel.alloc(), "localhost", server.getPort()));
            }
            channel
                .pipeline()
                .addLast(ClientHandshakeOptions.forUri(uri).newHttpClientCodec())
                .addLast(opening);
          }
        };
    new Bootstrap()
        .group(clientGroup)
        .channel(transport.clientChannel())
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
        .handler(initializer)
        .connect(server)
        .sync();
    return opening.connection().get(10, TimeUnit.SECONDS);
  }

  /** What the peer sent before has arrived. */
  void settle() throws Exception {
    peer.ping().get(10, TimeUnit.SECONDS);
  }

  /** Stops the peer's event loop until {@link #release}. */
  void hold() throws Exception {
    CompletableFuture<Void> held = new CompletableFuture<>();
    peer.channel()
        .eventLoop()
        .execute(
            () -> {
              held.complete(null);
              try {
                released.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    held.get(10, TimeUnit.SECONDS);
  }

  void release() {
    released.countDown();
  }

  /** What other threads asked of the connection's event loop before is done. */
  void turn() throws Exception {
    connection.channel().eventLoop().submit(() -> {}).get(10, TimeUnit.SECONDS);
  }

  /** TCP is gone, without a close frame. */
  void lose() {
    peer.channel().pipeline().firstContext().close();
  }

  void end() throws Exception {
    release();
    close(peer);
    close(connection);
    clientGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    serverGroup.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  /**
   * Closes the channel first: an event loop that is told to end without a quiet period while it
   * runs tasks ends without closing its channels, and what their handlers hold is never released.
   */
  private static void close(Connection end) throws Exception {
    Channel channel = end.channel();
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first != null) {
      first.close();
    }
    EventLoop loop = channel.eventLoop();
    if (channel.closeFuture().await(5, TimeUnit.SECONDS) && !loop.isShuttingDown()) {
      loop.submit(() -> {}).await(5, TimeUnit.SECONDS); // behind the handlers' being told
    }
  }
}
