package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.embedded.EmbeddedChannel;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Makes messages of a client's bytes in the whole pipeline of a server.
 *
 * <p>Ours decodes, checks UTF-8, answers close and ping, watches the peer and joins fragments. The
 * baseline {@code netty} is the least of Netty's handlers that makes messages: it decodes, checks
 * UTF-8 and joins fragments. {@code nettyServer} is what {@code WebSocketServerProtocolHandler}
 * leaves after the opening handshake, which also answers close and ping. The way {@code receiver}
 * is our pipeline without aggregation, which hands the payloads to {@code receiveData} and makes no
 * frame objects, as it does for a {@code Connection}. The way {@code none} shows what the buffer of
 * the read costs.
 */
@State(Scope.Thread)
public class PipelineBenchmark extends Measured {
  /** Which handlers stand between the transport and the application. */
  @Param({"none", "netty", "nettyServer", "pipeline", "receiver"})
  public String way;

  /** The payload bytes of a message. */
  @Param({"16", "125", "1024", "16384"})
  public int bytes;

  /** How many messages one read brings. */
  @Param({"1", "64"})
  public int messages;

  /** How many frames make a message. */
  @Param({"1", "4"})
  public int fragments;

  /** What is in them. */
  @Param({"ASCII", "BINARY"})
  public Payload payload;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private Application application;
  private Input input;
  private long reads;

  /** Encodes the messages and builds the pipeline. */
  @Setup
  public void setUp() {
    byte[] content = payload.bytes(bytes);
    input = Input.of(Side.SERVER, payload, content, fragments, messages);
    application = new Application(content);
    require(!way.equals("receiver") || fragments == 1, "the receiver takes frames, and joins none");
    install(way, channel);
    channel.pipeline().addLast(application);
    if (way.equals("receiver")) {
      boolean takes = channel.pipeline().get(WebSocketFrameCodec.class).receiveData(application);
      require(takes, "no receiver");
    }
    application.check(this::read, messagesArriving());
  }

  /** Adds the handlers of a way to make messages. */
  static void install(String way, EmbeddedChannel channel) {
    switch (way) {
      case "none" -> {
        // the application's handler releases the read
      }
      case "netty" -> Stock.addMessages(channel.pipeline(), Side.SERVER);
      case "nettyServer" -> Stock.addServer(channel);
      case "pipeline" ->
          WebSocketPipeline.server().aggregateMessages(true).build().addLast(channel.pipeline());
      case "receiver" -> WebSocketPipeline.server().build().addLast(channel.pipeline());
      default -> throw new IllegalArgumentException(way);
    }
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    application.requireFrames(reads * messagesArriving());
    channel.finishAndReleaseAll();
  }

  /** Reads once. */
  @Benchmark
  public void read() {
    reads++;
    input.readBy(channel);
  }

  private int messagesArriving() {
    return way.equals("none") ? 0 : messages;
  }
}
