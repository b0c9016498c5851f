package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Opens client connections, with TLS for {@code wss}, on one event loop of its own. */
final class Connector implements AutoCloseable {
  private final EventLoopGroup group = Transport.AUTO.newGroup(1);

  /** An open connection, and how it ends. */
  record Connection(Channel channel, CompletableFuture<WebSocketClosed> closed) {}

  /**
   * Waits until a WebSocket is open.
   *
   * @param application gets the frames, from the first one on
   * @throws IOException if there is no connection or the server refuses; its cause says why
   */
  Connection connect(URI uri, WebSocketPipeline webSocket, ChannelHandler application)
      throws IOException, InterruptedException {
    ClientHandshakeOptions options = optionsFor(uri);
    WebSocketUri server = options.uri();
    WebSocketClientHandshakeHandler handshake =
        new WebSocketClientHandshakeHandler(options, webSocket);
    CloseWatcher watcher = new CloseWatcher();
    SslContext tls = server.secure() ? SslContextBuilder.forClient().build() : null;
    ChannelFuture connected =
        new Bootstrap()
            .group(group)
            .channel(Transport.AUTO.clientChannel())
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (tls != null) {
                      channel
                          .pipeline()
                          .addLast(tls.newHandler(channel.alloc(), server.host(), server.port()));
                    }
                    channel
                        .pipeline()
                        .addLast(options.newHttpClientCodec(), handshake, application, watcher);
                  }
                })
            .connect(server.host(), server.port());
    awaitSuccess(connected);
    awaitSuccess(handshake.handshakeFuture());
    return new Connection(connected.channel(), watcher.closed);
  }

  private static ClientHandshakeOptions optionsFor(URI uri) throws IOException {
    try {
      return ClientHandshakeOptions.forUri(uri);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void awaitSuccess(Future<?> step) throws IOException, InterruptedException {
    if (!step.await().isSuccess()) {
      throw new IOException(step.cause().getMessage(), step.cause());
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Stands last and notes how the connection ended. */
  private static final class CloseWatcher extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<WebSocketClosed> closed = new CompletableFuture<>();

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketClosed end) {
        closed.complete(end);
      }
      ctx.fireUserEventTriggered(event);
    }
  }
}
