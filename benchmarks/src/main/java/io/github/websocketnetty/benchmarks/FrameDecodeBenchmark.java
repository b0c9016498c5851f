package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Decodes masked frames, as a server does, from a read of the transport to the application's
 * handler.
 *
 * <p>A result is the time of one read with all its frames. The buffer of each read is allocated and
 * filled within it, as unmasking in place uses it up: the pipeline {@code none} shows what that
 * costs, to be subtracted from the others.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FrameDecodeBenchmark {
  /** Which handlers stand between the transport and the application. */
  @Param({"none", "netty", "codec", "whole"})
  public String pipeline;

  /** The payload bytes of a frame. */
  @Param({"16", "125", "1024", "16384"})
  public int size;

  /** How many frames one read brings. */
  @Param({"1", "64"})
  public int perRead;

  /** Whether the frames are text, in ASCII, or binary. */
  @Param({"text", "binary"})
  public String kind;

  private EmbeddedChannel channel;
  private ByteBuf template;

  /** Encodes the frames and builds the pipeline. */
  @Setup
  public void setUp() {
    template = Unpooled.unreleasableBuffer(frames());
    channel = new EmbeddedChannel();
    install(channel.pipeline());
    channel.pipeline().addLast(new Release());
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    channel.pipeline().removeLast();
    channel.finishAndReleaseAll();
  }

  /** Reads once. */
  @Benchmark
  public void read() {
    ByteBuf in = channel.alloc().directBuffer(template.readableBytes());
    in.writeBytes(template, template.readerIndex(), template.readableBytes());
    channel.pipeline().fireChannelRead(in).fireChannelReadComplete();
  }

  private void install(ChannelPipeline handlers) {
    switch (pipeline) {
      case "none" -> {
        // the application's handler releases the read
      }
      case "netty" ->
          handlers.addLast(
              new WebSocket13FrameDecoder(true, false, 1 << 20),
              new Utf8FrameValidator(),
              new WebSocketFrameAggregator(1 << 20));
      case "codec" -> handlers.addLast(new WebSocketFrameCodec(Side.SERVER));
      default ->
          WebSocketPipeline.server()
              .keepalive(Duration.ofHours(1), Duration.ofHours(1))
              .aggregateMessages(true)
              .build()
              .addLast(handlers);
    }
  }

  private ByteBuf frames() {
    EmbeddedChannel client = new EmbeddedChannel(new WebSocketFrameCodec(Side.CLIENT));
    ByteBuf all = Unpooled.directBuffer();
    byte[] payload = new byte[size];
    java.util.Arrays.fill(payload, (byte) 'a');
    for (int i = 0; i < perRead; i++) {
      ByteBuf content = Unpooled.wrappedBuffer(payload);
      WebSocketFrame frame =
          kind.equals("text") ? new TextWebSocketFrame(content) : new BinaryWebSocketFrame(content);
      client.writeOutbound(frame);
      ByteBuf encoded = client.readOutbound();
      all.writeBytes(encoded);
      encoded.release();
    }
    return all;
  }

  /** Stands for the application. */
  private static final class Release extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
