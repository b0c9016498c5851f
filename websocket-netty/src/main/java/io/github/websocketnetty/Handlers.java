package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.netty.channel.ChannelPipeline;

/**
 * The handlers of a pipeline that a connection stands on.
 *
 * @param codec null if someone else's decoder parses the frames
 */
record Handlers(
    WebSocketFrameCodec codec, WebSocketCloseHandler closing, WebSocketKeepaliveHandler keepalive) {

  /**
   * Finds them.
   *
   * @throws IllegalStateException if one is missing
   */
  static Handlers in(ChannelPipeline pipeline) {
    WebSocketCloseHandler closing = pipeline.get(WebSocketCloseHandler.class);
    WebSocketKeepaliveHandler keepalive = pipeline.get(WebSocketKeepaliveHandler.class);
    if (closing == null || keepalive == null) {
      throw new IllegalStateException(
          "a connection needs WebSocketCloseHandler and WebSocketKeepaliveHandler in "
              + pipeline.names());
    }
    return new Handlers(pipeline.get(WebSocketFrameCodec.class), closing, keepalive);
  }
}
