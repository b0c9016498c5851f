package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.DuplexEmbeddedChannel;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.ReadingTransport;
import io.github.websocketnetty.support.WireFrame;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.logging.LogLevel;
import io.netty.handler.logging.LoggingHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A whole conversation beside each of Netty's handlers that may stand in the same pipeline. */
@ExtendWith(LeakCheck.class)
class NeighboursTest {
  private final DuplexEmbeddedChannel channel = new DuplexEmbeddedChannel();
  private final ReadingTransport transport = new ReadingTransport();
  private final Outcome outcome = new Outcome();

  private enum Place {
    FIRST,
    BEHIND_HTTP,
    BEHIND_OURS
  }

  private enum Neighbour {
    AGGREGATOR(() -> new HttpObjectAggregator(1024)),
    DECOMPRESSOR(() -> new HttpContentDecompressor(1024)),
    COMPRESSOR(HttpContentCompressor::new),
    KEEP_ALIVE(HttpServerKeepAliveHandler::new),
    EXPECT_CONTINUE(HttpServerExpectContinueHandler::new),
    CHUNKED_WRITE(ChunkedWriteHandler::new),
    IDLE_STATE(() -> new IdleStateHandler(60, 60, 60)),
    FLOW_CONTROL(FlowControlHandler::new),
    FLUSH_CONSOLIDATION(FlushConsolidationHandler::new),
    TRAFFIC_SHAPING(() -> new ChannelTrafficShapingHandler(0)),
    LOGGING(() -> new LoggingHandler(LogLevel.TRACE));

    final Supplier<ChannelHandler> handler;

    Neighbour(Supplier<ChannelHandler> handler) {
      this.handler = handler;
    }

    /** Some know HTTP objects only. */
    boolean isFor(Side side, Place place) {
      boolean isServers = this == COMPRESSOR || this == KEEP_ALIVE || this == EXPECT_CONTINUE;
      boolean isHttp = isServers || this == AGGREGATOR || this == DECOMPRESSOR;
      return (side == Side.SERVER || !isServers) && (place != Place.FIRST || !isHttp);
    }
  }

  static Stream<Arguments> kinds() {
    return Arrays.stream(Side.values())
        .flatMap(
            side ->
                Arrays.stream(Neighbour.values())
                    .flatMap(
                        neighbour ->
                            Arrays.stream(Place.values())
                                .filter(place -> neighbour.isFor(side, place))
                                .flatMap(
                                    place ->
                                        Stream.of(true, false)
                                            .map(
                                                autoRead ->
                                                    Arguments.of(
                                                        side, neighbour, place, autoRead)))));
  }

  @AfterEach
  void finish() {
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest(name = "{0} {1} {2} autoRead={3}")
  @MethodSource("kinds")
  void conversationIsTheSame(Side side, Neighbour neighbour, Place place, boolean autoRead) {
    channel.freezeTime();
    channel.config().setAutoRead(autoRead);
    open(side, neighbour.handler.get(), place);
    boolean masked = side == Side.SERVER;
    channel.read();
    byte[] handshake = handshake(side).getBytes(StandardCharsets.US_ASCII);
    transport.arrives(handshake, WireFrame.text(masked, "with it"));
    read(autoRead);
    transport.arrives(WireFrame.of(9, masked, new byte[] {'?'}), WireFrame.text(masked, "one"));
    read(autoRead);
    transport.arrives(WireFrame.text(masked, "two"));
    read(autoRead);
    assertEquals(
        List.of("completed", "text with it", "text one", "text two"),
        outcome.events.stream().filter(event -> !event.startsWith("Idle")).toList());
    assertTrue(Outcome.written(channel).contains("\u008A"), "no pong");
    channel.pipeline().writeAndFlush(Peer.text("answer"));
    channel.runPendingTasks();
    assertTrue(Outcome.written(channel).startsWith("\u0081"), "no text");
    ChannelFuture closed = channel.pipeline().close();
    channel.runPendingTasks();
    assertTrue(Outcome.written(channel).startsWith("\u0088"), "no close frame");
    transport.arrives(WireFrame.close(masked, 1000, ""));
    channel.runPendingTasks();
    if (side == Side.SERVER) {
      assertTrue(channel.isOutputShutdown());
    }
    channel.pipeline().firstContext().close();
    channel.runPendingTasks();
    assertTrue(closed.isSuccess());
    assertEquals(List.of(), outcome.errors);
    assertFalse(channel.isOpen());
  }

  private void read(boolean autoRead) {
    channel.runPendingTasks();
    if (!autoRead) {
      channel.pipeline().read();
      channel.runPendingTasks();
    }
  }

  private void open(Side side, ChannelHandler neighbour, Place place) {
    ChannelPipeline pipeline = channel.pipeline().addLast(transport);
    if (place == Place.FIRST) {
      pipeline.addLast(neighbour);
    }
    pipeline.addLast(
        side == Side.SERVER ? HttpArrangement.CODEC.server() : HttpArrangement.CODEC.client());
    if (place == Place.BEHIND_HTTP) {
      pipeline.addLast(neighbour);
    }
    if (side == Side.SERVER) {
      pipeline.addLast(
          new WebSocketServerHandshakeHandler(
              ServerHandshakeOptions.anyPath(), WebSocketPipeline.server().build()));
    } else {
      pipeline.addLast(
          new WebSocketClientHandshakeHandler(
              ClientHandshakeOptions.forUri(URI.create("ws://h/")),
              WebSocketPipeline.client().build()));
    }
    if (place == Place.BEHIND_OURS) {
      pipeline.addLast(neighbour);
    }
    pipeline.addLast(outcome);
  }

  private String handshake(Side side) {
    if (side == Side.SERVER) {
      return ServerHandshakeFixture.REQUEST;
    }
    channel.runPendingTasks();
    String key = Outcome.written(channel).replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + ServerHandshake.acceptKey(key)
        + "\r\n\r\n";
  }
}
