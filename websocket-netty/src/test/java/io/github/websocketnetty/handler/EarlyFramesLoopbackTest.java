package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.Transports;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client on a real socket that does not wait for the 101, while a hook takes its time. */
// HS-27, HS-30
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass(name = "{0} tls={1}")
@MethodSource("kinds")
class EarlyFramesLoopbackTest {
  private static final byte[] REQUEST =
      ServerHandshakeFixture.REQUEST.getBytes(StandardCharsets.US_ASCII);

  @Parameter(0)
  Transports transport;

  @Parameter(1)
  boolean tls;

  private final CompletableFuture<FullHttpResponse> hook = new CompletableFuture<>();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private EventLoopGroup group;

  static Stream<Arguments> kinds() {
    return Stream.of(Transports.values())
        .flatMap(
            transport -> Stream.of(Arguments.of(transport, false), Arguments.of(transport, true)));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (group != null) {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  /** Connects to a server whose channel is in {@code arrived} when that many bytes have come. */
  private Socket connect(CompletableFuture<Channel> arrived, int bytes) throws Exception {
    group = transport.newGroup();
    ServerHandshakeOptions options =
        ServerHandshakeOptions.builder().processRequest(request -> hook).build();
    SslContext security = tls ? TestCertificate.server() : null;
    InetSocketAddress address =
        HandshakeServer.bind(
            transport,
            group,
            options,
            front -> {
              if (tls) {
                front.addLast(security.newHandler(front.channel().alloc()));
              }
              front.addLast(new Arrival(arrived, bytes));
            },
            Application::new);
    Socket socket =
        tls
            ? TestCertificate.context()
                .getSocketFactory()
                .createSocket(address.getAddress(), address.getPort())
            : new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static final class Arrival extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Channel> arrived;
    private int missing;

    Arrival(CompletableFuture<Channel> arrived, int bytes) {
      this.arrived = arrived;
      missing = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      missing -= ((ByteBuf) msg).readableBytes();
      ctx.fireChannelRead(msg);
      if (missing <= 0) {
        arrived.complete(ctx.channel());
      }
    }
  }

  private final class Application extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof HandshakeCompleted) {
        events.add("completed");
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      events.add(Outcome.describe(msg));
      ReferenceCountUtil.release(msg);
    }
  }

  private String nextEvent() throws InterruptedException {
    return events.poll(10, TimeUnit.SECONDS);
  }

  private boolean isAutoRead(Channel channel) throws Exception {
    return channel.eventLoop().submit(() -> channel.config().isAutoRead()).get();
  }

  @Test
  void autoReadThatIsSwitchedOffAfterMuchHasArrivedStaysOff() throws Exception {
    byte[] early =
        WireFrame.join(
            REQUEST, WireFrame.of(2, true, new byte[100_000]), WireFrame.text(true, "next"));
    CompletableFuture<Channel> arrived = new CompletableFuture<>();
    try (Socket socket = connect(arrived, early.length - 30_000)) {
      socket.getOutputStream().write(early);
      Channel channel = arrived.get(10, TimeUnit.SECONDS);
      channel.config().setAutoRead(false);
      hook.complete(null);
      assertEquals("completed", nextEvent());
      for (String expected : new String[] {"binary of 100000", "text next"}) {
        assertFalse(isAutoRead(channel), "auto-read was switched on");
        assertNull(events.poll());
        channel.read();
        assertEquals(expected, nextEvent());
      }
    }
  }

  @Test
  void applicationWithAutoReadGetsEverything() throws Exception {
    byte[] early = WireFrame.join(REQUEST, WireFrame.of(2, true, new byte[900_000]));
    CompletableFuture<Channel> arrived = new CompletableFuture<>();
    try (Socket socket = connect(arrived, early.length)) {
      socket.getOutputStream().write(early);
      Channel channel = arrived.get(10, TimeUnit.SECONDS);
      assertTrue(isAutoRead(channel));
      hook.complete(null);
      socket.getOutputStream().write(WireFrame.text(true, "late"));
      assertEquals("completed", nextEvent());
      assertEquals("binary of 900000", nextEvent());
      assertEquals("text late", nextEvent());
      assertTrue(isAutoRead(channel));
    }
  }

  @Test
  void clientThatSendsMoreThan1MiBIsDisconnected() throws Exception {
    CompletableFuture<Channel> arrived = new CompletableFuture<>();
    try (Socket socket = connect(arrived, REQUEST.length + (1 << 20) + 1)) {
      socket.getOutputStream().write(WireFrame.join(REQUEST, new byte[(1 << 20) + 1]));
      Channel channel = arrived.get(10, TimeUnit.SECONDS);
      assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
      hook.complete(null);
      assertNull(events.poll());
    }
  }
}
