package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.protocol.Masking;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Utf8Validator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Checks that the payload of one text frame is UTF-8, with and without unmasking it first.
 *
 * <p>Netty's validator is not public, so the handler around it stands for it. Its {@code
 * channelRead} is called directly and the next handler drops the frame, which costs a few
 * nanoseconds beside the validation.
 */
@State(Scope.Thread)
public class Utf8Benchmark extends Measured {
  /** Leaves the text as it is, for the next invocation; the loops that count do not look at it. */
  private static final int KEY = 0;

  private static final int NEVER_IN_UTF8 = 0xFF;

  /** The length of the payload. */
  @Param({"125", "1024", "16384"})
  public int bytes;

  /** Its characters. */
  @Param({"ASCII", "LATIN", "CJK", "EMOJI"})
  public Payload payload;

  /** Whether it must be unmasked first. */
  @Param({"false", "true"})
  public boolean masked;

  /** The kind of buffer. */
  @Param public Memory memory;

  private final Utf8Validator validator = new Utf8Validator();
  private final Drop drop = new Drop();
  private final Utf8FrameValidator nettyValidator = new Utf8FrameValidator();
  private EmbeddedChannel channel;
  private ChannelHandlerContext context;
  private ByteBuf content;
  private TextWebSocketFrame frame;

  /** Fills a frame. */
  @Setup
  public void fill() throws Exception {
    channel = new EmbeddedChannel(nettyValidator, drop);
    context = channel.pipeline().context(nettyValidator);
    content = memory.frame(payload.bytes(bytes));
    frame = new TextWebSocketFrame(content);
    check();
  }

  /** Sees that both take this text, and refuse it when it is not UTF-8. */
  private void check() throws Exception {
    netty();
    validator();
    require(drop.frames == 1, "Netty's validator keeps the frame");
    ByteBuf broken = content.copy();
    broken.setByte(broken.writerIndex() - 1, NEVER_IN_UTF8);
    Utf8Validator other = new Utf8Validator();
    require(
        isRefused(() -> other.update(broken, broken.readerIndex(), bytes)),
        "the validator takes what is not UTF-8");
    EmbeddedChannel closing = new EmbeddedChannel(new Utf8FrameValidator());
    require(
        isRefused(() -> closing.writeInbound(new TextWebSocketFrame(broken))),
        "Netty's validator takes what is not UTF-8");
    closing.finishAndReleaseAll();
  }

  private static boolean isRefused(Runnable way) {
    try {
      way.run();
      return false;
    } catch (CorruptedFrameException | ProtocolException refused) {
      return true;
    }
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
    if (masked) {
      AccessorMasking.xor(content, content.readerIndex(), bytes, KEY);
    }
    nettyValidator.channelRead(context, frame);
    return content;
  }

  /** Ours, where a pass that unmasks leaves nothing to do if the text is ASCII. */
  @Benchmark
  public Utf8Validator validator() {
    if (masked && Masking.isAscii(unmask())) {
      validator.skipAscii(bytes);
    } else {
      validator.update(content, content.readerIndex(), bytes);
    }
    validator.end();
    return validator;
  }

  private long unmask() {
    int index = content.readerIndex();
    if (content.hasArray()) {
      return Masking.xorAndCollect(content.array(), content.arrayOffset() + index, bytes, KEY);
    }
    ByteBuffer view = content.internalNioBuffer(index, bytes);
    return Masking.xorAndCollect(view, view.position(), bytes, KEY);
  }

  private static final class Drop extends ChannelInboundHandlerAdapter {
    private long frames;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      frames++; // not released: it is used again
    }
  }
}
