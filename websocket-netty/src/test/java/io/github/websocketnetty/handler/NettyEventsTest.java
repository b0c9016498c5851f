package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.NettyHandshake;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.ServerHandshakeStateEvent;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The user events of Netty's handshake handlers, fired by ours. */
@ExtendWith(LeakCheck.class)
class NettyEventsTest {
  private final ServerHandshakeOptions.Builder server =
      ServerHandshakeOptions.builder().path("/echo").nettyEvents(true).compression(null);
  private final ClientHandshakeOptions.Builder client =
      ClientHandshakeOptions.builder(URI.create("ws://localhost/echo"))
          .nettyEvents(true)
          .compression(null);
  private final Recorder recorder = new Recorder();
  private WebSocketClientHandshakeHandler opening;

  /** Writes down the events, and writes a frame when the handshake is complete. */
  private static final class Recorder extends ChannelInboundHandlerAdapter {
    private final List<Object> events = new ArrayList<>();

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event);
      if (event instanceof HandshakeComplete
          || event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        ctx.writeAndFlush(new TextWebSocketFrame("hi"));
      }
    }

    List<String> names() {
      return events.stream()
          .map(event -> event instanceof Enum<?> ? event.toString() : event.getClass().getName())
          .toList();
    }

    List<String> nettyNames() {
      return names().stream().filter(name -> !name.startsWith("io.github")).toList();
    }
  }

  /** The channel is active once all handlers are there, as one of a bootstrap is. */
  private EmbeddedChannel open(Side side, boolean nettys) throws Exception {
    EmbeddedChannel channel = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
    if (nettys) {
      NettyHandshake.addTo(channel.pipeline(), side);
    } else {
      addOurs(channel, side);
    }
    channel.pipeline().addLast(recorder);
    channel.register();
    channel.freezeTime(); // not before it has an event loop
    channel.runPendingTasks();
    return channel;
  }

  private void addOurs(EmbeddedChannel channel, Side side) {
    if (side == Side.SERVER) {
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(),
              new WebSocketServerHandshakeHandler(
                  server.build(), WebSocketPipeline.server().build()));
    } else {
      opening =
          new WebSocketClientHandshakeHandler(client.build(), WebSocketPipeline.client().build());
      channel.pipeline().addLast(new HttpClientCodec(), opening);
    }
  }

  private static void complete(EmbeddedChannel channel, Side side) {
    String incoming =
        side == Side.SERVER
            ? NettyHandshake.request(false)
            : NettyHandshake.response(Outcome.written(channel), false);
    channel.writeInbound(Unpooled.copiedBuffer(incoming, StandardCharsets.ISO_8859_1));
    channel.runPendingTasks();
  }

  private static void finish(EmbeddedChannel channel) {
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void theEventsAreThoseOfNettysHandlersInTheirOrder(Side side) throws Exception {
    EmbeddedChannel nettys = open(side, true);
    complete(nettys, side);
    List<String> expected = List.copyOf(recorder.names());
    finish(nettys);
    assertEquals(2, expected.size(), expected::toString);
    NettyEventsTest ours = new NettyEventsTest();
    EmbeddedChannel channel = ours.open(side, false);
    complete(channel, side);
    assertEquals(expected, ours.recorder.nettyNames());
    assertTrue(Outcome.written(channel).length() > 0, "frames may be written when they see it");
    finish(channel);
  }

  /** A server that answers within the flush, as one in the same process may. */
  private static final class QuickServer extends ChannelOutboundHandlerAdapter {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      ctx.flush();
      String request = Outcome.written((EmbeddedChannel) ctx.channel());
      if (!request.isEmpty()) {
        byte[] response =
            NettyHandshake.response(request, false).getBytes(StandardCharsets.ISO_8859_1);
        ctx.fireChannelRead(Unpooled.wrappedBuffer(response));
      }
    }
  }

  @Test
  void theRequestIsToldBeforeTheAnswerHoweverSoonThatComes() {
    client.nettyEvents(true);
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    channel.pipeline().addLast(new QuickServer(), new HttpClientCodec());
    opening =
        new WebSocketClientHandshakeHandler(client.build(), WebSocketPipeline.client().build());
    channel.pipeline().addLast(recorder);
    channel.pipeline().addBefore(channel.pipeline().context(recorder).name(), null, opening);
    channel.runPendingTasks();
    assertEquals(List.of("HANDSHAKE_ISSUED", "HANDSHAKE_COMPLETE"), recorder.nettyNames());
    finish(channel);
  }

  @ParameterizedTest
  @EnumSource
  void oursComesFirst(Side side) throws Exception {
    EmbeddedChannel channel = open(side, false);
    complete(channel, side);
    int own = recorder.names().indexOf(HandshakeCompleted.class.getName());
    assertEquals(side == Side.SERVER ? 0 : 1, own, () -> recorder.names().toString());
    finish(channel);
  }

  @ParameterizedTest
  @EnumSource
  void noEventOfNettysIsFiredUnlessItIsAskedFor(Side side) throws Exception {
    server.nettyEvents(false);
    client.nettyEvents(false);
    EmbeddedChannel channel = open(side, false);
    complete(channel, side);
    assertEquals(List.of(), recorder.nettyNames());
    assertFalse(server.build().nettyEvents());
    assertFalse(client.build().toBuilder().build().nettyEvents());
    finish(channel);
  }

  @Test
  void theServersEventTellsTheRequest() throws Exception {
    server.pathPrefix("/echo").subprotocols(List.of("chat")).requireSubprotocol(false);
    EmbeddedChannel channel = open(Side.SERVER, false);
    String request =
        NettyHandshake.request(false)
            .replace("/echo", "/echo/room?token=1")
            .replace("Host: h", "Host: h\r\nSec-WebSocket-Protocol: x, chat\r\nX-User: duke");
    channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.ISO_8859_1));
    HandshakeComplete complete = assertInstanceOf(HandshakeComplete.class, last());
    assertEquals("/echo/room?token=1", complete.requestUri());
    assertEquals("duke", complete.requestHeaders().get("X-User"));
    assertEquals("chat", complete.selectedSubprotocol());
    finish(channel);
  }

  @Test
  void withoutASubprotocolTheServersEventHasNone() throws Exception {
    EmbeddedChannel channel = open(Side.SERVER, false);
    complete(channel, Side.SERVER);
    assertNull(assertInstanceOf(HandshakeComplete.class, last()).selectedSubprotocol());
    finish(channel);
  }

  private Object last() {
    return recorder.events.get(recorder.events.size() - 1);
  }

  private static void advance(EmbeddedChannel channel, Duration time) {
    channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  // The order of Netty's handler: the future fails, the event is fired, the channel is closed.
  @Test
  void theClientsTimeoutIsToldBeforeTheChannelIsClosed() throws Exception {
    EmbeddedChannel nettys = open(Side.CLIENT, true);
    advance(nettys, Duration.ofSeconds(10));
    List<String> expected = List.copyOf(recorder.names());
    finish(nettys);
    assertEquals(List.of("HANDSHAKE_ISSUED", "HANDSHAKE_TIMEOUT"), expected);
    NettyEventsTest ours = new NettyEventsTest();
    EmbeddedChannel channel = ours.open(Side.CLIENT, false);
    ours.opening.handshakeFuture().addListener(done -> ours.recorder.events.add(done.cause()));
    channel.closeFuture().addListener(done -> ours.recorder.events.add("closed"));
    advance(channel, Duration.ofSeconds(10));
    List<Object> events = ours.recorder.events;
    assertEquals(4, events.size(), events::toString);
    assertEquals(ClientHandshakeStateEvent.HANDSHAKE_ISSUED, events.get(0));
    assertInstanceOf(HandshakeException.class, events.get(1));
    assertEquals(ClientHandshakeStateEvent.HANDSHAKE_TIMEOUT, events.get(2));
    assertEquals("closed", events.get(3));
    finish(channel);
  }

  @Test
  void theServersTimeoutIsToldBeforeTheChannelIsClosed() throws Exception {
    EmbeddedChannel channel = open(Side.SERVER, false);
    channel.closeFuture().addListener(done -> recorder.events.add("closed"));
    channel.writeInbound(Unpooled.copiedBuffer("GET /ec", StandardCharsets.ISO_8859_1));
    advance(channel, Duration.ofSeconds(10));
    assertEquals(List.of(ServerHandshakeStateEvent.HANDSHAKE_TIMEOUT, "closed"), recorder.events);
    assertTrue(Outcome.written(channel).startsWith("HTTP/1.1 408 "));
    finish(channel);
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedHandshakeIsNotComplete(Side side) throws Exception {
    EmbeddedChannel channel = open(side, false);
    String refused =
        side == Side.SERVER
            ? NettyHandshake.request(false).replace("/echo", "/other")
            : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(refused, StandardCharsets.ISO_8859_1));
    List<String> expected = side == Side.SERVER ? List.of() : List.of("HANDSHAKE_ISSUED");
    assertEquals(expected, recorder.names());
    finish(channel);
  }
}
