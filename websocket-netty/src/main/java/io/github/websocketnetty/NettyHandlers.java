package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketPipeline;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketClientExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import java.util.ArrayList;
import java.util.List;

/** Netty's own WebSocket handlers in a pipeline. */
final class NettyHandlers {
  private NettyHandlers() {}

  /**
   * Puts ours in their place.
   *
   * @throws IllegalStateException if there is no decoder, or an extension is in use
   */
  static void replace(ChannelPipeline pipeline, WebSocketPipeline ours) {
    ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      throw new IllegalStateException("no WebSocket decoder in " + pipeline.names());
    }
    if (pipeline.context(WebSocketExtensionDecoder.class) != null) {
      throw new IllegalStateException("an extension is in use in " + pipeline.names());
    }
    List<ChannelHandler> theirs = new ArrayList<>();
    for (String name : pipeline.names()) {
      ChannelHandlerContext context = pipeline.context(name);
      if (context != null && isWebSocket(context.handler())) {
        theirs.add(context.handler());
      }
    }
    // Behind the decoder: when that is removed it hands on what it has not decoded.
    ours.addAfter(pipeline, decoder.name());
    theirs.forEach(pipeline::remove);
  }

  private static boolean isWebSocket(ChannelHandler handler) {
    return handler instanceof WebSocketFrameDecoder
        || handler instanceof WebSocketFrameEncoder
        || handler instanceof Utf8FrameValidator
        || handler instanceof WebSocketFrameAggregator
        || handler instanceof WebSocketServerProtocolHandler
        || handler instanceof WebSocketClientProtocolHandler
        || handler instanceof WebSocketServerExtensionHandler
        || handler instanceof WebSocketClientExtensionHandler;
  }
}
