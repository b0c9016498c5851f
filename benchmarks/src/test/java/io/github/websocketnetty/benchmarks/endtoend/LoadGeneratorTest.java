package io.github.websocketnetty.benchmarks.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over real sockets, for a fraction of a second each. */
@Timeout(60)
class LoadGeneratorTest {
  private static final int CONNECTIONS = 4;
  private static final int DEPTH = 8;

  @ParameterizedTest
  @EnumSource
  void everyEchoOfThisLibraryIsRight(Api api) throws Exception {
    Channel server = new OursServer().start(ServerCommand.loopback(0), 1, api);
    try {
      EchoResult result = load(server, PayloadKind.MIXED, ProcessHandle.current().pid());

      assertNull(result.firstError());
      assertEquals(0, result.errors());
      assertTrue(result.messages() > 0);
      assertTrue(result.p50Micros() > 0 && result.p50Micros() <= result.p99Micros());
      assertTrue(result.cpuMicrosPerMessage() > 0);
      assertEquals(result, parsed(new Gson().toJson(result)));
    } finally {
      server.close().syncUninterruptibly();
    }
  }

  @Test
  void wrongTypeIsAnError() throws Exception {
    assertEquals(
        "echo is a BinaryWebSocketFrame",
        firstErrorOf(frame -> new BinaryWebSocketFrame(frame.content().retain())));
  }

  @Test
  void wrongLengthIsAnError() throws Exception {
    assertEquals(
        "echo has 4 bytes, not 1000", firstErrorOf(frame -> new TextWebSocketFrame("less")));
  }

  @Test
  void wrongContentIsAnError() throws Exception {
    assertEquals(
        "echo has another content",
        firstErrorOf(frame -> new TextWebSocketFrame("x".repeat(1000))));
  }

  private static String firstErrorOf(UnaryOperator<WebSocketFrame> echo) throws Exception {
    Channel server =
        NettyListener.bind(
            ServerCommand.loopback(0),
            1,
            pipeline ->
                pipeline.addLast(
                    new HttpServerCodec(),
                    new WebSocketServerProtocolHandler("/"),
                    new BadEcho(echo)));
    try {
      EchoResult result = load(server, PayloadKind.ASCII, 0);
      assertTrue(result.errors() > 0);
      assertNull(result.cpuMicrosPerMessage());
      return result.firstError();
    } finally {
      server.close().syncUninterruptibly();
    }
  }

  private static EchoResult load(Channel server, PayloadKind kind, long pid) throws Exception {
    EchoPlan plan =
        new EchoPlan(
            CONNECTIONS, DEPTH, kind, 1000, Duration.ofMillis(100), Duration.ofMillis(400), pid);
    return new LoadGenerator(NettyListener.port(server), plan).call();
  }

  private static EchoResult parsed(String json) {
    return new Gson().fromJson(json, EchoResult.class);
  }

  private static final class BadEcho extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final UnaryOperator<WebSocketFrame> echo;

    BadEcho(UnaryOperator<WebSocketFrame> echo) {
      this.echo = echo;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      ctx.writeAndFlush(echo.apply(frame));
    }
  }
}
