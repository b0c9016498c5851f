package io.github.websocketnetty.benchmarks.endtoend;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** Opens many connections to one server, on one event loop. */
final class Clients implements AutoCloseable {
  /** Handshakes at a time, so that no server has to drop one. */
  private static final int AT_A_TIME = 64;

  /** A source address has 28 000 ports on Linux by default. */
  private static final int CONNECTIONS_PER_SOURCE = 10_000;

  private static final int PATIENCE_SECONDS = 30;

  private final EventLoopGroup group = Transport.newGroup(1);
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Semaphore free = new Semaphore(AT_A_TIME);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final InetSocketAddress server;
  private final ClientHandshakeOptions handshake;
  // No pings of ours, and no check of the text, which is compared: the server is to work, not we.
  private final WebSocketPipeline webSocket =
      WebSocketPipeline.client()
          .maxMessageSize(ServerCommand.MAX_MESSAGE)
          .keepalive(Duration.ZERO, Duration.ZERO)
          .aggregateMessages(true)
          .validateUtf8(false)
          .build();

  Clients(int port) {
    server = ServerCommand.loopback(port);
    handshake = ClientHandshakeOptions.forUri(URI.create("ws://127.0.0.1:" + port + "/"));
  }

  /** Returns the event loop of all connections. */
  EventExecutor loop() {
    return group.next();
  }

  /**
   * Opens connections and waits until they are open.
   *
   * @param handlers makes what stands behind the WebSocket handlers of a connection
   * @throws IOException if one of them does not open
   */
  void open(int count, IntFunction<ChannelHandler> handlers)
      throws IOException, InterruptedException {
    for (int i = 0; i < count && failure.get() == null; i++) {
      acquire(1);
      open(handlers.apply(i), i / CONNECTIONS_PER_SOURCE);
    }
    acquire(AT_A_TIME);
    free.release(AT_A_TIME);
    if (failure.get() != null) {
      throw new IOException("cannot connect to " + server, failure.get());
    }
  }

  private void acquire(int permits) throws IOException, InterruptedException {
    if (!free.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException(server + " does not answer in " + PATIENCE_SECONDS + " s");
    }
  }

  private void open(ChannelHandler behind, int source) {
    WebSocketClientHandshakeHandler opening =
        new WebSocketClientHandshakeHandler(handshake, webSocket);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(Transport.clientChannel())
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel.pipeline().addLast(handshake.newHttpClientCodec(), opening, behind);
                  }
                });
    Transport.bindLate(bootstrap);
    ChannelFuture connected =
        bootstrap.connect(server, new InetSocketAddress("127.0.0." + (source + 1), 0));
    connected.addListener(
        tcp -> {
          if (tcp.isSuccess()) {
            channels.add(connected.channel());
            opening.handshakeFuture().addListener(this::opened);
          } else {
            opened(tcp);
          }
        });
  }

  private void opened(Future<?> outcome) {
    if (!outcome.isSuccess()) {
      failure.compareAndSet(null, outcome.cause());
    }
    free.release();
  }

  int connected() {
    return channels.size();
  }

  /** Returns whether all connections were gone in time. */
  boolean awaitClosed(Duration patience) {
    return channels.newCloseFuture().awaitUninterruptibly(patience.toMillis());
  }

  /** Cuts the connections that are left. */
  @Override
  public void close() {
    channels.forEach(Channel::close);
    awaitClosed(Duration.ofSeconds(PATIENCE_SECONDS));
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
