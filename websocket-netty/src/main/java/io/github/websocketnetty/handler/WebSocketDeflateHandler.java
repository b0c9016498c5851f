package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * Decompresses and compresses the messages of a connection that has negotiated permessage-deflate.
 * Not sharable; event loop only.
 *
 * <p>It stands behind {@link WebSocketFrameCodec}, which lets RSV1 pass and checks sizes on the
 * wire, or behind Netty's decoder and encoder, told to allow extensions; and before {@link
 * WebSocketCloseHandler} or whoever closes on an exception. {@link WebSocketPipeline} installs it
 * where our handshakes negotiated it.
 *
 * <p>Inbound, data frames come out as they went in, one for one, without RSV1; large ones in parts
 * if {@linkplain #deliverParts wanted}. A violation is fired as {@link ProtocolException} through
 * {@code exceptionCaught}, after the frames before it: 1002 for corrupt data, 1007 for text that is
 * not UTF-8, 1009 for a message beyond the limits, which count decompressed bytes. No more than one
 * byte beyond is ever decompressed. After a violation all input is discarded.
 *
 * <p>Outbound, a message is compressed unless it is smaller than the threshold, or chosen otherwise
 * with {@link #compress}, or begins with a frame that has RSV1 set, which says that it is
 * compressed already. Where no context is taken over, a message that would grow goes uncompressed.
 * Control frames pass untouched, both ways. So do RSV2 and RSV3, which other extensions may use.
 *
 * <p>Memory is taken with the first compressed message, and given back at the end of the connection
 * or, without context takeover, of each message.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7692">RFC 7692</a>
 */
public final class WebSocketDeflateHandler extends ChannelDuplexHandler {
  private final MessageInflater inflater;
  private final DeflatedFrames outbound;

  /** Frames that came while one was being handed on in parts; null while there is none. */
  private ArrayDeque<WebSocketFrame> held;

  private boolean fin;
  private byte nextRsv;
  private int nextOpcode;
  private boolean partsWanted;
  private boolean keepsFrames;
  private boolean demanded;
  private boolean delivering;
  private boolean askedMeanwhile;
  private boolean failed;

  /** The next handler that may want nothing any more; null if there is none, or not yet. */
  private WebSocketCloseHandler closing;

  /**
   * Creates a handler.
   *
   * @param agreement what was negotiated
   * @param limits what the peer may send, in decompressed bytes
   * @param validatesText whether compressed text must be UTF-8; other text is for others to check
   */
  public WebSocketDeflateHandler(
      DeflateAgreement agreement, FrameLimits limits, boolean validatesText) {
    NettyVersion.check();
    Objects.requireNonNull(agreement, "agreement");
    Objects.requireNonNull(limits, "limits");
    inflater = new MessageInflater(agreement, limits, validatesText);
    outbound = new DeflatedFrames(agreement);
  }

  /** Returns what was negotiated. May be called from any thread. */
  public DeflateAgreement agreement() {
    return outbound.agreement();
  }

  /**
   * Chooses for one message whether it is compressed, whatever its size. Without this handler in
   * the pipeline the choice has no effect.
   *
   * @param frame the only or first frame of a message; the result takes its place and its reference
   * @return a frame to be written instead
   * @throws IllegalArgumentException if the frame does not begin a message
   */
  public static WebSocketFrame compress(WebSocketFrame frame, boolean compress) {
    Objects.requireNonNull(frame, "frame");
    boolean last = frame.isFinalFragment();
    if (frame instanceof TextWebSocketFrame) {
      return new ChosenFrames.Text(last, frame.rsv(), frame.content(), compress);
    }
    if (frame instanceof BinaryWebSocketFrame) {
      return new ChosenFrames.Binary(last, frame.rsv(), frame.content(), compress);
    }
    throw new IllegalArgumentException("begins no message: " + frame);
  }

  /**
   * Chooses how frames of more than {@link MessageInflater#LARGEST_PART} decompressed bytes are
   * handed on: whole, which is how it begins, or in parts, which look like fragments of the peer's.
   * With auto-read off, one part for each {@code read()}. Event loop only.
   */
  public void deliverParts(boolean wanted) {
    partsWanted = wanted && !keepsFrames;
  }

  /** Hands on one frame for each of the peer's, which other extensions are to see. */
  void keepFrames() {
    keepsFrames = true;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Placement.requireEventLoop(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    end();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      ctx.fireChannelRead(message);
    } else if (failed) {
      frame.release();
    } else if (delivering || hasPending()) {
      hold(frame);
    } else {
      askedMeanwhile = false;
      delivering = true;
      try {
        deliver(ctx, frame);
        deliverPending(ctx, false);
      } finally {
        delivering = false;
      }
      if (askedMeanwhile && !hasPending()) {
        ctx.read();
      }
    }
  }

  /** Hands on what was held back, or asks for more. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    demanded |= !DemandHandler.isAutoRead(ctx); // see WebSocketFrameCodec
    if (delivering) {
      askedMeanwhile = true;
      return; // the loop that called us sees the demand
    }
    while (hasPending() && isWanted(ctx)) {
      drain(ctx, false);
      ctx.fireChannelReadComplete();
    }
    if (!hasPending() && isWanted(ctx)) {
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    drain(ctx, true);
    end();
    ctx.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      drain(ctx, true);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    drain(ctx, true);
    ctx.fireExceptionCaught(cause);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    int opcode = Frames.dataOpcode(message);
    if (opcode < 0) {
      ctx.write(message, promise);
    } else {
      outbound.write(ctx, (WebSocketFrame) message, opcode, promise);
    }
  }

  private void drain(ChannelHandlerContext ctx, boolean regardlessOfDemand) {
    if (delivering) {
      return; // we were called from what is being delivered; what is left goes with the end
    }
    delivering = true;
    try {
      deliverPending(ctx, regardlessOfDemand);
    } finally {
      delivering = false;
    }
  }

  private void deliverPending(ChannelHandlerContext ctx, boolean regardlessOfDemand) {
    while (hasPending() && (regardlessOfDemand || isWanted(ctx))) {
      if (inflater.isInFrame()) {
        deliverPart(ctx);
      } else {
        deliver(ctx, held.poll());
      }
    }
  }

  private void deliver(ChannelHandlerContext ctx, WebSocketFrame frame) {
    int opcode = Frames.dataOpcode(frame);
    if (opcode < 0) {
      ctx.fireChannelRead(frame);
      return;
    }
    if (isInVain(ctx)) {
      frame.release(); // not decompressed to be thrown away
      return;
    }
    boolean compressed;
    try {
      compressed = inflater.accept(frame.isFinalFragment(), frame.rsv(), opcode, frame.content());
    } catch (ProtocolException violation) {
      frame.release();
      fail(ctx, violation);
      return;
    }
    if (compressed) {
      fin = frame.isFinalFragment();
      nextOpcode = opcode;
      nextRsv = (byte) (frame.rsv() & ~MessageInflater.RSV1);
      deliverPart(ctx);
    } else {
      demanded = false;
      ctx.fireChannelRead(frame);
    }
  }

  private boolean isInVain(ChannelHandlerContext ctx) {
    if (closing == null) {
      closing = ctx.pipeline().get(WebSocketCloseHandler.class);
    }
    return closing != null && closing.discardsInput();
  }

  private void deliverPart(ChannelHandlerContext ctx) {
    ByteBuf part;
    try {
      part = partsWanted ? inflater.nextPart(ctx.alloc()) : inflater.rest(ctx.alloc());
    } catch (ProtocolException violation) {
      fail(ctx, violation);
      return;
    }
    boolean last = fin && !inflater.isInFrame();
    int opcode = nextOpcode;
    nextOpcode = Opcode.CONTINUATION;
    int rsv = nextRsv;
    nextRsv = 0;
    // Cleared before the frame is fired, so that a read() made meanwhile asks for the next one.
    demanded = false;
    ctx.fireChannelRead(InboundFrames.of(last, rsv, opcode, part));
  }

  private void fail(ChannelHandlerContext ctx, ProtocolException violation) {
    failed = true;
    endInput();
    ctx.fireExceptionCaught(violation);
  }

  private void end() {
    endInput();
    outbound.end();
  }

  private void endInput() {
    failed = true;
    inflater.end();
    if (held != null) {
      held.forEach(WebSocketFrame::release);
      held = null;
    }
  }

  private void hold(WebSocketFrame frame) {
    if (held == null) {
      held = new ArrayDeque<>(2);
    }
    held.add(frame);
  }

  private boolean hasPending() {
    return inflater.isInFrame() || held != null && !held.isEmpty();
  }

  private boolean isWanted(ChannelHandlerContext ctx) {
    return demanded || DemandHandler.isAutoRead(ctx);
  }
}
