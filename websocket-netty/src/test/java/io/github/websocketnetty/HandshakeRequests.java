package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;

/** Shows what a client would send. */
final class HandshakeRequests {
  private HandshakeRequests() {}

  static HttpRequest of(ClientHandshakeOptions options) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocketClientHandler(options, ConnectionOptions.defaults(), null));
    HttpRequest request = channel.readOutbound();
    ReferenceCountUtil.release(request);
    channel.finishAndReleaseAll();
    return request;
  }
}
