package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.github.websocketnetty.support.WireFrame;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The opening handshake on real sockets. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class HandshakeLoopbackTest {
  private static final String REQUEST =
      "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

  private final Transports transport;
  private final EventLoopGroup group;
  private final BlockingQueue<String> echoed = new LinkedBlockingQueue<>();
  private final AtomicInteger early = new AtomicInteger();
  private volatile boolean connected;

  HandshakeLoopbackTest(Transports transport) {
    this.transport = transport;
    this.group = transport.newGroup();
  }

  @AfterEach
  void stop() throws InterruptedException {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private InetSocketAddress serve(ServerHandshakeOptions options) throws InterruptedException {
    return serve(options, Echo::new);
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ctx.writeAndFlush(msg);
    }
  }

  private InetSocketAddress serve(
      ServerHandshakeOptions options, Supplier<ChannelHandler> application)
      throws InterruptedException {
    return HandshakeServer.bind(transport, group, options, front -> {}, application);
  }

  @Test
  void aClientAndAServerOpenAConnection() throws Exception {
    CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
    InetSocketAddress server =
        serve(ServerHandshakeOptions.builder().processRequest(request -> hook).build());
    ClientHandshakeOptions options =
        ClientHandshakeOptions.forUri(
            new URI("ws", null, server.getHostString(), server.getPort(), "/echo", null, null));
    WebSocketClientHandshakeHandler handshake =
        new WebSocketClientHandshakeHandler(options, WebSocketPipeline.client().build());
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            channel
                .pipeline()
                .addLast(options.newHttpClientCodec())
                .addLast(handshake)
                .addLast(new Echoed());
          }
        };
    Channel client =
        new Bootstrap()
            .group(group)
            .channel(transport.clientChannel())
            .handler(initializer)
            .connect(server)
            .sync()
            .channel();
    hook.complete(null);
    assertTrue(handshake.handshakeFuture().await(10, TimeUnit.SECONDS));
    assertEquals(101, handshake.handshakeFuture().getNow().response().status().code());
    client.writeAndFlush(new TextWebSocketFrame("hello"));
    assertEquals("hello", echoed.poll(10, TimeUnit.SECONDS));
    client.close().sync();
  }

  private final class Echoed extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      TextWebSocketFrame frame = (TextWebSocketFrame) msg;
      echoed.add(frame.text());
      frame.release();
    }
  }

  // HS-27
  @Test
  void framesGluedToTheRequestAreEchoedBehindThe101() throws Exception {
    try (Socket socket = connect(serve(ServerHandshakeOptions.anyPath()))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(REQUEST.getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(WireFrame.text(true, "glued"));
      out.writeBytes(WireFrame.close(true, 1000, ""));
      socket.getOutputStream().write(out.toByteArray());
      String all = readAll(socket);
      assertTrue(all.startsWith("HTTP/1.1 101 "), all);
      assertTrue(all.endsWith("\r\n\r\n\u0081\u0005glued\u0088\u0002\u0003\u00E8"), all);
    }
  }

  // HS-27, HS-30
  @Test
  void proxyThatFirstConnectsToItsBackendGetsNoFrameBefore() throws Exception {
    InetSocketAddress backend = serve(ServerHandshakeOptions.anyPath());
    ServerHandshakeOptions asynchronous =
        ServerHandshakeOptions.builder()
            .processRequest(request -> CompletableFuture.supplyAsync(() -> null))
            .build();
    try (Socket socket = connect(serve(asynchronous, () -> new Proxy(backend)))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(REQUEST.getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(WireFrame.text(true, "one"));
      out.writeBytes(WireFrame.text(true, "two"));
      socket.getOutputStream().write(out.toByteArray());
      for (String expected : new String[] {"one", "two"}) {
        assertEquals(expected, echoed.poll(10, TimeUnit.SECONDS));
      }
      assertEquals(0, early.get());
    }
  }

  /** Lets frames come when the backend is there, and hands them to it. */
  private final class Proxy extends ChannelInboundHandlerAdapter {
    private final InetSocketAddress address;
    private Channel backend;

    Proxy(InetSocketAddress address) {
      this.address = address;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof HandshakeCompleted) {
        ctx.channel().config().setAutoRead(false);
        open(ctx);
      }
    }

    private void open(ChannelHandlerContext ctx) throws Exception {
      URI uri = new URI("ws", null, address.getHostString(), address.getPort(), "/", null, null);
      ClientHandshakeOptions options = ClientHandshakeOptions.forUri(uri);
      WebSocketClientHandshakeHandler handshake =
          new WebSocketClientHandshakeHandler(options, WebSocketPipeline.client().build());
      backend =
          new Bootstrap()
              .group(ctx.channel().eventLoop())
              .channel(transport.clientChannel())
              .handler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      channel
                          .pipeline()
                          .addLast(options.newHttpClientCodec(), handshake, new Echoed());
                    }
                  })
              .connect(address)
              .channel();
      handshake
          .handshakeFuture()
          .addListener(
              done -> {
                connected = true;
                ctx.channel().config().setAutoRead(true);
              });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      early.addAndGet(connected ? 0 : 1);
      backend.writeAndFlush(msg);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      backend.close();
    }
  }

  // HS-26: without a reset, although the server does not read what the client sends
  @Test
  void aRefusalArrivesWholeThoughTheClientKeepsSending() throws Exception {
    InetSocketAddress server = serve(ServerHandshakeOptions.forPath("/other"));
    for (int i = 0; i < 20; i++) {
      try (Socket socket = connect(server)) {
        socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[200_000]);
        String all = readAll(socket);
        assertTrue(all.startsWith("HTTP/1.1 404 "), all);
        assertTrue(all.endsWith("nothing is served at this path.\n"), all);
      }
    }
  }

  private static Socket connect(InetSocketAddress server) throws Exception {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String readAll(Socket socket) throws Exception {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }
}
