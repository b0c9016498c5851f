package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.WireFrame.hex;
import static io.github.websocketnetty.support.WireFrame.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.github.websocketnetty.support.WireFrame;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What only real sockets show: half-closure, resets, full buffers, who ends TCP first. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class LoopbackTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Transports transport;
  private final EventLoopGroup group;
  private final BlockingQueue<WebSocketClosed> closed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private final List<Channel> opened = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();

  LoopbackTest(Transports transport) {
    this.transport = transport;
    this.group = transport.newGroup();
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    for (Channel channel : opened) {
      assertTrue(channel.closeFuture().await(15, TimeUnit.SECONDS), "still open: " + channel);
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  /** Sends every message back, and tells the test how the connection ended. */
  private final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      accepted.add(ctx.channel());
      opened.add(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.write(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketClosed end) {
        closed.add(end);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      assertInstanceOf(IOException.class, cause);
    }
  }

  private InetSocketAddress serve(WebSocketPipeline pipeline) throws InterruptedException {
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(transport.serverChannel())
            .childHandler(initializer(pipeline))
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return (InetSocketAddress) server.localAddress();
  }

  private ChannelInitializer<SocketChannel> initializer(WebSocketPipeline pipeline) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(SocketChannel channel) {
        pipeline.addLast(channel.pipeline());
        channel.pipeline().addLast(new Echo());
      }
    };
  }

  private Socket connect(WebSocketPipeline server) throws Exception {
    return connect(server, 0);
  }

  private Socket connect(WebSocketPipeline server, int receiveBuffer) throws Exception {
    Socket socket = new Socket();
    sockets.add(socket);
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(10_000);
    socket.connect(serve(server));
    return socket;
  }

  private static WebSocketPipeline server() {
    return WebSocketPipeline.server().build();
  }

  private static WebSocketPipeline impatient() {
    return WebSocketPipeline.server().closeTimeout(SHORT).build();
  }

  private static void send(Socket socket, byte[]... frames) throws IOException {
    socket.getOutputStream().write(join(frames));
  }

  private static byte[] receive(Socket socket, int length) throws IOException {
    return new DataInputStream(socket.getInputStream()).readNBytes(length);
  }

  private static void assertReceives(Socket socket, byte[] expected) throws IOException {
    assertArrayEquals(expected, receive(socket, expected.length));
  }

  private static void assertEndOfStream(Socket socket) throws IOException {
    assertEquals(-1, socket.getInputStream().read());
  }

  private WebSocketClosed end() throws InterruptedException {
    WebSocketClosed end = closed.poll(10, TimeUnit.SECONDS);
    assertNotNull(end, "the connection did not end");
    return end;
  }

  // CLOSE-23, CLOSE-24
  @Test
  void peerThatEndsItsHalfGetsWhatWasAnsweredBefore() throws Exception {
    Socket peer = connect(server());
    byte[] large = WireFrame.letters(500_000);
    send(peer, WireFrame.text(true, "hello"), WireFrame.of(2, true, large));
    peer.shutdownOutput();
    assertReceives(peer, WireFrame.text(false, "hello"));
    assertReceives(peer, WireFrame.of(2, false, large));
    assertEndOfStream(peer);
    WebSocketClosed end = end();
    assertNull(end.received());
    assertNull(end.sent());
  }

  // CLOSE-25
  @Test
  void endInsideAFrameIsNoMessage() throws Exception {
    Socket peer = connect(server());
    send(peer, hex("8185 00000000 6162"));
    peer.shutdownOutput();
    assertEndOfStream(peer);
    WebSocketClosed end = end();
    assertNull(end.received());
    assertEquals("stream ends after 2 bytes, expected 5 bytes", end.cause().getMessage());
  }

  // RECV-35, CLOSE-24
  @Test
  void resetIsReportedWithItsCause() throws Exception {
    Socket peer = connect(server());
    send(peer, WireFrame.text(true, "hello"));
    assertReceives(peer, WireFrame.text(false, "hello"));
    peer.setSoLinger(true, 0);
    peer.close();
    WebSocketClosed end = end();
    assertNull(end.received());
    assertInstanceOf(IOException.class, end.cause());
  }

  // CLOSE-20
  @Test
  void serverEndsTcpFirstRightBehindItsCloseFrame() throws Exception {
    Socket peer = connect(server());
    send(peer, WireFrame.text(true, "last"), WireFrame.close(true, 1001, "bye"));
    assertReceives(peer, WireFrame.text(false, "last"));
    assertReceives(peer, WireFrame.close(false, 1001, "bye"));
    assertEndOfStream(peer);
    assertTrue(closed.isEmpty(), "the server waits for our FIN");
    peer.close();
    assertEquals(new CloseStatus(1001, "bye"), end().received());
  }

  // Data that arrives behind the server's close frame must not lead to a reset that destroys it.
  @Test
  void closeFrameSurvivesDataThatIsStillOnItsWay() throws Exception {
    Socket peer = connect(server());
    byte[][] frames = new byte[200][];
    Arrays.fill(frames, WireFrame.of(2, true, new byte[5000]));
    send(peer, hex("8380 00000000"));
    try {
      send(peer, frames);
    } catch (SocketException e) {
      throw new AssertionError("the server reset the connection", e);
    }
    assertReceives(peer, WireFrame.close(false, 1002, "invalid opcode: 3"));
    assertEndOfStream(peer);
    peer.close();
    assertNull(end().received());
  }

  // CLOSE-10, CLOSE-12, RECV-34
  @Test
  void peerThatNeverClosesIsResetAtTheDeadline() throws Exception {
    Socket peer = connect(impatient());
    ChannelFuture close = accepted.take().close();
    assertReceives(peer, WireFrame.close(false, 1000, ""));
    assertTrue(close.await(10, TimeUnit.SECONDS));
    assertThrows(SocketException.class, () -> peer.getInputStream().read());
    WebSocketClosed end = end();
    assertNull(end.received());
    assertInstanceOf(TimeoutException.class, end.cause());
  }

  // CLOSE-13
  @Test
  void peerThatAnswersButNeverEndsTcpIsResetAtTheDeadline() throws Exception {
    Socket peer = connect(impatient());
    accepted.take().close();
    assertReceives(peer, WireFrame.close(false, 1000, ""));
    send(peer, WireFrame.close(true, 1000, ""));
    assertEndOfStream(peer); // the server's half
    WebSocketClosed end = end();
    assertEquals(CloseStatus.NORMAL, end.received());
    assertInstanceOf(TimeoutException.class, end.cause());
  }

  // CLOSE-11, SEND-32
  @Test
  void closeEndsAtTheDeadlineAlthoughThePeerNeverReads() throws Exception {
    connect(impatient(), 4096);
    Channel channel = accepted.take();
    ChannelFuture stuck = writeUntilStuck(channel);
    assertTrue(channel.close().await(10, TimeUnit.SECONDS));
    assertTrue(stuck.await(10, TimeUnit.SECONDS));
    assertFalse(stuck.isSuccess(), "its bytes were not handed to the kernel");
    assertInstanceOf(TimeoutException.class, end().cause());
  }

  // KA-09: a stuck write buffer counts as no pong
  @Test
  void keepaliveFindsAPeerThatNeverReads() throws Exception {
    connect(WebSocketPipeline.server().keepalive(SHORT, SHORT).build(), 4096);
    Channel channel = accepted.take();
    ChannelFuture stuck = writeUntilStuck(channel);
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
    assertTrue(stuck.await(10, TimeUnit.SECONDS));
    assertInstanceOf(TimeoutException.class, end().cause());
  }

  /** Fills the buffers of both kernels. Returns the write that they did not take. */
  private static ChannelFuture writeUntilStuck(Channel channel) throws InterruptedException {
    ChannelFuture write;
    do {
      byte[] payload = new byte[1 << 20];
      write = channel.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(payload)));
    } while (write.await(1, TimeUnit.SECONDS));
    return write;
  }

  // PONG-02: a flood of pings from a peer that does not read costs bounded memory
  @Test
  void floodOfPingsFromAPeerThatNeverReadsCostsBoundedMemory() throws Exception {
    Socket peer = connect(server(), 4096);
    Channel channel = accepted.take();
    byte[][] pings = new byte[1000][];
    Arrays.fill(pings, WireFrame.of(9, true, new byte[125]));
    byte[] batch = join(pings);
    OutputStream out = peer.getOutputStream();
    long most = 0;
    for (int i = 0; i < 60; i++) { // 8 MB, and the server takes all of it
      out.write(batch);
      most = Math.max(most, pendingBytes(channel));
    }
    assertTrue(most < 256 << 10, "pending: " + most);
    assertTrue(channel.isActive());
  }

  private static long pendingBytes(Channel channel) throws Exception {
    return channel
        .eventLoop()
        .submit(() -> channel.unsafe().outboundBuffer().totalPendingWriteBytes())
        .get();
  }

  // CLOSE-06, CLOSE-20, CLOSE-21: many rounds, because a reset would only show now and then
  @Test
  void bothSidesOfOursCloseCleanlyWhoeverBegins() throws Exception {
    InetSocketAddress address = serve(server());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(group)
            .channel(transport.clientChannel())
            .handler(initializer(WebSocketPipeline.client().build()));
    for (int round = 0; round < 100; round++) {
      Channel one = bootstrap.connect(address).sync().channel();
      Channel first = accepted.take();
      Channel second = accepted.take();
      Channel server = first == one ? second : first;
      Channel closer = round % 2 == 0 ? one : server;
      if (round % 4 < 2) {
        closer.writeAndFlush(new TextWebSocketFrame("to be ignored by an echo that ends"));
      }
      closer.writeAndFlush(new CloseWebSocketFrame(4000, "round " + round));
      for (int i = 0; i < 2; i++) {
        WebSocketClosed end = end();
        assertEquals(4000, end.received().code());
        assertEquals(4000, end.sent().code());
        assertNull(end.cause());
      }
    }
  }
}
