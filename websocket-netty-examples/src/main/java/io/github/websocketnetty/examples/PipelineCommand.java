package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** An HTTP server with a WebSocket on one path: runs until it gets SIGTERM or SIGINT. */
@Command(
    name = "pipeline",
    description = "Serves HTTP, and on the path /echo a WebSocket, with handlers alone.",
    showDefaultValues = true,
    sortOptions = false)
final class PipelineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8080",
      description = "The port to listen on; 0 takes a free one.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "The address to listen on.")
  private String host;

  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  PipelineCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > 0xffff) {
      throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    ChannelFuture bound = ExistingPipeline.serve(group, new InetSocketAddress(host, port)).await();
    if (!bound.isSuccess()) {
      group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw new IOException("cannot listen: " + bound.cause().getMessage(), bound.cause());
    }
    Channel listener = bound.channel();
    listener.pipeline().addFirst(new Register());
    closeOnSignal(listener);
    String name = host.indexOf(':') < 0 ? host : '[' + host + ']';
    String address = name + ":" + ((InetSocketAddress) listener.localAddress()).getPort();
    spec.commandLine().getOut().println("http://" + address + "/ and ws://" + address + "/echo");
    listener.closeFuture().await();
    return 0;
  }

  private void closeOnSignal(Channel listener) {
    Runnable closing =
        () -> {
          listener.close().awaitUninterruptibly();
          open.forEach(PipelineCommand::sayGoodbye);
          open.close().awaitUninterruptibly(); // the close timeout sees to it that this ends
          // The JVM's own status after a signal says "killed", and this was an orderly end.
          Runtime.getRuntime().halt(0);
        };
    Runtime.getRuntime().addShutdownHook(new Thread(closing, "closing"));
  }

  private static void sayGoodbye(Channel channel) {
    if (channel.pipeline().get(WebSocketCloseHandler.class) != null) {
      channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE, ""));
    }
  }

  /** Sees the channels that are accepted. */
  private final class Register extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
      open.add((Channel) accepted);
      ctx.fireChannelRead(accepted);
    }
  }
}
