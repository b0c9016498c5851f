package io.github.websocketnetty.support;

import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketClientCompressionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Pipelines that make the opening handshake with Netty's own handlers, and their counterparts. */
public final class NettyHandshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String EXTENSION = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

  private NettyHandshake() {}

  /** Adds Netty's handlers of one side, which would also compress. */
  public static void addTo(ChannelPipeline pipeline, Side side) {
    if (side == Side.SERVER) {
      WebSocketServerProtocolConfig config =
          WebSocketServerProtocolConfig.newBuilder()
              .websocketPath("/echo")
              .allowExtensions(true)
              .build();
      pipeline
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(65_536))
          .addLast(new WebSocketServerCompressionHandler(0))
          .addLast(new WebSocketServerProtocolHandler(config));
      return;
    }
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri("ws://localhost/echo")
            .allowExtensions(true)
            .build();
    pipeline
        .addLast(new HttpClientCodec())
        .addLast(new HttpObjectAggregator(65_536))
        .addLast(new WebSocketClientCompressionHandler(0))
        .addLast(new WebSocketClientProtocolHandler(config));
    if (pipeline.channel().isActive()) {
      pipeline.fireChannelActive();
    }
  }

  /** Returns a request, with an offer to compress or without. */
  public static String request(boolean deflate) {
    return "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + (deflate ? EXTENSION : "")
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  }

  /** Returns the response to a request, which accepts the offer to compress or does not. */
  public static String response(String request, boolean deflate) {
    String key = request.replaceFirst("(?is).*sec-websocket-key: *([^\r]*)\r.*", "$1");
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + (deflate ? EXTENSION : "")
        + ("Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n");
  }

  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
