package io.github.websocketnetty.examples;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.WebSocketClientHandler;
import io.github.websocketnetty.protocol.WebSocketUri;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The code of the README: a client that does not wait for ever. */
final class FeedClient {
  private static final int PATIENCE = 3;

  private FeedClient() {}

  static CompletableFuture<Connection> connect(EventLoopGroup group, URI uri) {
    WebSocketUri server = WebSocketUri.parse(uri);
    WebSocketClientHandler webSocket = new WebSocketClientHandler(uri);
    new Bootstrap()
        .group(group)
        .channel(NioSocketChannel.class)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(new HttpClientCodec(), webSocket);
              }
            })
        .connect(server.host(), server.port());
    return webSocket.connection();
  }

  static void follow(Connection connection, Duration timeout, PrintStream out) {
    try (BlockingConnection ws = connection.blocking()) {
      ws.send("subscribe");
      for (int missed = 0; missed < PATIENCE; ) {
        try {
          out.println(ws.recvText(timeout));
          missed = 0;
        } catch (TimeoutException quiet) {
          missed++; // nothing was lost: the next call returns the next message
        }
      }
    } catch (ConnectionClosedException closed) {
      out.println("feed ended: " + closed.getMessage());
    }
  }

  static CompletableFuture<String> next(Connection connection) {
    // On the future that recvText() returned: a timeout on a derived stage withdraws nothing.
    return connection.recvText().orTimeout(5, TimeUnit.SECONDS).thenApply(String::strip);
  }
}
