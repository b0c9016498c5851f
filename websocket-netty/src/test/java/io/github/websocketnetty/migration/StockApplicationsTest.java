package io.github.websocketnetty.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.Transports;
import io.github.websocketnetty.support.WireFrame;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Applications written for Netty's handlers, which do the same behind ours, unchanged: only the
 * line that adds the handlers differs.
 */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class StockApplicationsTest {
  private static final byte[] PAYLOAD = {1, 2, 3};
  private static final CloseStatus NO_BACKEND = new CloseStatus(1014, "");

  private final EventLoopGroup group = Transports.NIO.newGroup();
  private final ChannelGroup chatters = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private WebSocketServer backend;

  /** Whose handlers stand in front of the application. */
  enum Handlers {
    NETTYS,
    OURS
  }

  @AfterEach
  void end() throws Exception {
    chatters.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    if (backend != null) {
      backend.close().get(30, TimeUnit.SECONDS);
    }
  }

  private SocketAddress serve(Supplier<ChannelHandler[]> webSocket, Supplier<ChannelHandler> last)
      throws InterruptedException {
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            channel
                .pipeline()
                .addLast(new HttpServerCodec(), new HttpObjectAggregator(65_536))
                .addLast(webSocket.get())
                .addLast(last.get());
          }
        };
    return new ServerBootstrap()
        .group(group)
        .channel(Transports.NIO.serverChannel())
        .childHandler(initializer)
        .bind(InetAddress.getLoopbackAddress(), 0)
        .sync()
        .channel()
        .localAddress();
  }

  private static ChannelHandler[] handlers(ChannelHandler... handlers) {
    return handlers;
  }

  private static WebSocketServerProtocolConfig.Builder nettys() {
    return WebSocketServerProtocolConfig.newBuilder().websocketPath("/ws");
  }

  private static ServerHandshakeOptions.Builder ours() {
    return ServerHandshakeOptions.builder().path("/ws").nettyEvents(true);
  }

  private static Frame next(RawPeer peer) throws IOException {
    byte[] head = peer.read(2);
    int length = head[1];
    if (length == 126) {
      byte[] longer = peer.read(2);
      length = (longer[0] & 0xFF) << 8 | longer[1] & 0xFF;
    }
    assertTrue(length >= 0 && length != 127, "not that long, and not masked");
    return new Frame(head[0] < 0, (head[0] & 0x70) >> 4, head[0] & 0xF, peer.read(length));
  }

  private static void assertText(String expected, RawPeer peer) throws IOException {
    Frame frame = next(peer);
    assertEquals(Opcode.TEXT, frame.opcode());
    assertEquals(expected, new String(frame.payload(), StandardCharsets.UTF_8));
  }

  private static RawPeer open(SocketAddress address, String... headers) throws IOException {
    RawPeer peer = RawPeer.connect(address);
    peer.write(RawPeer.request("/ws", headers));
    String head = peer.head();
    assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    return peer;
  }

  @ParameterizedTest
  @EnumSource
  void chat(Handlers handlers) throws Exception {
    SocketAddress address =
        serve(
            () ->
                handlers(
                    new StockChat.Page(),
                    handlers == Handlers.NETTYS
                        ? new WebSocketServerProtocolHandler(nettys().build())
                        : new WebSocketServerHandshakeHandler(
                            ours().build(), WebSocketPipeline.server().build())),
            () -> new StockChat(chatters));
    try (RawPeer ann = open(address);
        RawPeer bob = open(address)) {
      assertText("somebody joined", ann);
      bob.write(WireFrame.text(true, "hello"));
      assertText("hello", ann);
      assertText("hello", bob);
    }
  }

  @ParameterizedTest
  @EnumSource
  void subprotocolWithItsHandlers(Handlers handlers) throws Exception {
    StockStomp stomp = new StockStomp();
    SocketAddress address =
        serve(
            () ->
                handlers(
                    handlers == Handlers.NETTYS
                        ? new WebSocketServerProtocolHandler(
                            nettys().subprotocols("v12.stomp,v11.stomp,v10.stomp").build())
                        : new WebSocketServerHandshakeHandler(
                            ours()
                                .subprotocols(List.of("v12.stomp", "v11.stomp", "v10.stomp"))
                                .subprotocolsInClientOrder(true)
                                .requireSubprotocol(false)
                                .build(),
                            WebSocketPipeline.server().build())),
            () -> stomp);
    String offer = "Sec-WebSocket-Protocol: v9.stomp, v10.stomp, v12.stomp\r\n";
    try (RawPeer old = open(address, offer);
        RawPeer lax = open(address)) {
      old.write(WireFrame.text(true, "CONNECT"));
      assertText("CONNECTED v10.stomp", old);
      lax.write(WireFrame.text(true, "CONNECT"));
      assertText("CONNECTED null", lax);
    }
  }

  /** The handlers are added when the request is there, and asks for them. */
  @ParameterizedTest
  @EnumSource
  void pollingOrWebSocketByTheQuery(Handlers handlers) throws Exception {
    SocketAddress address =
        serve(
            () ->
                handlers(
                    new StockPolling(
                        handlers == Handlers.NETTYS
                            ? () ->
                                new WebSocketServerProtocolHandler(
                                    nettys().checkStartsWith(true).build())
                            : () ->
                                new WebSocketServerHandshakeHandler(
                                    ours().pathPrefix("/ws").build(),
                                    WebSocketPipeline.server().build()))),
            () -> new StockChat(chatters));
    try (RawPeer polling = RawPeer.connect(address);
        RawPeer peer = RawPeer.connect(address)) {
      polling.write("GET /ws?transport=polling HTTP/1.1\r\nHost: h\r\n\r\n");
      assertTrue(polling.head().startsWith("HTTP/1.1 204 "));
      peer.write(RawPeer.request("/ws?transport=websocket"));
      assertTrue(peer.head().startsWith("HTTP/1.1 101 "));
      peer.write(WireFrame.text(true, "hello"));
      assertText("hello", peer);
    }
  }

  private void startBackend() throws Exception {
    backend =
        WebSocketServer.builder()
            .anyPath(connection -> connection.forEachAsync(connection::send))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  /** Serves a relay whose handlers are Netty's, or ours with or without pings for the relay. */
  private SocketAddress serveRelay(Handlers handlers, boolean handlePings) throws Exception {
    startBackend();
    URI uri = URI.create("ws://127.0.0.1:" + backend.port() + "/");
    return serve(
        () ->
            handlers(
                handlers == Handlers.NETTYS
                    ? new WebSocketServerProtocolHandler(
                        nettys().handleCloseFrames(false).dropPongFrames(false).build())
                    : new WebSocketServerHandshakeHandler(
                        ours().compression(null).build(),
                        relaying(WebSocketPipeline.server(), handlePings))),
        () ->
            new StockRelay.Front(
                backend.address(),
                handlers == Handlers.NETTYS
                    ? channel -> addNettysClient(channel, uri)
                    : channel -> addOurClient(channel, uri, handlePings)));
  }

  private static WebSocketPipeline relaying(
      WebSocketPipeline.Builder builder, boolean handlePings) {
    return builder
        .handleCloseFrames(false)
        .dropPongFrames(false)
        .handlePingFrames(handlePings)
        .sendCloseFrame(NO_BACKEND)
        .build();
  }

  private static void addNettysClient(SocketChannel channel, URI uri) {
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(uri)
            .handleCloseFrames(false)
            .dropPongFrames(false)
            .build();
    channel
        .pipeline()
        .addLast(new HttpClientCodec(), new HttpObjectAggregator(65_536))
        .addLast(new WebSocketClientProtocolHandler(config));
  }

  private static void addOurClient(SocketChannel channel, URI uri, boolean handlePings) {
    ClientHandshakeOptions options =
        ClientHandshakeOptions.builder(uri).nettyEvents(true).compression(null).build();
    channel
        .pipeline()
        .addLast(new HttpClientCodec())
        .addLast(
            new WebSocketClientHandshakeHandler(
                options, relaying(WebSocketPipeline.client(), handlePings)));
  }

  @ParameterizedTest
  @EnumSource
  void relayOfAllFrames(Handlers handlers) throws Exception {
    SocketAddress address = serveRelay(handlers, true);
    try (RawPeer peer = open(address)) {
      peer.write(WireFrame.of(false, 0, Opcode.TEXT, true, new byte[] {'a'}));
      peer.write(WireFrame.of(true, 0, Opcode.CONTINUATION, true, new byte[] {'b'}));
      assertText("ab", peer);
      peer.write(WireFrame.of(Opcode.BINARY, true, WireFrame.letters(60_000)));
      assertEquals(new Frame(true, 0, Opcode.BINARY, WireFrame.letters(60_000)), next(peer));
      peer.write(WireFrame.of(Opcode.PING, true, PAYLOAD));
      assertEquals(new Frame(true, 0, Opcode.PONG, PAYLOAD), next(peer));
      peer.write(WireFrame.close(true, 4001, "bye"));
      Frame close = next(peer);
      assertEquals(Opcode.CLOSE, close.opcode());
      assertEquals("bye", new String(close.payload(), 2, 3, StandardCharsets.UTF_8));
      assertEquals(0, peer.rest().length, "one close frame, then the end");
    }
  }

  @Test
  void relayOfPingsToo() throws Exception {
    SocketAddress address = serveRelay(Handlers.OURS, false);
    try (RawPeer peer = open(address)) {
      peer.write(WireFrame.of(Opcode.PING, true, PAYLOAD));
      assertEquals(new Frame(true, 0, Opcode.PONG, PAYLOAD), next(peer), "the backend's");
      Connection behind = backend.connections().iterator().next();
      behind.close(4002, "done");
      assertEquals(Opcode.CLOSE, next(peer).opcode());
      peer.write(WireFrame.close(true, 4003, "answer"));
      behind.waitClosed().get(30, TimeUnit.SECONDS);
      assertEquals(4003, behind.closeCode().getAsInt(), "the client's own answer");
    }
  }

  /** A relay that reads nothing before its backend is there gets no frame before. */
  @Test
  void relayOfFramesThatCameWithTheRequest() throws Exception {
    SocketAddress address = serveRelay(Handlers.OURS, false);
    try (RawPeer peer = RawPeer.connect(address)) {
      peer.write(
          WireFrame.join(
              RawPeer.request("/ws").getBytes(StandardCharsets.US_ASCII),
              WireFrame.of(Opcode.PING, true, PAYLOAD),
              WireFrame.text(true, "early"),
              WireFrame.close(true, 1000, "")));
      assertTrue(peer.head().startsWith("HTTP/1.1 101 "));
      assertEquals(new Frame(true, 0, Opcode.PONG, PAYLOAD), next(peer));
      assertText("early", peer);
      assertEquals(Opcode.CLOSE, next(peer).opcode());
      assertEquals(0, peer.rest().length);
    }
  }

  /** What a close frame of the peer's cannot tell, the relay tells. */
  @Test
  void relayTellsThatTheBackendIsGone() throws Exception {
    SocketAddress address = serveRelay(Handlers.OURS, false);
    try (RawPeer peer = open(address)) {
      peer.write(WireFrame.text(true, "x"));
      assertText("x", peer);
      backend.connections().iterator().next().channel().pipeline().firstContext().close();
      Frame close = next(peer);
      assertEquals(Opcode.CLOSE, close.opcode());
      assertEquals(1014, (close.payload()[0] & 0xFF) << 8 | close.payload()[1] & 0xFF);
    }
  }
}
