package io.github.websocketnetty.examples;

import io.github.websocketnetty.examples.ThreeStyles.FrameEcho;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The code of the README: WebSocket in pipelines that somebody writes with Netty alone. */
final class ExistingPipeline {
  private ExistingPipeline() {}

  static ChannelFuture serve(EventLoopGroup group, InetSocketAddress address) {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder().path("/echo").passOtherRequests(true).build();
    WebSocketPipeline webSocket =
        WebSocketPipeline.server()
            .maxMessageSize(1 << 20)
            .keepalive(Duration.ofSeconds(20), Duration.ofSeconds(20))
            .closeTimeout(Duration.ofSeconds(10))
            .aggregateMessages(true)
            .build();
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(handshake.newHttpServerCodec())
                    .addLast(new WebSocketServerHandshakeHandler(handshake, webSocket))
                    .addLast(new HttpObjectAggregator(65_536))
                    .addLast(new HelloHandler())
                    .addLast(new FrameEcho());
              }
            })
        .bind(address);
  }

  static Channel connect(EventLoopGroup group, URI uri, ChannelHandler application)
      throws InterruptedException {
    ClientHandshakeOptions handshake = ClientHandshakeOptions.forUri(uri);
    WebSocketClientHandshakeHandler opening =
        new WebSocketClientHandshakeHandler(
            handshake, WebSocketPipeline.client().aggregateMessages(true).build());
    ChannelFuture connected =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(handshake.newHttpClientCodec(), opening, application);
                  }
                })
            .connect(handshake.uri().host(), handshake.uri().port());
    connected.sync();
    opening.handshakeFuture().sync();
    return connected.channel();
  }

  /** Stands for the HTTP handlers that were there before. */
  static final class HelloHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer("hello " + request.uri(), StandardCharsets.UTF_8));
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
      ctx.writeAndFlush(response);
    }
  }
}
