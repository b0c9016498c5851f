package io.github.websocketnetty.examples.peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Netty's own handlers, both sides. */
final class NettyPeer extends SimpleChannelInboundHandler<WebSocketFrame> implements PeerClient {
  private static final int MAX_MESSAGE = 16 << 20;

  private final EventLoopGroup group;
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> opened = new CompletableFuture<>();
  private Channel channel;
  private boolean isClosing; // event loop

  private NettyPeer(EventLoopGroup group) {
    this.group = group;
  }

  static NettyPeer connect(URI uri) throws Exception {
    NettyPeer peer = new NettyPeer(newGroup());
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(uri)
            .allowExtensions(true)
            .maxFramePayloadLength(MAX_MESSAGE)
            .handleCloseFrames(false) // it would not tell what was in them
            .dropPongFrames(false)
            .build();
    peer.channel =
        new Bootstrap()
            .group(peer.group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpClientCodec())
                        .addLast(new HttpObjectAggregator(8192))
                        .addLast(new WebSocketClientCompressionHandler(MAX_MESSAGE))
                        .addLast(new WebSocketClientProtocolHandler(config))
                        .addLast(new WebSocketFrameAggregator(MAX_MESSAGE))
                        .addLast(peer);
                  }
                })
            .connect(uri.getHost(), uri.getPort())
            .sync()
            .channel();
    PeerClient.await(peer.opened);
    return peer;
  }

  static PeerServer listen() throws InterruptedException {
    EventLoopGroup group = newGroup();
    WebSocketServerProtocolConfig config =
        WebSocketServerProtocolConfig.newBuilder()
            .websocketPath("/")
            .decoderConfig(
                WebSocketDecoderConfig.newBuilder()
                    .allowExtensions(true)
                    .maxFramePayloadLength(MAX_MESSAGE)
                    .build())
            .build();
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(8192))
                        .addLast(new WebSocketServerCompressionHandler(MAX_MESSAGE))
                        .addLast(new WebSocketServerProtocolHandler(config))
                        .addLast(new WebSocketFrameAggregator(MAX_MESSAGE))
                        .addLast(new Echo());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    int port = ((InetSocketAddress) server.localAddress()).getPort();
    return PeerServer.onPort(port, () -> stop(group));
  }

  private static EventLoopGroup newGroup() {
    return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  private static void stop(EventLoopGroup group) throws InterruptedException {
    group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).sync();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
      opened.complete(null);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
    if (frame instanceof TextWebSocketFrame text) {
      events.add("text " + text.text());
    } else if (frame instanceof BinaryWebSocketFrame) {
      events.add(PeerClient.describe(ByteBufUtil.getBytes(frame.content())));
    } else if (frame instanceof PongWebSocketFrame) {
      events.add("pong");
    } else if (frame instanceof CloseWebSocketFrame close) {
      events.add("closed " + close.statusCode() + " " + close.reasonText());
      if (!isClosing) {
        isClosing = true;
        ctx.writeAndFlush(close.retain());
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    opened.completeExceptionally(cause);
    events.add(cause.toString());
  }

  @Override
  public void tell(String command) {
    String[] words = command.split(" ", 2);
    switch (words[0]) {
      case "text" -> channel.writeAndFlush(new TextWebSocketFrame(words[1]));
      case "binary" -> {
        byte[] bytes = PeerClient.pattern(Integer.parseInt(words[1]));
        channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
      }
      case "fragments" -> {
        int count = Integer.parseInt(words[1]);
        channel.write(new TextWebSocketFrame(false, 0, "part 0 "));
        for (int i = 1; i < count; i++) {
          boolean isLast = i == count - 1;
          channel.writeAndFlush(new ContinuationWebSocketFrame(isLast, 0, "part " + i + " "));
        }
      }
      case "ping" -> channel.writeAndFlush(new PingWebSocketFrame(Unpooled.copyInt(1)));
      default -> {
        String[] status = words[1].split(" ");
        channel.eventLoop().execute(() -> close(Integer.parseInt(status[0]), status[1]));
      }
    }
  }

  private void close(int code, String reason) {
    isClosing = true;
    channel.writeAndFlush(new CloseWebSocketFrame(code, reason));
  }

  @Override
  public String next() throws InterruptedException {
    return events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    stop(group);
  }

  private static final class Echo extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      if (frame instanceof TextWebSocketFrame text && text.text().equals("please close")) {
        ctx.writeAndFlush(new CloseWebSocketFrame(4002, "server"));
      } else {
        ctx.writeAndFlush(frame.retain());
      }
    }
  }
}
