package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.CloseFrameReceived;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.NettyHandshake;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The events of the handshake and of closing reach handlers behind those of a connection. */
@ExtendWith(LeakCheck.class)
class NettyEventsBehindConnectionTest {
  private final List<Object> events = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  /** Keeps the events. */
  private final class Recorder extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
    }
  }

  private void open(Side side) {
    channel.freezeTime();
    Recorder recorder = new Recorder();
    if (side == Side.SERVER) {
      ServerHandshakeOptions options =
          ServerHandshakeOptions.builder().pathPrefix("/echo").nettyEvents(true).build();
      WebSocketServerHandler handler =
          new WebSocketServerHandler(options, ConnectionOptions.defaults(), Connection::waitClosed);
      channel.pipeline().addLast(new HttpServerCodec(), handler, recorder);
      receive(NettyHandshake.request(false).getBytes(StandardCharsets.US_ASCII));
    } else {
      ClientHandshakeOptions options =
          ClientHandshakeOptions.builder(URI.create("ws://localhost/echo"))
              .nettyEvents(true)
              .build();
      WebSocketClientHandler handler =
          new WebSocketClientHandler(options, ConnectionOptions.defaults(), Connection::waitClosed);
      channel.pipeline().addLast(new HttpClientCodec(), handler, recorder);
      ByteBuf request = channel.readOutbound();
      String response = NettyHandshake.response(request.toString(StandardCharsets.US_ASCII), false);
      request.release();
      receive(response.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void receive(byte[] bytes) {
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    channel.runPendingTasks();
  }

  private boolean hasSeen(Class<?> type) {
    return events.stream().anyMatch(type::isInstance);
  }

  @ParameterizedTest
  @EnumSource
  void eventsReachTheHandlersBehindAConnection(Side side) {
    open(side);
    assertTrue(
        side == Side.SERVER
            ? hasSeen(HandshakeComplete.class)
            : events.contains(ClientHandshakeStateEvent.HANDSHAKE_COMPLETE),
        events::toString);
    receive(WireFrame.close(side == Side.SERVER, 4001, "bye"));
    CloseStatus bye = new CloseStatus(4001, "bye");
    assertTrue(events.contains(new CloseFrameReceived(bye)), events::toString);
    ChannelEnd.check(channel);
  }
}
