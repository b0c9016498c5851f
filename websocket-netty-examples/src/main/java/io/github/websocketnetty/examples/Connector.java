package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketClientHandler;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Opens client connections, with TLS for {@code wss}, on one event loop of its own. */
final class Connector implements AutoCloseable {
  private final EventLoopGroup group = Transport.AUTO.newGroup(1);

  /**
   * Waits until a connection is open.
   *
   * @throws IOException if there is no connection or the server refuses; its cause says why
   */
  Connection connect(URI uri, Compression compression, ConnectionOptions options)
      throws IOException, InterruptedException {
    ClientHandshakeOptions handshake = handshakeFor(uri, compression);
    WebSocketUri server = handshake.uri();
    WebSocketClientHandler webSocket = new WebSocketClientHandler(handshake, options, null);
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
                    channel.pipeline().addLast(handshake.newHttpClientCodec(), webSocket);
                  }
                })
            .connect(server.host(), server.port());
    if (!connected.await().isSuccess()) {
      throw new IOException(connected.cause().getMessage(), connected.cause());
    }
    try {
      return webSocket.connection().get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  private static ClientHandshakeOptions handshakeFor(URI uri, Compression compression)
      throws IOException {
    try {
      return ClientHandshakeOptions.builder(uri).compression(compression.options()).build();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
