package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import java.io.EOFException;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * Turns bytes into WebSocket frames and frames into bytes. Not sharable; event loop only.
 *
 * <p>Inbound, whole frames come out, unmasked and validated: opcodes, reserved bits, masking,
 * minimal lengths, the order of fragments, sizes, close payloads and (unless switched off) UTF-8. A
 * payload is a slice of what was read where that is possible, so it pins the read buffer until it
 * is released; the next handler owns it. Buffers that others may hold are not changed but copied.
 * Messages other than {@link ByteBuf} pass through.
 *
 * <p>A violation ends the input: the frames before it are handed on first, then {@link
 * ProtocolException} is fired through {@code exceptionCaught}. This handler neither answers nor
 * closes; {@link WebSocketCloseHandler} does. An unexpected failure is fired as {@link
 * DecoderException}. After a violation or a close frame all input is discarded.
 *
 * <p>With auto-read off, one data frame is handed on for each {@code read()}, even where a read
 * from the transport brought more. Control frames neither need nor use up the demand, unless they
 * are for the application, and then need it; but those behind a data frame wait with it. So do
 * bytes that arrive without a {@code read()}, such as those behind the opening handshake. When the
 * input ends, what is left is handed on without demand, so that nothing received is lost.
 *
 * <p>Outbound, frames of Netty's classes are written with the shortest header and, on a client,
 * masked in a copy, unless they come from {@link OwnedFrames}; they are released, also on failure.
 * Small frames are gathered until the flush, so that it writes one buffer. Cancelling a promise has
 * no effect once the frame is here. Frames that would violate the protocol fail their promise with
 * {@link IllegalArgumentException} and nothing is sent. Anything else passes through.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5">RFC 6455, section 5</a>
 */
public class WebSocketFrameCodec extends ChannelDuplexHandler
    implements WebSocketFrameDecoder, WebSocketFrameEncoder {
  private final FrameParser parser;
  private final FrameSink sink = this::handOn;
  private final OutboundFrames outbound;

  /** Reads that the parser was not allowed to finish; null while there is none. */
  private ArrayDeque<Held> held;

  private ChannelHandlerContext ctx;
  private ChannelConfig config;
  private DataShortcut shortcut;
  private FrameSink receiver;
  private boolean demanded;
  private boolean parsing;
  private boolean draining;
  private boolean hasExtensions;

  /** What is left of a read, and whether it may be changed in place. */
  private record Held(ByteBuf bytes, boolean exclusive) {}

  /**
   * Creates a codec with default limits that checks UTF-8.
   *
   * @param side the role of this end of the connection
   */
  public WebSocketFrameCodec(Side side) {
    this(side, FrameLimits.DEFAULT, true);
  }

  /**
   * Creates a codec.
   *
   * @param side the role of this end of the connection
   * @param limits what the peer may send; a violation is close code 1009
   * @param validatesText whether text must be UTF-8; a violation is close code 1007
   */
  public WebSocketFrameCodec(Side side, FrameLimits limits, boolean validatesText) {
    this(side, limits, validatesText, 0);
  }

  /**
   * Creates a codec in front of handlers of an extension.
   *
   * @param side the role of this end of the connection
   * @param limits what the peer may send, as it is on the wire
   * @param validatesText whether text must be UTF-8; messages with RSV1 set are not checked here
   * @param rsvInUse the reserved bits to which the extension gives a meaning on the first frame of
   *     a message, RSV1 being 4; others are refused both ways, unless {@link #allowExtensions} lets
   *     them pass
   * @throws IllegalArgumentException if the bits are not 0 to 7
   */
  @SuppressWarnings("this-escape") // only the annotations of the class are looked at
  public WebSocketFrameCodec(Side side, FrameLimits limits, boolean validatesText, int rsvInUse) {
    NettyVersion.check();
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(limits, "limits");
    ensureNotSharable(); // subclasses might say that they are
    this.parser = new FrameParser(side, limits, validatesText, rsvInUse);
    this.outbound = new OutboundFrames(side, rsvInUse);
  }

  /**
   * Accepts frames that are masked and frames that are not, each as it comes. This violates RFC
   * 6455 section 5.1, and gives up what masks are for (section 10.3): see {@link
   * WebSocketPipeline.Builder#allowMaskMismatch}. Not to be undone. Event loop only, before the
   * first frame.
   */
  public void allowMaskMismatch() {
    parser.allowMaskMismatch();
  }

  /**
   * Writes frames without a mask, on a client. This violates RFC 6455 section 5.1, and gives up
   * what masks are for (section 10.3): see {@link WebSocketPipeline.Builder#performMasking}.
   * Changes nothing on a server, which never masks. Not to be undone. Event loop only, before the
   * first frame.
   */
  public void stopMasking() {
    outbound.stopMasking();
  }

  /**
   * Lets extensions whose handlers stand behind see each frame as it was sent: {@link
   * #deliverParts} has no effect then. Not to be undone. Event loop only, before the first frame.
   *
   * @param rsv the reserved bits that they claim, RSV1 being 4; these pass on all frames, control
   *     frames too. A close frame that has one is not checked here
   * @throws IllegalArgumentException if the bits are not 0 to 7
   */
  public void allowExtensions(int rsv) {
    parser.allowRsv(rsv);
    hasExtensions = true;
    outbound.allowRsv(rsv);
  }

  /**
   * Returns whether handlers of other extensions than permessage-deflate stand behind. Each
   * connection then needs frames of its own, and all of them go through the pipeline.
   */
  public boolean hasExtensions() {
    return hasExtensions;
  }

  /** Returns whether outbound frames are masked: on a client, unless that was switched off. */
  public boolean masks() {
    return outbound.masks();
  }

  /**
   * Chooses how data frames of more than {@link FrameParser#LARGE_FRAME} bytes are handed on:
   * whole, which is how it begins, or in parts as they arrive, which look like fragments of the
   * peer's. Event loop only.
   */
  public void deliverParts(boolean wanted) {
    parser.deliverParts(wanted && !hasExtensions);
  }

  /**
   * Hands data frames to {@code receiver} instead of firing them, which costs neither a frame
   * object nor a slice. Control frames go through the pipeline as before.
   *
   * <p>Only for a codec that {@link WebSocketPipeline} installed without aggregation. The receiver
   * stands in the place of the handlers behind: it is called on the event loop, with what they
   * would see, under the rules of {@link FrameSink}, and with auto-read off once for each {@code
   * read()}. It must not throw.
   *
   * @param receiver takes the data frames; null to fire them again
   * @return whether it will; if not, frames are fired as before
   */
  public boolean receiveData(FrameSink receiver) {
    boolean takes = receiver == null || shortcut != null && !shortcut.aggregates();
    this.receiver = takes ? receiver : null;
    return takes;
  }

  /**
   * Writes a message of one frame that stands in its bytes as on the wire, from here: the handlers
   * behind, which would let it pass, are not asked. The same bytes may so go to many peers.
   *
   * <p>Only for a codec that {@link WebSocketPipeline} installed. Event loop only; to be flushed as
   * usual.
   *
   * @param frame a whole frame for this peer, FIN set, not inside a message in fragments: it is not
   *     looked at; taken over if it is written
   * @param promise told about the write
   * @return whether it was written; if not, nothing has happened, and it may be written through the
   *     pipeline
   */
  public boolean writeEncoded(ByteBuf frame, ChannelPromise promise) {
    Objects.requireNonNull(frame, "frame");
    Objects.requireNonNull(promise, "promise");
    if (shortcut == null || !shortcut.admitsWrites()) {
      return false;
    }
    outbound.handOn(ctx);
    ctx.write(frame, promise);
    return true;
  }

  /** Hands on control frames of an opcode, which are for the application, when it reads only. */
  void deferControl(int opcode) {
    parser.deferControl(opcode);
  }

  /** Installs the way of data frames past the handlers behind us, or with null takes it away. */
  void shortcut(DataShortcut shortcut) {
    this.shortcut = shortcut;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    config = context.channel().config();
    Placement.requireEventLoop(context);
  }

  /** Releases what was received and not handed on, and hands on what was to be sent. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    parser.end();
    releaseHeld();
    outbound.handOn(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    boolean exclusive = FrameParser.isExclusive(bytes);
    if (parsing || held != null || !isWanted() && !parser.isUrgentNext(bytes)) {
      hold(bytes, exclusive);
      return;
    }
    if (!parse(bytes, exclusive)) {
      hold(bytes, exclusive);
    }
    parseHeld(false); // what a handler fired at us meanwhile
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.fireChannelReadComplete();
    if (demanded && held == null && !isAutoRead()) {
      context.read(); // what came was no data frame, or only a part of one
    }
  }

  /** Hands on what was held back, or asks the transport for more. */
  @Override
  public void read(ChannelHandlerContext context) {
    // Not with auto-read, because the transports withdraw such a read once that is switched off.
    demanded |= !isAutoRead();
    if (parsing || draining) {
      return; // the loop that called us sees the demand
    }
    if (held != null) {
      drain(context);
    }
    if (held == null && isWanted()) {
      context.read();
    }
  }

  /** A loop, because handlers that read() again on every frame would recurse otherwise. */
  private void drain(ChannelHandlerContext context) {
    draining = true;
    try {
      do {
        parseHeld(false);
        context.fireChannelReadComplete();
      } while (held != null && isWanted());
    } finally {
      draining = false;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    outbound.handOn(context); // to be refused by the transport
    endInput();
    parser.end();
    releaseHeld(); // there is some if a handler ends the channel in the middle of a frame
    context.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endInput();
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof WebSocketFrame frame) {
      outbound.write(context, frame, promise);
    } else {
      outbound.handOn(context);
      context.write(message, promise);
    }
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    outbound.beforeFlush(context);
    context.flush();
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    outbound.handOn(context);
    context.close(promise);
  }

  @Override
  public void disconnect(ChannelHandlerContext context, ChannelPromise promise) {
    outbound.handOn(context);
    context.disconnect(promise);
  }

  /** Hands on what is left; a frame that is cut off is the cause of how the connection ends. */
  private void endInput() {
    if (parsing) {
      return; // we were called from a frame that is being handed on
    }
    parseHeld(true);
    String unfinished = parser.describeUnfinished();
    if (unfinished != null) {
      parser.end();
      ctx.fireExceptionCaught(new EOFException(unfinished));
    }
  }

  /**
   * Parses and releases {@code bytes}. Returns false if a rest is to be held, not released then.
   */
  private boolean parse(ByteBuf bytes, boolean exclusive) {
    parsing = true;
    boolean rest = false;
    try {
      // Who ends the parser, or takes us out of the pipeline, while a frame is handed on leaves a
      // rest that nobody will ask for.
      rest = parser.parse(bytes, exclusive, ctx.alloc(), sink) && !parser.isEnded();
    } catch (ProtocolException violation) {
      ctx.fireExceptionCaught(violation);
    } catch (Throwable unexpected) {
      parser.end();
      ctx.fireExceptionCaught(new DecoderException("frame parser failed", unexpected));
    } finally {
      parsing = false;
      if (!rest) {
        bytes.release();
      }
    }
    return !rest;
  }

  private void parseHeld(boolean regardlessOfDemand) {
    while (held != null && (regardlessOfDemand || isNextWanted())) {
      // Taken out meanwhile, so that releaseHeld() leaves it to us.
      Held next = held.pollFirst();
      if (!parse(next.bytes(), next.exclusive())) {
        held.addFirst(next);
      }
      if (held != null && held.isEmpty()) {
        held = null;
      }
    }
  }

  private void hold(ByteBuf bytes, boolean exclusive) {
    if (held == null) {
      held = new ArrayDeque<>(2);
    }
    held.addLast(new Held(bytes, exclusive));
  }

  private void releaseHeld() {
    if (held != null) {
      held.forEach(rest -> rest.bytes().release());
      held = null;
    }
  }

  private void handOn(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    if (Opcode.isControl(opcode)) {
      ctx.fireChannelRead(frame(fin, rsv, opcode, buffer, index, length));
    } else {
      // Cleared before the frame is handed on, so that a read() made meanwhile asks for the next.
      demanded = false;
      handOnData(fin, rsv, opcode, buffer, index, length);
    }
    if (!isWanted()) {
      parser.suspend();
    }
  }

  private void handOnData(boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    if (shortcut == null) {
      ctx.fireChannelRead(frame(fin, rsv, opcode, buffer, index, length));
    } else if (shortcut.admits()) {
      if (receiver != null) {
        receiver.onFrame(fin, rsv, opcode, buffer, index, length);
      } else {
        shortcut.fire(frame(fin, rsv, opcode, buffer, index, length));
      }
    }
  }

  private static WebSocketFrame frame(
      boolean fin, int rsv, int opcode, ByteBuf buffer, int index, int length) {
    ByteBuf payload = InboundFrames.keep(buffer, index, length);
    return InboundFrames.of(fin, rsv, opcode, payload);
  }

  /**
   * Control frames that are for our handlers are wanted always: the peer waits for a pong, or to be
   * told that we close.
   */
  private boolean isNextWanted() {
    return isWanted() || parser.isUrgentNext(held.getFirst().bytes());
  }

  private boolean isWanted() {
    return demanded || isAutoRead();
  }

  private boolean isAutoRead() {
    return config.isAutoRead();
  }
}
