package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.DeflateOptions;

/** How a server compresses for many connections without memory for each. */
final class ManyConnections {
  private ManyConnections() {}

  static ServerHandshakeOptions handshake() {
    return ServerHandshakeOptions.builder()
        .path("/feed")
        .compression(DeflateOptions.builder().serverContextTakeover(false).threshold(512).build())
        .build();
  }
}
