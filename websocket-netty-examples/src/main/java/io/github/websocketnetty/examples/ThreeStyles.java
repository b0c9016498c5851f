package io.github.websocketnetty.examples;

import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.concurrent.Executor;

/** The code of the README: the same server in three styles. */
final class ThreeStyles {
  private ThreeStyles() {}

  static void addAsync(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(),
        new WebSocketServerHandler(
            "/echo", connection -> connection.forEachAsync(connection::send)));
  }

  static void addBlocking(ChannelPipeline pipeline, Executor threads) {
    Endpoint echo =
        Endpoint.blocking(
            threads,
            ws -> {
              for (Message message : ws) { // ends when the peer closes normally
                ws.send(message); // waits while the peer is slow
              }
            });
    pipeline.addLast(new HttpServerCodec(), new WebSocketServerHandler("/echo", echo));
  }

  static void addHandler(ChannelPipeline pipeline) {
    pipeline.addLast(
        new HttpServerCodec(),
        new WebSocketServerHandshakeHandler(
            ServerHandshakeOptions.forPath("/echo"),
            WebSocketPipeline.server().aggregateMessages(true).build()),
        new FrameEcho());
  }

  /** Sends every message back. */
  static final class FrameEcho extends SimpleChannelInboundHandler<WebSocketFrame> {
    FrameEcho() {
      super(false); // write() takes over the frame, so it must not be released here
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      ctx.write(frame);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }
}
