package io.github.websocketnetty.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.protocol.Side;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Sends a text to many connections of a server with one event loop, from the application to the
 * transport, which costs nothing here: flushes are not seen.
 *
 * <p>The baseline is a loop of {@code writeAndFlush} in front of Netty's encoder, with a frame made
 * of the text for each.
 */
@State(Scope.Benchmark)
public class BroadcastBenchmark extends Measured {
  /** Where the application broadcasts. */
  public enum Place {
    /** On the event loop. */
    LOOP,
    /** On another thread. */
    THREAD
  }

  /** How the application sends. */
  @Param({"netty", "broadcast"})
  public String way;

  /** The payload bytes of a message. */
  @Param("1024")
  public int bytes;

  /** The number of connections. */
  @Param("5000")
  public int connections;

  /** Where the application sends. */
  @Param({"LOOP", "THREAD"})
  public Place from;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private final Sink sink = new Sink();
  private final List<Channel> channels = new ArrayList<>();
  private final List<Connection> targets = new ArrayList<>();
  private String text;
  private Runnable send;
  private long rounds;
  private long bytesPerRound;

  /** Connects all, and builds their pipelines. */
  @Setup
  public void setUp() throws Exception {
    byte[] content = Payload.ASCII.bytes(bytes);
    text = new String(content, UTF_8);
    LocalAddress address = new LocalAddress(BroadcastBenchmark.class);
    new ServerBootstrap()
        .group(group)
        .channel(LocalServerChannel.class)
        .childHandler(new Empty())
        .bind(address)
        .sync();
    Bootstrap client =
        new Bootstrap().group(group).channel(LocalChannel.class).handler(new Empty());
    for (int i = 0; i < connections; i++) {
      Channel channel = client.connect(address).sync().channel();
      channels.add(channel);
      channel.eventLoop().submit(() -> install(channel)).sync();
    }
    send = way.equals("netty") ? this::write : this::broadcast;
    bytesPerRound = sink.check(this::sendAndWait, Side.SERVER, content, connections);
  }

  private void install(Channel channel) {
    channel.pipeline().addLast(sink.shared());
    if (way.equals("netty")) {
      Stock.addEncoder(channel.pipeline(), Side.SERVER);
      return;
    }
    ConnectionOptions options = ConnectionOptions.defaults();
    options.pipeline(Side.SERVER).addLast(channel.pipeline());
    targets.add(Connections.attach(channel.pipeline(), Side.SERVER, options));
  }

  private void write() {
    for (Channel channel : channels) {
      channel.writeAndFlush(new TextWebSocketFrame(text));
    }
  }

  private void broadcast() {
    Connections.broadcast(targets, text);
  }

  private void sendAndWait() {
    Runnable onLoop = from == Place.LOOP ? send : () -> {};
    if (from == Place.THREAD) {
      send.run();
    }
    channels.get(0).eventLoop().submit(onLoop).syncUninterruptibly();
  }

  /** Adds nothing. */
  private static final class Empty extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      // later, on the event loop
    }
  }

  /** Disconnects. */
  @TearDown
  public void tearDown() {
    sink.requireBytes((rounds + 1) * bytesPerRound);
    group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** Sends a message to all, and waits until the last has it. */
  @Benchmark
  public void send() {
    rounds++;
    sendAndWait();
  }
}
