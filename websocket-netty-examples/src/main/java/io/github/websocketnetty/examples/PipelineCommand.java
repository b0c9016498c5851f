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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** An HTTP server with a WebSocket on one path: runs until it gets SIGTERM or SIGINT. */
@Command(
    name = "pipeline",
    description = "Serves HTTP, and on the path /echo a WebSocket, with handlers alone.",
    showDefaultValues = true,
    sortOptions = false)
final class PipelineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ListenOptions listen;

  private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  PipelineCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    InetSocketAddress address = listen.address();
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
    ChannelFuture bound = ExistingPipeline.serve(group, address).await();
    if (!bound.isSuccess()) {
      group.shutdownGracefully(1, 1000, TimeUnit.MILLISECONDS);
      throw listen.failed(bound.cause());
    }
    Channel listener = bound.channel();
    listener.pipeline().addFirst(new Register());
    closeOnSignal(listener);
    String place = listen.place(((InetSocketAddress) listener.localAddress()).getPort());
    spec.commandLine().getOut().println("http://" + place + "/ and ws://" + place + "/echo");
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
