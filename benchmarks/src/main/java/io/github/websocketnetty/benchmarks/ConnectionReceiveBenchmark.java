package io.github.websocketnetty.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Receives messages on the event loop, as {@code String} or {@code byte[]}, from a read of the
 * transport to the application of a server.
 *
 * <p>The baseline is a handler behind Netty's decoder, validator and aggregator. Ours are the two
 * ways to use a connection there. The way {@code none} shows what the buffer of the read costs.
 */
@State(Scope.Thread)
public class ConnectionReceiveBenchmark extends Measured {
  /** How the application gets its messages. */
  @Param({"none", "netty", "forEach", "recv"})
  public String way;

  /** The payload bytes of a message. */
  @Param({"16", "125", "1024", "16384"})
  public int bytes;

  /** How many messages one read brings. */
  @Param("64")
  public int messages;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  /** The message last received, for the compiler to believe that it is needed. */
  Object last;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private Input input;
  private long reads;
  private long received;

  /** Encodes the messages and builds the pipeline. */
  @Setup
  public void setUp() {
    byte[] content = payload.bytes(bytes);
    input = Input.of(Side.SERVER, payload, content, 1, messages);
    switch (way) {
      case "none" -> channel.pipeline().addLast(new Application(content));
      case "netty" -> {
        Stock.addMessages(channel.pipeline(), Side.SERVER);
        channel.pipeline().addLast(new Receiver());
      }
      case "forEach" -> connect().forEach(this::receive);
      case "recv" -> receiveNext(connect());
      default -> throw new IllegalArgumentException(way);
    }
    read();
    requireReceived();
    Object whole = payload.isText() ? new String(content, UTF_8) : content;
    require(way.equals("none") || Objects.deepEquals(last, whole), "the message is another one");
  }

  private Connection connect() {
    ConnectionOptions options = ConnectionOptions.defaults();
    options.pipeline(Side.SERVER).addLast(channel.pipeline());
    return Connections.attach(channel.pipeline(), Side.SERVER, options);
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    requireReceived();
    channel.finishAndReleaseAll();
  }

  /** Reads once. */
  @Benchmark
  public void read() {
    reads++;
    input.readBy(channel);
  }

  private void receiveNext(Connection connection) {
    connection
        .recv()
        .thenAccept(
            message -> {
              receive(message);
              receiveNext(connection);
            });
  }

  private void receive(Message message) {
    receive(payload.isText() ? message.text() : message.bytes());
  }

  private void receive(Object message) {
    last = message;
    received++;
  }

  private void requireReceived() {
    long expected = way.equals("none") ? 0 : reads * messages;
    require(received == expected, received + " messages arrived instead of " + expected);
  }

  /** The application that stands in the pipeline. */
  private final class Receiver extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      receive(
          frame instanceof TextWebSocketFrame text
              ? text.text()
              : ByteBufUtil.getBytes(frame.content()));
    }
  }
}
