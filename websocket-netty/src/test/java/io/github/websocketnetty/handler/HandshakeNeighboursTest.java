package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The handshake among handlers of others. */
@ExtendWith(LeakCheck.class)
class HandshakeNeighboursTest {
  private static final String REQUEST =
      "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

  private final EmbeddedChannel channel = HttpArrangement.channel();
  private final Outcome outcome = new Outcome();

  private static WebSocketServerHandshakeHandler handshake(boolean passOtherRequests) {
    return new WebSocketServerHandshakeHandler(
        ServerHandshakeOptions.builder().path("/echo").passOtherRequests(passOtherRequests).build(),
        WebSocketPipeline.server().build());
  }

  private void receive(String text) {
    channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
    assertEquals(List.of(), outcome.errors);
  }

  @Test
  void namesThatNettyUsesForItsOwnWebSocketHandlersAreNoObstacle() {
    channel.pipeline().addLast(new HttpServerCodec()).addLast(handshake(false));
    for (String name : List.of("wsencoder", "wsdecoder", "ws-encoder", "ws-decoder")) {
      channel.pipeline().addLast(name, new ChannelInboundHandlerAdapter());
    }
    channel.pipeline().addLast(outcome);
    receive(REQUEST);
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text(true, "a")));
    assertEquals(List.of("completed", "text a"), outcome.events);
    assertNotNull(channel.pipeline().get("wsdecoder"));
  }

  @Test
  void twoHandshakesServeTwoPathsOfOnePipeline() {
    channel
        .pipeline()
        .addLast(new HttpServerCodec(), new HttpObjectAggregator(1024))
        .addLast(handshake(true))
        .addLast(
            new WebSocketServerHandshakeHandler(
                ServerHandshakeOptions.forPath("/other"), WebSocketPipeline.server().build()))
        .addLast(outcome);
    receive(REQUEST.replace("/echo", "/other"));
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text(true, "a")));
    assertEquals(List.of("completed", "text a"), outcome.events);
    assertEquals("/other", outcome.completed.request().uri());
  }

  @Test
  void aHandlerThatQueuesWritesUntilTheHandshakeIsCompletedDoesNotHoldThe101() {
    channel
        .pipeline()
        .addLast(new HttpServerCodec())
        .addLast(handshake(false))
        .addLast(new Queueing())
        .addLast(outcome);
    channel.write(new TextWebSocketFrame("queued"));
    receive(REQUEST);
    String written = Outcome.written(channel);
    assertTrue(written.startsWith("HTTP/1.1 101 "), written);
    assertTrue(written.endsWith("\r\n\r\n\u0081\u0006queued"), written);
  }

  private static final class Queueing extends ChannelDuplexHandler {
    private final Queue<Object> queue = new ArrayDeque<>();
    private boolean completed;

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      if (completed) {
        ctx.write(msg, promise);
      } else {
        queue.add(msg);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      completed |= event instanceof HandshakeCompleted;
      queue.forEach(ctx::write);
      queue.clear();
      ctx.flush();
      ctx.fireUserEventTriggered(event);
    }
  }
}
