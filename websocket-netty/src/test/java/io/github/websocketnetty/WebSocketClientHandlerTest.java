package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.NettyHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A handler in front keeps the news that the connection is open. */
@ExtendWith(LeakCheck.class)
class WebSocketClientHandlerTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();

  /** Without this event no connection is made. */
  private static final class Keeping extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof HandshakeCompleted)) {
        ctx.fireUserEventTriggered(event);
      }
    }
  }

  private CompletableFuture<Connection> openBehind(ChannelHandler front) {
    WebSocketClientHandler handler = new WebSocketClientHandler(URI.create("ws://localhost/"));
    channel.freezeTime();
    channel.pipeline().addLast(new HttpClientCodec(), handler);
    channel.pipeline().addBefore(channel.pipeline().context(handler).name(), null, front);
    ByteBuf request = channel.readOutbound();
    String response = NettyHandshake.response(request.toString(StandardCharsets.US_ASCII), false);
    request.release();
    channel.writeInbound(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII));
    channel.runPendingTasks();
    return handler.connection();
  }

  @Test
  void aConnectionThatEndsBeforeItIsMadeFailsTheFuture() {
    CompletableFuture<Connection> connection = openBehind(new Keeping());
    assertFalse(connection.isDone());
    channel.pipeline().firstContext().close();
    channel.runPendingTasks();
    assertInstanceOf(ClosedChannelException.class, failure(connection));
    ChannelEnd.check(channel);
  }
}
