package io.github.websocketnetty.benchmarks.endtoend;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetSocketAddress;
import picocli.CommandLine.Command;

/** Netty's stock handlers: the closing handshake, UTF-8 and reassembly; no keepalive. */
@Command(name = "netty")
public final class NettyServer extends ServerCommand {
  private final WebSocketServerProtocolConfig config =
      WebSocketServerProtocolConfig.newBuilder()
          .websocketPath("/")
          .checkStartsWith(true)
          .maxFramePayloadLength(MAX_MESSAGE)
          .withUTF8Validator(true)
          .build();

  NettyServer() {}

  /** Runs until the process is killed. */
  public static void main(String[] arguments) {
    run(new NettyServer(), arguments);
  }

  @Override
  int listen(InetSocketAddress address, int threads) {
    return NettyListener.port(NettyListener.bind(address, threads, this::addHandlers));
  }

  private void addHandlers(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(),
        new WebSocketServerProtocolHandler(config),
        new WebSocketFrameAggregator(MAX_MESSAGE),
        new EchoHandler());
  }
}
