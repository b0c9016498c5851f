package io.github.websocketnetty.examples;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.CloseFrameReceived;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.net.URI;
import java.util.List;

/** The code of the page about the change from Netty's WebSocket handlers. */
final class FromNetty {
  private FromNetty() {}

  static void serverBefore(ChannelPipeline pipeline, ChannelGroup group) {
    pipeline.addLast(
        new HttpServerCodec(),
        new HttpObjectAggregator(65_536),
        new WebSocketServerCompressionHandler(0),
        new WebSocketServerProtocolHandler("/chat", null, true),
        new ChatHandler(group));
  }

  static void serverAfter(ChannelPipeline pipeline, ChannelGroup group) {
    pipeline.addLast(
        new HttpServerCodec(),
        new WebSocketServerHandshakeHandler(
            ServerHandshakeOptions.builder().path("/chat").nettyEvents(true).build(),
            WebSocketPipeline.server().build()),
        new ChatHandler(group));
  }

  static void clientBefore(ChannelPipeline pipeline, URI uri, ChannelHandler application) {
    pipeline.addLast(
        new HttpClientCodec(),
        new HttpObjectAggregator(65_536),
        new WebSocketClientProtocolHandler(
            WebSocketClientProtocolConfig.newBuilder().webSocketUri(uri).build()),
        application);
  }

  static void clientAfter(ChannelPipeline pipeline, URI uri, ChannelHandler application) {
    pipeline.addLast(
        new HttpClientCodec(),
        new WebSocketClientHandshakeHandler(
            ClientHandshakeOptions.builder(uri).nettyEvents(true).build(),
            WebSocketPipeline.client().build()),
        application);
  }

  /** The handler before and after; the event of ours is all that may be added. */
  static final class ChatHandler extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    private final ChannelGroup group;

    ChatHandler(ChannelGroup group) {
      this.group = group;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
        group.add(ctx.channel());
      } else if (event instanceof CloseFrameReceived) {
        group.remove(ctx.channel());
      }
      ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame message) {
      group.writeAndFlush(message.retain());
    }
  }

  static WebSocketPipeline relay() {
    return WebSocketPipeline.server()
        .handleCloseFrames(false) // the other side's answer is the answer
        .handlePingFrames(false)
        .dropPongFrames(false)
        .sendCloseFrame(null) // where TCP ends on one side it ends on the other
        .build();
  }

  static ServerHandshakeOptions lenient() {
    return ServerHandshakeOptions.builder()
        .pathPrefix("/game")
        .subprotocols(List.of("v12.stomp", "v11.stomp", "v10.stomp"))
        .subprotocolsInClientOrder(true)
        .requireSubprotocol(false)
        .build();
  }

  static ConnectionOptions trusted() {
    return ConnectionOptions.builder().performMasking(false).allowMaskMismatch(true).build();
  }

  static void behind(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addAfter(WebSocketPipeline.KEEPALIVE_NAME, "audit", handler);
  }
}
