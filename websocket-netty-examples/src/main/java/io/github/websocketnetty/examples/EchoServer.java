package io.github.websocketnetty.examples;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Sends every message back, on any path. It listens from {@link #start} to {@link #close}.
 *
 * <p>This is what a server needs besides the library: a bootstrap, the pipeline of a new channel,
 * and a set of connections to say goodbye to.
 */
public final class EchoServer implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final Duration SLACK = Duration.ofSeconds(1);

  private final Api api;
  private final ServerHandshakeOptions handshake;
  private final ConnectionOptions options;
  private final EventLoopGroup group;

  // For the blocking style. On Java 21: Executors.newVirtualThreadPerTaskExecutor().
  private final ExecutorService threads =
      Executors.newCachedThreadPool(new DefaultThreadFactory("echo", true));
  private final OpenConnections connections;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private Channel listener;
  private volatile boolean closing;

  private EchoServer(
      EventLoopGroup group, Api api, ServerHandshakeOptions handshake, ConnectionOptions options) {
    this.group = group;
    this.api = api;
    this.handshake = handshake;
    this.options = options;
    connections =
        new OpenConnections(
            api == Api.BLOCKING
                ? Endpoint.blocking(threads, new BlockingEcho())
                : new ConnectionEcho());
  }

  /**
   * Starts a server.
   *
   * @param address where to listen; port 0 takes a free one
   * @param transport how Netty talks to the operating system
   * @param loops how many event loops serve the connections
   * @param api how the echo is written
   * @param handshake which requests become WebSockets
   * @param options limits and times of a connection
   * @throws IOException if the address cannot be listened on
   */
  public static EchoServer start(
      InetSocketAddress address,
      Transport transport,
      int loops,
      Api api,
      ServerHandshakeOptions handshake,
      ConnectionOptions options)
      throws IOException {
    EchoServer server = new EchoServer(transport.newGroup(loops), api, handshake, options);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(server.group)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(server.newInitializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      server.group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS);
      throw new IOException("cannot listen: " + bound.cause().getMessage(), bound.cause());
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
        channels.add(channel);
        channel.pipeline().addLast(handshake.newHttpServerCodec());
        addEcho(channel.pipeline());
      }
    };
  }

  private void addEcho(ChannelPipeline pipeline) {
    if (api == Api.HANDLER) {
      pipeline
          .addLast(new WebSocketServerHandshakeHandler(handshake, wholeMessages()))
          .addLast(new EchoHandler(() -> closing));
    } else {
      pipeline.addLast(new WebSocketServerHandler(handshake, options, connections));
    }
  }

  private WebSocketPipeline wholeMessages() {
    return WebSocketPipeline.server()
        .maxMessageSize(options.limits().maxMessageSize())
        .maxFragmentSize(options.limits().maxFragmentSize())
        .maxFragments(options.limits().maxFragments())
        .keepalive(options.pingInterval(), options.pingTimeout())
        .closeTimeout(options.closeTimeout())
        .aggregateMessages(true)
        .build();
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
    sayGoodbye();
    if (options.closeTimeout().isZero()) {
      channels.newCloseFuture().awaitUninterruptibly();
    } else {
      long millis = options.closeTimeout().plus(SLACK).toMillis();
      channels.newCloseFuture().awaitUninterruptibly(millis);
    }
    // Without a quiet period a loop may end with channels open that it has just accepted.
    group.shutdownGracefully(1, SLACK.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly();
    threads.shutdown();
  }

  private void sayGoodbye() {
    if (api == Api.HANDLER) {
      channels.forEach(one -> one.pipeline().fireUserEventTriggered(EchoHandler.GOING_AWAY));
    } else {
      connections.goAway();
      channels.close(); // those still in the opening handshake; the others are closing already
    }
  }
}
