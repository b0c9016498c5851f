package io.github.websocketnetty.benchmarks;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A TCP connection on an event loop of its own, to a peer that drops what it reads. */
final class Loopback {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Drain drain = new Drain();
  private final Channel channel;

  /** Connects; the pipeline is empty. */
  Loopback() {
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(drain)
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(server.localAddress())
            .syncUninterruptibly()
            .channel();
    server.close();
  }

  Channel channel() {
    return channel;
  }

  /** Calls on the event loop and waits. */
  <T> T call(Callable<T> task) throws Exception {
    return channel.eventLoop().submit(task).get();
  }

  /** Waits until the peer has read exactly so many bytes since the beginning. */
  void requireBytes(long expected) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (drain.bytes < expected && System.nanoTime() < deadline) {
      Thread.sleep(1);
    }
    Measured.require(
        drain.bytes == expected, "the peer read " + drain.bytes + " bytes instead of " + expected);
  }

  /** Closes without the pipeline having a say. */
  void close() {
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @ChannelHandler.Sharable
  private static final class Drain extends ChannelInboundHandlerAdapter {
    /** Written by one event loop. */
    private volatile long bytes;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      long sum = bytes + in.readableBytes();
      in.release();
      bytes = sum;
    }
  }
}
