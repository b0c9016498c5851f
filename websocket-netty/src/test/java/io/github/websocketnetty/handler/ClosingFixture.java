package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.channel.ChannelFuture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** One connection with a close handler, and nothing left over at the end. */
@ExtendWith(LeakCheck.class)
abstract class ClosingFixture {
  static final CloseStatus BYE = new CloseStatus(4000, "bye");

  WebSocketCloseHandler handler;
  Peer peer;

  void connect(Side side) {
    connect(side, Duration.ofSeconds(10));
  }

  void connect(Side side, Duration closeTimeout) {
    nothingIsLeftOver();
    handler = new WebSocketCloseHandler(side, closeTimeout);
    peer = new Peer(handler);
  }

  static WebSocketCloseHandler newHandler(Side side) {
    return new WebSocketCloseHandler(side, Duration.ofSeconds(10));
  }

  ChannelFuture close() {
    ChannelFuture future = peer.channel.pipeline().close();
    peer.channel.runPendingTasks();
    return future;
  }

  ChannelFuture write(Object message) {
    ChannelFuture future = peer.channel.pipeline().writeAndFlush(message);
    peer.channel.runPendingTasks();
    return future;
  }

  @AfterEach
  void nothingIsLeftOver() {
    if (peer != null) {
      peer.vanishes();
      peer.receivesNothing();
    }
  }
}
