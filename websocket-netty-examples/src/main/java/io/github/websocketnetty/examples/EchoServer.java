package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sends every message back, on any path. It listens from {@link #start} to {@link #close}.
 *
 * <p>This is what a server needs besides the library's handlers: a bootstrap, the pipeline of a new
 * connection, and a set of connections to say goodbye to.
 */
public final class EchoServer implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final Duration SLACK = Duration.ofSeconds(1);

  private final ServerHandshakeOptions handshake;
  private final WebSocketPipeline webSocket;
  private final EventLoopGroup group;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private Channel listener;
  private volatile boolean closing;

  private EchoServer(
      EventLoopGroup group, ServerHandshakeOptions handshake, WebSocketPipeline webSocket) {
    this.group = group;
    this.handshake = handshake;
    this.webSocket = webSocket;
  }

  /**
   * Starts a server.
   *
   * @param address where to listen; port 0 takes a free one
   * @param transport how Netty talks to the operating system
   * @param threads how many event loops serve the connections
   * @param handshake which requests become WebSockets
   * @param webSocket limits and times of a connection; it must aggregate messages
   * @throws IOException if the address cannot be listened on
   */
  public static EchoServer start(
      InetSocketAddress address,
      Transport transport,
      int threads,
      ServerHandshakeOptions handshake,
      WebSocketPipeline webSocket)
      throws IOException {
    EchoServer server = new EchoServer(transport.newGroup(threads), handshake, webSocket);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(server.group)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(server.newInitializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      server.group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new IOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage(),
          bound.cause());
    }
    server.listener = bound.channel();
    return server;
  }

  private ChannelInitializer<SocketChannel> newInitializer() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        if (closing) {
          channel.close();
          return;
        }
        connections.add(channel);
        channel
            .pipeline()
            .addLast(handshake.newHttpServerCodec())
            .addLast(new WebSocketServerHandshakeHandler(handshake, webSocket))
            .addLast(new EchoHandler(() -> closing));
      }
    };
  }

  /** Returns where the server listens, with the real port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /**
   * Stops listening, closes every connection with 1001 (going away) and waits for them, at most as
   * long as their close timeout allows.
   */
  @Override
  public void close() {
    closing = true;
    listener.close().awaitUninterruptibly();
    for (Channel connection : connections) {
      connection.pipeline().fireUserEventTriggered(EchoHandler.GOING_AWAY);
    }
    if (webSocket.closeTimeout().isZero()) {
      connections.newCloseFuture().awaitUninterruptibly();
    } else {
      long millis = webSocket.closeTimeout().plus(SLACK).toMillis();
      connections.newCloseFuture().awaitUninterruptibly(millis);
    }
    group.shutdownGracefully(0, SLACK.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
