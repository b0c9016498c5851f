package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of TCP, seen by a client that is a plain socket. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
class CloseHandlerSocketTest {
  /** Each with its own way to report a FIN and to half-close. */
  enum Transport {
    NIO(NioServerSocketChannel.class) {
      @Override
      IoHandlerFactory factory() {
        return NioIoHandler.newFactory();
      }
    },
    EPOLL(EpollServerSocketChannel.class) {
      @Override
      IoHandlerFactory factory() {
        Assumptions.assumeTrue(Epoll.isAvailable(), "no epoll here");
        return EpollIoHandler.newFactory();
      }
    };

    private final Class<? extends ServerSocketChannel> type;

    Transport(Class<? extends ServerSocketChannel> type) {
      this.type = type;
    }

    abstract IoHandlerFactory factory();
  }

  // Masked with the key 00000000, so that payloads can be read.
  private static final byte[] CLOSE_1000 = hex("88 82 00000000 03e8");
  private static final byte[] CLOSE_1000_UNMASKED = hex("88 02 03e8");
  private static final byte[] UNKNOWN_OPCODE = hex("83 80 00000000");

  private final BlockingQueue<WebSocketClosed> ends = new LinkedBlockingQueue<>();
  private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
  private EventLoopGroup group;
  private Channel listening;
  private Socket client;
  private volatile WebSocketCloseHandler handler;

  private static byte[] hex(String bytes) {
    return HexFormat.of().parseHex(bytes.replace(" ", ""));
  }

  private Channel connect(Transport transport, Duration closeTimeout) throws Exception {
    group = new MultiThreadIoEventLoopGroup(1, transport.factory());
    listening =
        new ServerBootstrap()
            .group(group)
            .channel(transport.type)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    install(channel, closeTimeout);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    return connectAgain();
  }

  private Channel connectAgain() throws Exception {
    InetSocketAddress address = (InetSocketAddress) listening.localAddress();
    client = new Socket(address.getAddress(), address.getPort());
    client.setSoTimeout(20_000);
    return accepted.take();
  }

  private void install(Channel channel, Duration closeTimeout) {
    handler = new WebSocketCloseHandler(Side.SERVER, closeTimeout);
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder().closeOnProtocolViolation(false).build();
    channel
        .pipeline()
        .addLast(new UnknownOpcodes())
        .addLast(new WebSocket13FrameEncoder(false))
        .addLast(new WebSocket13FrameDecoder(config))
        .addLast(handler)
        .addLast(new WebSocketKeepaliveHandler(Duration.ZERO, Duration.ZERO))
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext ctx) {
                accepted.add(ctx.channel());
              }

              @Override
              public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof WebSocketClosed end) {
                  ends.add(end);
                }
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // Resets are part of the test.
              }
            });
  }

  /** Finds {@link #UNKNOWN_OPCODE}, and discards what follows quicker than Netty's decoder. */
  private static final class UnknownOpcodes extends ChannelInboundHandlerAdapter {
    private boolean found;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      if (!found && bytes.getByte(0) != UNKNOWN_OPCODE[0]) {
        ctx.fireChannelRead(message);
        return;
      }
      bytes.release();
      if (!found) {
        found = true;
        ctx.fireExceptionCaught(ProtocolException.violation("invalid opcode"));
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (client != null) {
      client.close();
    }
    if (group != null) {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private byte[] readAll() throws IOException {
    return client.getInputStream().readAllBytes();
  }

  // CLOSE-20: FIN right behind the close frame, and the other half is read to its end
  @ParameterizedTest
  @EnumSource
  void theServerEndsItsHalfAndReadsTheOther(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofSeconds(10));
    client.getOutputStream().write(CLOSE_1000);
    assertArrayEquals(CLOSE_1000_UNMASKED, readAll());
    // Would be answered by a reset if the server had closed.
    client.getOutputStream().write(new byte[100_000]);
    assertTrue(server.isOpen());
    assertEquals(ConnectionState.CLOSING, handler.state());
    client.close();
    assertEquals(new WebSocketClosed(CloseStatus.NORMAL, CloseStatus.NORMAL, true, null), ends());
    server.closeFuture().sync();
  }

  private WebSocketClosed ends() throws InterruptedException {
    return ends.poll(20, TimeUnit.SECONDS);
  }

  // unread data must not turn the end into a reset that eats the close
  // frame. FAIL-01, CLOSE-20
  @ParameterizedTest
  @EnumSource
  void theCloseFrameSurvivesUnreadData(Transport transport) throws Exception {
    connect(transport, Duration.ofSeconds(10));
    byte[] violation = new byte[300_000];
    System.arraycopy(UNKNOWN_OPCODE, 0, violation, 0, UNKNOWN_OPCODE.length);
    for (int round = 0; round < 60; round++) {
      client.getOutputStream().write(violation);
      client.shutdownOutput();
      byte[] answer = readAll();
      assertEquals("88", HexFormat.of().toHexDigits(answer[0]));
      assertEquals("03ea", HexFormat.of().formatHex(answer, 2, 4)); // 1002
      client.close();
      assertEquals(1002, ends().sent().code());
      connectAgain();
    }
  }

  // CLOSE-23, CLOSE-24
  @ParameterizedTest
  @EnumSource
  void aHalfClosingClientGetsWhatWasWrittenAndNoCloseFrame(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofSeconds(10));
    client.shutdownOutput();
    assertEquals(0, readAll().length);
    assertEquals("no close frame received or sent", ends().describe());
    server.closeFuture().sync();
  }

  // CLOSE-24, RECV-35
  @ParameterizedTest
  @EnumSource
  void aResetEndsTheConnectionWithItsCause(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofSeconds(10));
    client.setSoLinger(true, 0);
    client.close();
    WebSocketClosed end = ends();
    assertEquals("no close frame received or sent", end.describe());
    assertInstanceOf(IOException.class, end.cause());
    server.closeFuture().sync();
    assertEquals(ConnectionState.CLOSED, handler.state());
  }

  // CLOSE-11, CLOSE-10 (acceptance list 1): the peer never reads
  @ParameterizedTest
  @EnumSource
  void aClientThatNeverReadsIsResetAtTheDeadline(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofMillis(300));
    server.writeAndFlush(Peer.binary(64 << 20));
    assertTrue(server.close().await(10, TimeUnit.SECONDS));
    WebSocketClosed end = ends();
    assertInstanceOf(TimeoutException.class, end.cause());
    assertEquals("no close frame received or sent", end.describe());
    // The rest of the message never comes: a reset, not the end of the stream.
    InputStream in = client.getInputStream();
    assertThrows(IOException.class, in::readAllBytes);
  }

  // CLOSE-09, CLOSE-13: the peer answers but never closes TCP
  @ParameterizedTest
  @EnumSource
  void aClientThatNeverClosesIsDroppedAtTheDeadline(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofMillis(300));
    client.getOutputStream().write(CLOSE_1000);
    assertArrayEquals(CLOSE_1000_UNMASKED, readAll());
    assertTrue(server.closeFuture().await(10, TimeUnit.SECONDS));
    assertTrue(ends().isOk());
  }

  // CLOSE-17: NIO sees no FIN while paused, so somebody has to read
  @ParameterizedTest
  @EnumSource
  void aPausedServerSeesTheAnswerToItsClose(Transport transport) throws Exception {
    Channel server = connect(transport, Duration.ofSeconds(10));
    server.config().setAutoRead(false);
    client.getOutputStream().write(hex("81 82 00000000 6869")); // "hi"
    ChannelFuture closing = server.close();
    assertArrayEquals(CLOSE_1000_UNMASKED, client.getInputStream().readNBytes(4));
    client.getOutputStream().write(CLOSE_1000);
    assertEquals(0, readAll().length);
    client.close();
    assertEquals("sent 1000 (OK); then received 1000 (OK)", ends().describe());
    closing.sync();
  }

  @Test
  void aChannelThatNeverBecomesActiveCloses() throws Exception {
    group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    handler = new WebSocketCloseHandler(Side.CLIENT, Duration.ofSeconds(10));
    Channel channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(handler)
            .register()
            .sync()
            .channel();
    channel.close().sync();
    assertEquals(ConnectionState.CLOSED, handler.state());
  }

  // what the client says goes through its encoder, and a
  // client answers the server's close
  @Test
  void aClientsCloseFramesAreMasked() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new WebSocket13FrameEncoder(true),
            new WebSocketCloseHandler(Side.CLIENT, Duration.ofSeconds(10)));
    channel.writeInbound(Peer.close(CloseStatus.NORMAL));
    ByteBuf echo = channel.readOutbound();
    assertEquals("8882", ByteBufUtil.hexDump(echo, 0, 2));
    assertEquals(8, echo.readableBytes());
    echo.release();
    channel.pipeline().firstContext().close();
  }
}
