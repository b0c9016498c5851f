package io.github.websocketnetty.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Receives messages on a thread that waits for them, as {@code String} or {@code byte[]}, from a
 * read of the transport to that thread. It asks for the next read when it has them all.
 *
 * <p>The baseline is a handler behind Netty's decoder, validator and aggregator that puts messages
 * into an unbounded queue. The connection's queue is bounded: it stops reading meanwhile.
 */
@State(Scope.Thread)
public class BlockingReceiveBenchmark extends Measured {
  /** How the application gets its messages. */
  @Param({"netty", "recv"})
  public String way;

  /** The payload bytes of a message. */
  @Param({"125", "1024"})
  public int bytes;

  /** How many messages one read brings. */
  @Param("64")
  public int messages;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  private Loopback loopback;
  private Runnable read;
  private Callable<Object> receive;

  /** Encodes the messages and builds the pipeline. */
  @Setup
  public void setUp() throws Exception {
    byte[] content = payload.bytes(bytes);
    Input input = Input.of(Side.SERVER, payload, content, 1, messages);
    loopback = new Loopback();
    read = () -> input.readBy(loopback.channel());
    receive = loopback.call(() -> install(loopback.channel()));
    Object whole = payload.isText() ? new String(content, UTF_8) : content;
    require(Objects.deepEquals(read(), whole), "the message is another one");
  }

  private Callable<Object> install(Channel channel) {
    switch (way) {
      case "netty" -> {
        Stock.addMessages(channel.pipeline(), Side.SERVER);
        BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        channel.pipeline().addLast(new Receiver(queue));
        return queue::take;
      }
      case "recv" -> {
        ConnectionOptions options = ConnectionOptions.defaults();
        options.pipeline(Side.SERVER).addLast(channel.pipeline());
        Connection connection = Connections.attach(channel.pipeline(), Side.SERVER, options);
        BlockingConnection blocking = connection.blocking();
        return () -> {
          Message message = blocking.recv();
          return payload.isText() ? message.text() : message.bytes();
        };
      }
      default -> throw new IllegalArgumentException(way);
    }
  }

  /** Disconnects. */
  @TearDown
  public void tearDown() {
    loopback.close();
  }

  /** Has the event loop read once, and receives all of it; returns the last message. */
  @Benchmark
  public Object read() throws Exception {
    loopback.channel().eventLoop().execute(read);
    Object message = null;
    for (int i = 0; i < messages; i++) {
      message = Objects.requireNonNull(receive.call(), "no message came");
    }
    return message;
  }

  /** Hands messages to the other thread. */
  private static final class Receiver extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final BlockingQueue<Object> queue;

    Receiver(BlockingQueue<Object> queue) {
      this.queue = queue;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      queue.add(
          frame instanceof TextWebSocketFrame text
              ? text.text()
              : ByteBufUtil.getBytes(frame.content()));
    }
  }
}
