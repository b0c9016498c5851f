package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Masking;
import io.github.websocketnetty.protocol.Utf8Validator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import java.nio.ByteBuffer;
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
 * Checks that the payload of one text frame is UTF-8, with and without unmasking it first.
 *
 * <p>Netty's validator is not public, so the handler around it stands for it. Its {@code
 * channelRead} is called directly and the next handler drops the frame, which costs a few
 * nanoseconds beside the validation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class Utf8Benchmark {
  /** Leaves the text as it is, for the next invocation; the loops that count do not look at it. */
  private static final int KEY = 0;

  /** The length of the payload. */
  @Param({"125", "1024", "16384"})
  public int bytes;

  /** Its characters. */
  @Param public Text text;

  /** The kind of buffer. */
  @Param public Memory memory;

  private final Utf8Validator validator = new Utf8Validator();
  private final Utf8FrameValidator nettyValidator = new Utf8FrameValidator();
  private EmbeddedChannel channel;
  private ChannelHandlerContext context;
  private ByteBuf payload;
  private TextWebSocketFrame frame;

  /** Fills a frame. */
  @Setup
  public void fill() {
    channel = new EmbeddedChannel(nettyValidator, new Drop());
    context = channel.pipeline().context(nettyValidator);
    payload = memory.frame(text.bytes(bytes));
    frame = new TextWebSocketFrame(payload);
  }

  /** Gives the frame back. */
  @TearDown
  public void release() {
    channel.finish();
    frame.release();
  }

  /** The baseline. */
  @Benchmark
  public ByteBuf netty() throws Exception {
    nettyValidator.channelRead(context, frame);
    return payload;
  }

  /** Ours. */
  @Benchmark
  public Utf8Validator validator() {
    validator.update(payload, payload.readerIndex(), bytes);
    validator.end();
    return validator;
  }

  /** The baseline for both passes over a masked text. */
  @Benchmark
  public ByteBuf nettyAfterMasking() throws Exception {
    AccessorMasking.xor(payload, payload.readerIndex(), bytes, KEY);
    nettyValidator.channelRead(context, frame);
    return payload;
  }

  /** Ours, where a pass that unmasks leaves nothing to do if the text is ASCII. */
  @Benchmark
  public Utf8Validator validatorAfterMasking() {
    if (Masking.isAscii(unmask())) {
      validator.skipAscii(bytes);
    } else {
      validator.update(payload, payload.readerIndex(), bytes);
    }
    validator.end();
    return validator;
  }

  private long unmask() {
    int index = payload.readerIndex();
    if (payload.hasArray()) {
      return Masking.xorAndCollect(payload.array(), payload.arrayOffset() + index, bytes, KEY);
    }
    ByteBuffer view = payload.internalNioBuffer(index, bytes);
    return Masking.xorAndCollect(view, view.position(), bytes, KEY);
  }

  private static final class Drop extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      // The frame is used again.
    }
  }
}
