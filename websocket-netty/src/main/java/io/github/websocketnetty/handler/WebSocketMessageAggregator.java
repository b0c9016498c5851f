package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.MessageSequence;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.PayloadCollector;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Objects;

/**
 * Joins the fragments of a message into one frame. Not sharable; event loop only.
 *
 * <p>Only whole messages come out, as {@link TextWebSocketFrame} or {@link BinaryWebSocketFrame}
 * with the final bit set; the next handler owns them. Messages of one frame pass untouched;
 * fragments are copied once, into memory that grows with what arrives. Control frames and anything
 * that is no WebSocket frame pass through, also between fragments.
 *
 * <p>A message that is too large or has too many fragments fails the connection with close code
 * 1009, a wrong order of fragments with 1002; all input after it is discarded. A message that is
 * incomplete when the connection ends is dropped.
 *
 * <p>Text is not checked here: {@link WebSocketFrameCodec} does it, or {@link
 * WebSocketTextValidator} in front of this handler.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.4">RFC 6455, section 5.4</a>
 */
public final class WebSocketMessageAggregator extends ChannelInboundHandlerAdapter {
  private final MessageSequence sequence;
  private PayloadCollector collected;
  private int rsv;
  private boolean failed;
  private ChannelHandlerContext context;
  private WebSocketFrameCodec shortcutFrom; // null if all comes through the pipeline

  /** Creates an aggregator with {@link FrameLimits#DEFAULT}. */
  public WebSocketMessageAggregator() {
    this(FrameLimits.DEFAULT);
  }

  /**
   * Creates an aggregator.
   *
   * @param limits the size of a message and the number of its fragments at most
   */
  public WebSocketMessageAggregator(FrameLimits limits) {
    NettyVersion.check();
    Objects.requireNonNull(limits, "limits");
    this.sequence = new MessageSequence(limits);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    collected = new PayloadCollector(ctx.alloc());
    Placement.requireEventLoop(ctx);
  }

  /** Takes note of the codec whose data frames take a shorter way to us. */
  void shortcutFrom(WebSocketFrameCodec codec) {
    shortcutFrom = codec;
  }

  /** Receives a data frame from our codec, which has checked it against the same limits. */
  void receive(WebSocketFrame frame) {
    if (frame.isFinalFragment() && !sequence.isOpen() && !failed) {
      context.fireChannelRead(frame);
    } else {
      channelRead(context, frame);
    }
  }

  /** Releases the fragments of an incomplete message. */
  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (shortcutFrom != null) {
      shortcutFrom.shortcut(null);
    }
    collected.release();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    collected.release();
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    int opcode = Frames.dataOpcode(message);
    if (opcode < 0) {
      ctx.fireChannelRead(message);
      return;
    }
    WebSocketFrame frame = (WebSocketFrame) message;
    if (failed) {
      frame.release();
      return;
    }
    try {
      add(ctx, frame, opcode);
    } catch (ProtocolException violation) {
      failed = true;
      collected.release();
      FailingCloseFrame.send(ctx, violation);
    }
  }

  private void add(ChannelHandlerContext ctx, WebSocketFrame frame, int opcode) {
    int length = frame.content().readableBytes();
    boolean fin = frame.isFinalFragment();
    int messageOpcode = sequence.isOpen() ? sequence.opcode() : opcode;
    boolean single = fin && !sequence.isOpen();
    try {
      sequence.checkOrder(opcode);
      sequence.checkLength(length);
      sequence.accept(fin, frame.rsv(), opcode, length);
      if (!single) {
        collect(frame, opcode);
      }
    } catch (Throwable t) {
      frame.release();
      throw t;
    }
    if (single) {
      ctx.fireChannelRead(frame);
      return;
    }
    frame.release();
    if (fin) {
      ctx.fireChannelRead(InboundFrames.of(true, rsv, messageOpcode, collected.take()));
    } else if (!ctx.channel().config().isAutoRead()) {
      ctx.read(); // what was asked for is a message, and this was only a part of one
    }
  }

  private void collect(WebSocketFrame frame, int opcode) {
    if (opcode != Opcode.CONTINUATION) {
      rsv = frame.rsv();
    }
    ByteBuf payload = frame.content();
    while (payload.isReadable()) {
      int remaining = Integer.MAX_VALUE - 64 - collected.size();
      collected.append(payload, collected.prepare(payload.readableBytes(), remaining));
    }
  }
}
