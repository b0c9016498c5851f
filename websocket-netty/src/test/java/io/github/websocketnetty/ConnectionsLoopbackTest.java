package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.NettyHandshake;
import io.github.websocketnetty.support.Transports;
import io.github.websocketnetty.support.WireFrame;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of both sides on real sockets, in one line each and with Netty's own handshake. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class ConnectionsLoopbackTest {
  private final Transports transport;
  private final EventLoopGroup group;
  private final BlockingQueue<Connection> served = new LinkedBlockingQueue<>();

  ConnectionsLoopbackTest(Transports transport) {
    this.transport = transport;
    this.group = transport.newGroup();
  }

  @AfterEach
  void stop() throws InterruptedException {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> await(future)).getCause();
  }

  private static ChannelInitializer<SocketChannel> initializer(Consumer<SocketChannel> action) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        action.accept(channel);
      }
    };
  }

  private InetSocketAddress bind(Consumer<SocketChannel> action) throws InterruptedException {
    return (InetSocketAddress)
        new ServerBootstrap()
            .group(group)
            .channel(transport.serverChannel())
            .childHandler(initializer(action))
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel()
            .localAddress();
  }

  private InetSocketAddress serve(Endpoint endpoint) throws InterruptedException {
    Endpoint recording =
        connection -> {
          served.add(connection);
          return endpoint.serve(connection);
        };
    return bind(
        channel ->
            channel
                .pipeline()
                .addLast(new HttpServerCodec())
                .addLast(new WebSocketServerHandler("/echo", recording)));
  }

  private static CompletableFuture<Void> echo(Connection connection) {
    return connection.forEachAsync(connection::send);
  }

  private static URI uri(InetSocketAddress server, String path) throws Exception {
    return new URI("ws", null, server.getHostString(), server.getPort(), path, null, null);
  }

  private Channel connect(InetSocketAddress server, WebSocketClientHandler handler)
      throws InterruptedException {
    return connect(
        server, channel -> channel.pipeline().addLast(new HttpClientCodec()).addLast(handler));
  }

  private Channel connect(InetSocketAddress server, Consumer<SocketChannel> action)
      throws InterruptedException {
    return new Bootstrap()
        .group(group)
        .channel(transport.clientChannel())
        .handler(initializer(action))
        .connect(server)
        .sync()
        .channel();
  }

  private Connection connect(InetSocketAddress server) throws Exception {
    WebSocketClientHandler handler = new WebSocketClientHandler(uri(server, "/echo"));
    connect(server, handler);
    return await(handler.connection());
  }

  private Connection served() throws InterruptedException {
    Connection connection = served.poll(10, TimeUnit.SECONDS);
    assertTrue(connection != null, "nobody was served");
    return connection;
  }

  @Test
  void messagesAreEchoedBetweenTwoHandlersOfOneLineEach() throws Exception {
    Connection client = connect(serve(ConnectionsLoopbackTest::echo));
    await(client.send("grüß"));
    byte[] large = WireFrame.letters(1 << 20);
    await(client.send(large));
    assertEquals(TextMessage.of("grüß"), await(client.recv()));
    assertArrayEquals(large, await(client.recvBytes()));
    await(client.close(4000, "done"));
    Connection server = served();
    await(server.waitClosed());
    assertEquals(4000, server.closeCode().orElseThrow());
    assertEquals("done", server.closeReason().orElseThrow());
    assertEquals(ConnectionState.CLOSED, client.state());
    assertEquals(4000, client.closeCode().orElseThrow());
  }

  // OPT-10: test_request, test_response, test_subprotocol; OPT-11: test_local_address,
  // test_remote_address
  @Test
  void aConnectionTellsAboutItsHandshakeAndItsAddresses() throws Exception {
    ServerHandshakeOptions handshake =
        ServerHandshakeOptions.builder().path("/echo").subprotocols(List.of("chat")).build();
    Endpoint endpoint =
        connection -> {
          served.add(connection);
          return connection.waitClosed();
        };
    InetSocketAddress address =
        bind(
            channel ->
                channel
                    .pipeline()
                    .addLast(handshake.newHttpServerCodec())
                    .addLast(
                        new WebSocketServerHandler(
                            handshake, ConnectionOptions.defaults(), endpoint)));
    ClientHandshakeOptions wanted =
        ClientHandshakeOptions.builder(uri(address, "/echo")).subprotocols(List.of("chat")).build();
    WebSocketClientHandler handler =
        new WebSocketClientHandler(wanted, ConnectionOptions.defaults(), null);
    connect(address, handler);
    Connection client = await(handler.connection());
    Connection server = served();
    for (Connection connection : List.of(client, server)) {
      assertEquals("/echo", connection.request().orElseThrow().uri());
      assertEquals(101, connection.response().orElseThrow().status().code());
      assertEquals("chat", connection.subprotocol().orElseThrow());
    }
    await(client.close());
    await(server.waitClosed());
    assertEquals(address, server.localAddress());
    assertEquals(address, client.remoteAddress());
    assertEquals(client.localAddress(), server.remoteAddress());
  }

  @Test
  void anEndpointThatIsDoneClosesWith1000() throws Exception {
    Connection client = connect(serve(connection -> connection.send("only one")));
    assertEquals("only one", await(client.recvText()));
    assertInstanceOf(ConnectionClosedOkException.class, failure(client.recv()));
    assertEquals(1000, client.closeCode().orElseThrow());
  }

  @Test
  void anEndpointWithoutAStageIsDoneAtOnce() throws Exception {
    Connection client = connect(serve(connection -> null));
    await(client.waitClosed());
    assertEquals(1000, client.closeCode().orElseThrow());
  }

  @Test
  void anEndpointWhoseStageFailsClosesWith1011() throws Exception {
    Connection client =
        connect(
            serve(connection -> CompletableFuture.failedFuture(new IllegalStateException("test"))));
    await(client.waitClosed());
    assertEquals(1011, client.closeCode().orElseThrow());
    assertEquals("", client.closeReason().orElseThrow());
  }

  @Test
  void anEndpointThatThrowsClosesWith1011() throws Exception {
    Connection client =
        connect(
            serve(
                connection -> {
                  throw new IllegalStateException("test");
                }));
    assertInstanceOf(ConnectionClosedErrorException.class, failure(client.recv()));
    assertEquals(1011, client.closeCode().orElseThrow());
  }

  @Test
  void anEndpointThatEndsBecauseTheConnectionIsClosedDidNotFail() throws Exception {
    InetSocketAddress address = serve(connection -> connection.recv().thenCompose(m -> null));
    Connection client = connect(address);
    await(client.close(3000, ""));
    assertEquals(3000, client.closeCode().orElseThrow());
    await(served().waitClosed());
  }

  @Test
  void anEndpointOfAClientIsServedAndClosesToo() throws Exception {
    InetSocketAddress address = serve(ConnectionsLoopbackTest::echo);
    CompletableFuture<String> answer = new CompletableFuture<>();
    WebSocketClientHandler handler =
        new WebSocketClientHandler(
            uri(address, "/echo"),
            connection ->
                connection
                    .send("question")
                    .thenCompose(sent -> connection.recvText())
                    .thenAccept(answer::complete));
    connect(address, handler);
    assertEquals("question", await(answer));
    await(await(handler.connection()).waitClosed());
    Connection server = served();
    await(server.waitClosed());
    assertEquals(1000, server.closeCode().orElseThrow());
  }

  @Test
  void aRefusedHandshakeFailsTheConnectionFuture() throws Exception {
    InetSocketAddress address = serve(ConnectionsLoopbackTest::echo);
    WebSocketClientHandler handler = new WebSocketClientHandler(uri(address, "/other"));
    Channel channel = connect(address, handler);
    assertInstanceOf(InvalidStatusException.class, failure(handler.connection()));
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
  }

  @Test
  void cancellingTheConnectionFutureClosesTheChannel() throws Exception {
    InetSocketAddress address = bind(channel -> {}); // nobody answers
    WebSocketClientHandler handler = new WebSocketClientHandler(uri(address, "/echo"));
    Channel channel = connect(address, handler);
    assertFalse(handler.connection().isDone());
    assertTrue(handler.connection().cancel(false));
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
    assertThrows(CancellationException.class, handler.connection()::join);
  }

  @Test
  void framesGluedToTheRequestAreReceived() throws Exception {
    InetSocketAddress address = serve(ConnectionsLoopbackTest::echo);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(NettyHandshake.request(false).getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(WireFrame.text(true, "glued"));
    out.writeBytes(WireFrame.text(true, "too"));
    out.writeBytes(WireFrame.close(true, 1000, ""));
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(out.toByteArray());
      byte[] answer = socket.getInputStream().readAllBytes();
      String all = new String(answer, StandardCharsets.ISO_8859_1);
      String frames = "\u0081\u0005glued\u0081\u0003too\u0088\u0002\u0003\u00E8";
      assertTrue(all.endsWith("\r\n\r\n" + frames), all);
    }
  }

  /** What a user writes who keeps Netty's handshake. */
  private static final class Attaching extends ChannelInboundHandlerAdapter {
    private final Side side;
    private final Consumer<Connection> opened;

    Attaching(Side side, Consumer<Connection> opened) {
      this.side = side;
      this.opened = opened;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete
          || event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        opened.accept(Connections.attach(ctx.pipeline(), side, ConnectionOptions.defaults()));
      }
      ctx.fireUserEventTriggered(event);
    }
  }

  private InetSocketAddress serveWithNettysHandshake() throws InterruptedException {
    return bind(
        channel -> {
          NettyHandshake.addTo(channel.pipeline(), Side.SERVER);
          channel
              .pipeline()
              .addLast(
                  new Attaching(
                      Side.SERVER,
                      opened -> EndpointRun.start(ConnectionsLoopbackTest::echo, opened)));
        });
  }

  @Test
  void aServerKeepsNettysHandshake() throws Exception {
    InetSocketAddress address = serveWithNettysHandshake();
    WebSocketClientHandler plain =
        new WebSocketClientHandler(
            ClientHandshakeOptions.builder(uri(address, "/echo")).compression(null).build(),
            ConnectionOptions.defaults(),
            null);
    connect(address, plain);
    Connection client = await(plain.connection());
    await(client.send("hello"));
    assertEquals("hello", await(client.recvText()));
    await(client.close());
    assertEquals(1000, client.closeCode().orElseThrow());
  }

  @Test
  void aClientKeepsNettysHandshake() throws Exception {
    ServerHandshakeOptions plain =
        ServerHandshakeOptions.builder().path("/echo").compression(null).build();
    Endpoint endpoint =
        connection -> connection.send("glued to the response").thenCompose(s -> echo(connection));
    InetSocketAddress address =
        bind(
            channel ->
                channel
                    .pipeline()
                    .addLast(new HttpServerCodec())
                    .addLast(
                        new WebSocketServerHandler(plain, ConnectionOptions.defaults(), endpoint)));
    CompletableFuture<Connection> opened = new CompletableFuture<>();
    connect(
        address,
        channel -> {
          NettyHandshake.addTo(channel.pipeline(), Side.CLIENT);
          channel.pipeline().addLast(new Attaching(Side.CLIENT, opened::complete));
        });
    Connection client = await(opened);
    assertEquals("glued to the response", await(client.recvText()));
    await(client.send("hello"));
    assertEquals("hello", await(client.recvText()));
    await(client.close());
    assertEquals(1000, client.closeCode().orElseThrow());
  }

  @Test
  void attachingOffTheEventLoopIsRefused() throws Exception {
    Connection client = connect(serve(ConnectionsLoopbackTest::echo));
    assertThrows(
        IllegalStateException.class,
        () ->
            Connections.attach(
                client.channel().pipeline(), Side.CLIENT, ConnectionOptions.defaults()));
    await(client.close());
  }
}
