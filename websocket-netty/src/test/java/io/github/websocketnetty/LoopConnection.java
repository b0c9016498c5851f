package io.github.websocketnetty;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.RecordedFrames;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection whose event loop is a thread of its own, and a peer that collects what is sent. */
final class LoopConnection implements AutoCloseable {
  final Connection connection;
  final AtomicInteger flushes = new AtomicInteger();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final RecordedFrames received = new RecordedFrames();
  private final CountDownLatch isEnough;
  private final Channel server;

  /** Opens a connection; the test is over when the peer has {@code expected} frames. */
  LoopConnection(Side side, ConnectionOptions options, int expected) throws Exception {
    isEnough = new CountDownLatch(expected);
    server =
        new ServerBootstrap()
            .group(group)
            .channel(LocalServerChannel.class)
            .childHandler(new Peer(side))
            .bind(new LocalAddress("peer-" + side))
            .sync()
            .channel();
    CompletableFuture<Connection> opened = new CompletableFuture<>();
    new Bootstrap()
        .group(group)
        .channel(LocalChannel.class)
        .handler(new Opening(side, options, opened))
        .connect(server.localAddress())
        .sync();
    connection = opened.get(10, TimeUnit.SECONDS);
  }

  /** Makes the connection, behind a handler that counts flushes. */
  private final class Opening extends ChannelInitializer<Channel> {
    private final Side side;
    private final ConnectionOptions options;
    private final CompletableFuture<Connection> opened;

    Opening(Side side, ConnectionOptions options, CompletableFuture<Connection> opened) {
      this.side = side;
      this.options = options;
      this.opened = opened;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(
              new ChannelDuplexHandler() {
                @Override
                public void flush(ChannelHandlerContext ctx) {
                  flushes.incrementAndGet();
                  ctx.flush();
                }

                @Override
                public void channelActive(ChannelHandlerContext ctx) {
                  options.pipeline(side).addLast(ctx.pipeline());
                  opened.complete(Connections.attach(ctx.pipeline(), side, options));
                  ctx.fireChannelActive();
                }
              });
    }
  }

  private final class Peer extends ChannelInitializer<Channel> {
    private final FrameParser parser;

    Peer(Side side) {
      FrameLimits unlimited = new FrameLimits(1 << 30, 1 << 30, Integer.MAX_VALUE);
      parser = new FrameParser(side.peer(), unlimited, true, 0);
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(
              new ChannelDuplexHandler() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                  ByteBuf bytes = (ByteBuf) message;
                  int before = received.frames().size();
                  parser.parse(bytes, false, ctx.alloc(), received);
                  bytes.release();
                  for (int i = before; i < received.frames().size(); i++) {
                    isEnough.countDown();
                  }
                }
              });
    }
  }

  /** Stops the event loop of the connection until the latch is open. */
  void occupyLoop(CountDownLatch until) {
    connection
        .channel()
        .eventLoop()
        .execute(
            () -> {
              try {
                until.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Waits until the peer has what it expects. */
  List<RecordedFrames.Frame> received() throws InterruptedException {
    if (!isEnough.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError(isEnough.getCount() + " frames are missing");
    }
    return received.frames();
  }

  @Override
  public void close() {
    connection.channel().pipeline().firstContext().close().syncUninterruptibly();
    server.close().syncUninterruptibly();
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
