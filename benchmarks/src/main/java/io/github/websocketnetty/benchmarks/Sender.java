package io.github.websocketnetty.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.util.concurrent.Future;

/** Sends the same message each time, as an application does that has a text or bytes at hand. */
interface Sender {
  /** Sends; returns the future of the one or the other kind. */
  Future<?> send();

  /**
   * Builds the pipeline of a way, on the event loop.
   *
   * @param way {@code netty} or {@code connection}
   */
  static Sender of(String way, Channel channel, Side side, Payload kind, byte[] payload) {
    return switch (way) {
      case "netty" -> netty(channel, side, kind, payload);
      case "connection" -> connection(channel, side, kind, payload);
      default -> throw new IllegalArgumentException(way);
    };
  }

  private static Sender netty(Channel channel, Side side, Payload kind, byte[] payload) {
    Stock.addEncoder(channel.pipeline(), side);
    if (!kind.isText()) {
      return () -> channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(payload)));
    }
    String text = new String(payload, UTF_8);
    return () -> channel.writeAndFlush(new TextWebSocketFrame(text));
  }

  private static Sender connection(Channel channel, Side side, Payload kind, byte[] payload) {
    ConnectionOptions options = ConnectionOptions.defaults();
    options.pipeline(side).addLast(channel.pipeline());
    Connection connection = Connections.attach(channel.pipeline(), side, options);
    if (!kind.isText()) {
      return () -> connection.send(payload);
    }
    String text = new String(payload, UTF_8);
    return () -> connection.send(text);
  }
}
