package io.github.websocketnetty.examples.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Endpoint;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketClientHandler;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketClientHandshakeHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.TcpClient;

/** Inside a server and a client of reactor-netty, whose channels have auto-read off. */
@Timeout(60)
@ExtendWith(LeakFailure.class)
class ReactorNettyTest {
  private static final List<String> MESSAGES =
      IntStream.range(0, 2000).mapToObj(i -> "message " + i).toList();
  private static final Endpoint ECHO = connection -> connection.forEachAsync(connection::send);

  private final BlockingQueue<Channel> channels = new LinkedBlockingQueue<>();
  private final WebSocketClient client = WebSocketClient.create();
  private DisposableServer reactor;
  private WebSocketServer server;

  @AfterEach
  void close() throws Exception {
    await(client.close());
    if (reactor != null) {
      reactor.disposeNow();
    }
    if (server != null) {
      await(server.close());
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  /** Starts a server of reactor-netty, with handlers of ours behind its HTTP codec. */
  private URI serve(Consumer<ChannelPipeline> handlers) {
    reactor =
        HttpServer.create()
            .bindAddress(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .doOnChannelInit(
                (observer, channel, address) -> {
                  channels.add(channel);
                  handlers.accept(channel.pipeline());
                })
            .route(
                routes ->
                    routes.get(
                        "/hello", (request, response) -> response.sendString(Mono.just("hello"))))
            .bindNow();
    return URI.create("ws://127.0.0.1:" + reactor.port() + "/echo");
  }

  private static ServerHandshakeOptions handshake(boolean compressed) {
    return ServerHandshakeOptions.builder()
        .path("/echo")
        .passOtherRequests(true)
        .compression(compressed ? DeflateOptions.builder().threshold(0).build() : null)
        .build();
  }

  private URI serveConnections(boolean compressed, Endpoint endpoint) {
    return serve(
        pipeline ->
            pipeline.addAfter(
                NettyPipeline.HttpCodec,
                null,
                new WebSocketServerHandler(
                    handshake(compressed), ConnectionOptions.defaults(), endpoint)));
  }

  /** Sends many messages at once, and each again when the last one is back. */
  private static void assertEchoes(Connection connection) throws Exception {
    for (int round = 0; round < 2; round++) {
      List<String> echoes = new ArrayList<>();
      CompletableFuture<Void> sent = CompletableFuture.completedFuture(null);
      for (String message : MESSAGES) {
        sent = connection.send(message);
      }
      for (int i = 0; i < MESSAGES.size(); i++) {
        echoes.add(await(connection.recvText()));
      }
      await(sent);
      assertEquals(MESSAGES, echoes);
    }
    await(connection.close());
    assertEquals(1000, connection.closeCode().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void connectionEchoesInAServer(boolean compressed) throws Exception {
    URI uri = serveConnections(compressed, ECHO);
    assertEchoes(await(client.connect(uri)));
    assertFalse(channels.take().config().isAutoRead(), "it is reactor-netty's");
  }

  @Test
  void slowReceiverInAServerStopsTheSenderAndGetsEverything() throws Exception {
    CompletableFuture<Connection> opened = new CompletableFuture<>();
    URI uri =
        serveConnections(
            false,
            connection -> {
              opened.complete(connection);
              return connection.waitClosed();
            });
    Connection sender = await(client.connect(uri));
    byte[] large = new byte[1 << 18];
    List<CompletableFuture<Void>> sends = new ArrayList<>();
    for (int i = 0; i < 60; i++) { // 15 MiB, less than may wait to be sent
      sends.add(sender.send(large));
    }
    Connection receiver = await(opened);
    for (int i = 0; i < sends.size(); i++) {
      assertEquals(large.length, await(receiver.recvBytes()).length);
    }
    for (CompletableFuture<Void> send : sends) {
      await(send);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void handlerThatReadsByItselfEchoesInAServer(boolean compressed) throws Exception {
    URI uri =
        serve(
            pipeline ->
                pipeline
                    .addAfter(NettyPipeline.HttpCodec, "echo", new ReadingEcho())
                    .addAfter(
                        NettyPipeline.HttpCodec,
                        null,
                        new WebSocketServerHandshakeHandler(
                            handshake(compressed),
                            WebSocketPipeline.server().aggregateMessages(true).build())));
    assertEchoes(await(client.connect(uri)));
  }

  @Test
  void otherRequestsStayWithTheServer() throws Exception {
    URI uri = serveConnections(false, ECHO);
    HttpRequest hello =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + uri.getPort() + "/hello")).build();
    HttpClient http = HttpClient.newHttpClient();
    for (int i = 0; i < 3; i++) {
      assertEquals("hello", http.send(hello, HttpResponse.BodyHandlers.ofString()).body());
    }
  }

  private ClientHandshakeOptions startServer() throws Exception {
    server =
        await(
            WebSocketServer.builder()
                .anyPath(ECHO)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    return ClientHandshakeOptions.forUri(URI.create("ws://127.0.0.1:" + server.port() + "/"));
  }

  /** Connects with reactor-netty, with handlers of ours before all of its own. */
  private reactor.netty.Connection connect(ChannelHandler... handlers) {
    return TcpClient.create()
        .host("127.0.0.1")
        .port(server.port())
        .doOnChannelInit(
            (observer, channel, address) -> {
              assertFalse(channel.config().isAutoRead());
              channel.pipeline().addFirst(handlers);
            })
        .connectNow();
  }

  @Test
  void connectionTalksInAClient() throws Exception {
    WebSocketClientHandler webSocket =
        new WebSocketClientHandler(startServer(), ConnectionOptions.defaults(), null);
    reactor.netty.Connection tcp = connect(new HttpClientCodec(), webSocket);
    assertEchoes(await(webSocket.connection()));
    tcp.disposeNow();
  }

  @Test
  void handlerThatReadsByItselfTalksInAClient() throws Exception {
    WebSocketClientHandshakeHandler opening =
        new WebSocketClientHandshakeHandler(
            startServer(), WebSocketPipeline.client().aggregateMessages(true).build());
    Reading received = new Reading();
    reactor.netty.Connection tcp = connect(new HttpClientCodec(), opening, received);
    assertTrue(opening.handshakeFuture().await(20, TimeUnit.SECONDS));
    for (String message : MESSAGES) {
      tcp.channel().writeAndFlush(new TextWebSocketFrame(message));
    }
    for (String message : MESSAGES) {
      assertEquals(message, received.texts.poll(20, TimeUnit.SECONDS));
    }
    tcp.disposeNow();
  }

  /** Asks for frames, as handlers must where auto-read is off. */
  private static class Reading extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof HandshakeCompleted) {
        ctx.read();
      }
      ctx.fireUserEventTriggered(event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
      texts.add(frame.text());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
      ctx.read();
    }
  }

  private static final class ReadingEcho extends Reading {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
      ctx.write(frame.retain());
    }
  }
}
