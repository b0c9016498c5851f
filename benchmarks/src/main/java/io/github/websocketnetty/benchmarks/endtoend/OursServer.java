package io.github.websocketnetty.benchmarks.endtoend;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import java.net.InetSocketAddress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** This library, with keepalive and every check that it makes by default. */
@Command(name = "ours")
public final class OursServer extends ServerCommand {
  @Option(names = "--api", defaultValue = "connection", description = "handler or connection")
  private Api api;

  private final ServerHandshakeOptions handshake = ServerHandshakeOptions.anyPath();
  private final ConnectionOptions options =
      ConnectionOptions.builder().maxMessageSize(MAX_MESSAGE).build();
  private final WebSocketPipeline wholeMessages =
      WebSocketPipeline.server().maxMessageSize(MAX_MESSAGE).aggregateMessages(true).build();

  OursServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new OursServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) {
    return NettyListener.port(start(address, threads, api));
  }

  /** Returns the listening channel. */
  Channel start(InetSocketAddress address, int threads, Api style) {
    return NettyListener.bind(address, threads, pipeline -> addHandlers(pipeline, style));
  }

  private void addHandlers(ChannelPipeline pipeline, Api style) {
    pipeline.addLast(handshake.newHttpServerCodec());
    if (style == Api.HANDLER) {
      pipeline.addLast(
          new WebSocketServerHandshakeHandler(handshake, wholeMessages), new EchoHandler());
    } else {
      pipeline.addLast(
          new WebSocketServerHandler(
              handshake, options, connection -> connection.forEachAsync(connection::send)));
    }
  }
}
