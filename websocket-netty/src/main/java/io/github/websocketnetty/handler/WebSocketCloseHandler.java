package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseHandshake;
import io.github.websocketnetty.protocol.CloseHandshake.Step;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/**
 * Performs the closing handshake. Stands right behind the frame codec; not sharable, event loop
 * only except where stated.
 *
 * <p>The peer's close frame is answered and not passed on, unless the application asked to do that
 * itself; {@link CloseFrameReceived} tells of it when it arrives. Closing the channel, or writing a
 * {@link CloseWebSocketFrame}, starts the handshake: the future of {@code close()} completes when
 * the channel is closed, that of the frame when it is flushed. Further calls of {@code close()}
 * join the handshake in progress; further close frames fail. Exactly one close frame is ever sent.
 * One with a code or a reason that may not be sent fails with {@link IllegalArgumentException} and
 * leaves the connection untouched.
 *
 * <p>Once a close frame is sent, data frames are released and fail with a {@link
 * ClosedChannelException}; pings and pongs pass until the peer's close frame arrives. Data that
 * arrives before the peer's close frame is passed on. While closing this handler reads even if
 * auto-read is off, because it must see the peer's close frame; data that nobody asked for is then
 * dropped.
 *
 * <p>A {@link ProtocolException} from the codec fails the connection with its close code and is not
 * passed on. The server ends TCP first, by a half-close if the channel can, and discards what still
 * arrives; the client waits for that. The end of the peer's half ends everything. One timer, which
 * starts with the handshake, limits all of this, flushing included; when it expires the connection
 * is reset. {@link WebSocketClosed} is fired before {@code channelInactive}.
 *
 * <p>The logger gets a line at INFO when this handler is added, which is when the connection is
 * open, and one when it is closed.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-7">RFC 6455, section 7</a>
 */
public final class WebSocketCloseHandler extends DemandHandler {
  /** How long a close frame for a silent peer may take to be flushed. */
  static final long SILENT_PEER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Snapshot(
      ConnectionState state, CloseStatus received, CloseStatus sent, Throwable cause) {
    /** What all connections have in common most of the time. */
    static final Snapshot OPEN = new Snapshot(ConnectionState.OPEN, null, null, null);
  }

  private final Logger logger;
  private final CloseHandshake closing;
  private final ClosingOptions options;

  // Written on the event loop, read from anywhere.
  private volatile Snapshot snapshot = Snapshot.OPEN;
  private volatile ChannelHandlerContext context;

  private Boolean allowedHalfClosure;
  private ChannelPromise closed; // null unless someone waits for it
  private LoopTimer timer; // null before the closing handshake
  private ChannelPromise closeFrame;
  private boolean eventFired;
  private long droppedFrames;
  private WebSocketFrameCodec shortcutFrom; // null if all comes through the pipeline

  /**
   * Creates a handler for one connection.
   *
   * @param side our role; the server ends TCP first
   * @param closeTimeout how long closing may take from its start to the end of TCP, {@link
   *     Duration#ZERO} for any time
   * @throws IllegalArgumentException if the time is negative
   */
  public WebSocketCloseHandler(Side side, Duration closeTimeout) {
    this(side, ClosingOptions.of(closeTimeout), LogLines.logger(side));
  }

  /**
   * Creates a handler for one connection that leaves more to the application.
   *
   * @param side our role; the server ends TCP first
   * @param closeTimeout how long closing may take from its start to the end of TCP, {@link
   *     Duration#ZERO} for any time
   * @param handleCloseFrames false to pass the peer's close frames on, see {@link
   *     WebSocketPipeline.Builder#handleCloseFrames}
   * @param sendCloseFrame what is sent when the channel is closed, null for nothing, see {@link
   *     WebSocketPipeline.Builder#sendCloseFrame}
   * @throws IllegalArgumentException if the time is negative
   */
  public WebSocketCloseHandler(
      Side side, Duration closeTimeout, boolean handleCloseFrames, CloseStatus sendCloseFrame) {
    this(
        side,
        new ClosingOptions(
            Timeouts.nanos("closeTimeout", closeTimeout), handleCloseFrames, sendCloseFrame),
        LogLines.logger(side));
  }

  WebSocketCloseHandler(Side side, ClosingOptions options, Logger logger) {
    NettyVersion.check();
    this.logger = logger;
    this.options = options;
    closing = new CloseHandshake(side);
  }

  /** Returns whether the peer's close frames are answered here, and not passed on. */
  public boolean handlesCloseFrames() {
    return options.handleCloseFrames();
  }

  /** Returns the state of the connection. May be called from any thread. */
  public ConnectionState state() {
    // The close future completes before channelInactive reaches us.
    ChannelHandlerContext context = this.context;
    return context != null && !context.channel().isOpen() ? ConnectionState.CLOSED : snapshot.state;
  }

  /** Returns what the peer's close frame said, null if none came. May be called from any thread. */
  public CloseStatus received() {
    return snapshot.received;
  }

  /**
   * Returns what our close frame said, null if none was sent: one that was not handed to the
   * operating system counts as not sent. May be called from any thread.
   */
  public CloseStatus sent() {
    return snapshot.sent;
  }

  /** Returns the first thing that went wrong, or null. May be called from any thread. */
  public Throwable cause() {
    return snapshot.cause;
  }

  /**
   * Fails the connection: tells the peer by a close frame, unless one was sent, and discards what
   * still arrives. Event loop only; does nothing outside a pipeline.
   *
   * @param status what the close frame says
   * @param cause what went wrong, to be reported by {@link #cause} unless something else came first
   */
  public void fail(CloseStatus status, Throwable cause) {
    Objects.requireNonNull(status, "status");
    if (context != null) {
      perform(context, closing.failed(status.code(), status.reason(), cause));
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Placement.requireEventLoop(ctx);
    context = ctx;
    allowedHalfClosure = ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE);
    // Else Netty closes at the peer's FIN, together with what we have not flushed.
    ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    if (logger.isInfoEnabled()) {
      logger.info("connection open {}", LogLines.name(ctx));
    }
  }

  /** Takes note of the codec whose data frames take a shorter way past us. */
  void shortcutFrom(WebSocketFrameCodec codec) {
    shortcutFrom = codec;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (shortcutFrom != null) {
      shortcutFrom.shortcut(null);
    }
    stopTimer();
    if (ctx.channel().isOpen()) {
      ctx.channel()
          .closeFuture()
          .addListener(
              done -> {
                settleCloseFrame();
                closed();
              });
      if (Boolean.FALSE.equals(allowedHalfClosure)) {
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
      }
    } else {
      closed();
    }
  }

  private void closed() {
    if (closed != null) {
      closed.trySuccess();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (closing.isDiscardingInput()) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof CloseWebSocketFrame frame) {
      receiveClose(ctx, frame);
    } else if (isControl(message) || admitsData()) {
      ctx.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void receiveClose(ChannelHandlerContext ctx, CloseWebSocketFrame frame) {
    CloseStatus status;
    try {
      status = CloseStatus.decode(frame.content());
    } catch (ProtocolException e) {
      // Our codec has checked the payload, but others do not.
      frame.release();
      fail(ctx, e);
      return;
    }
    boolean passesOn = !options.handleCloseFrames();
    Step step = passesOn ? closing.closeReceivedUnanswered(status) : closing.closeReceived(status);
    publish();
    ctx.fireUserEventTriggered(new CloseFrameReceived(status));
    // Before the step, which may end the channel.
    if (passesOn) {
      ctx.fireChannelRead(frame);
    } else {
      frame.release();
    }
    perform(ctx, step);
  }

  /** Returns whether whatever still arrives comes to nothing. Event loop only. */
  boolean discardsInput() {
    return closing.isDiscardingInput();
  }

  /** Takes note of a data frame that comes. Returns whether it may pass. */
  boolean admitsData() {
    if (closing.isDiscardingInput()) {
      return false;
    }
    dataDelivered(context);
    // Once something was dropped all is: nobody shall see a message with a hole.
    boolean drops =
        droppedFrames > 0 || closing.state() == ConnectionState.CLOSING && !isDataWanted();
    droppedFrames += drops ? 1 : 0;
    return !drops;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    batchEnded();
    ctx.fireChannelReadComplete();
    keepReading(ctx);
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    readRequested(ctx);
    ctx.read();
  }

  /** While closing we must see the peer's close frame or FIN, whoever has paused reading. */
  private void keepReading(ChannelHandlerContext ctx) {
    if (closing.state() == ConnectionState.CLOSING && !isAutoRead(ctx)) {
      readAgain(ctx);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // A peer that ended TLS or its half of TCP cannot send a close frame any more.
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      perform(ctx, closing.inputEnded());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(ctx);
    ctx.fireChannelInactive();
    closed();
  }

  @Override
  public void channelUnregistered(ChannelHandlerContext ctx) {
    // A channel that never became active is not told that it is inactive.
    if (!ctx.channel().isOpen()) {
      end(ctx);
      closed();
    }
    ctx.fireChannelUnregistered();
  }

  private void end(ChannelHandlerContext ctx) {
    stopTimer();
    closing.inputEnded();
    settleCloseFrame();
    publish();
    if (eventFired) {
      return;
    }
    eventFired = true;
    if (droppedFrames > 0) {
      logger.debug("{} dropped {} data frames while closing", ctx.channel(), droppedFrames);
    }
    WebSocketClosed closed =
        new WebSocketClosed(
            closing.received(), closing.sent(), closing.receivedFirst(), closing.cause());
    if (logger.isInfoEnabled()) {
      logger.info("connection closed {}: {}", LogLines.name(ctx), LogLines.of(closed));
    }
    ctx.fireUserEventTriggered(closed);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof ProtocolException violation) {
      fail(ctx, violation);
    } else if (cause instanceof CorruptedWebSocketFrameException violation) {
      // From Netty's own decoder, told not to close itself.
      perform(ctx, closing.failed(codeOf(violation), violation.getMessage(), violation));
    } else if (cause instanceof DecoderException && cause.getCause() instanceof ProtocolException) {
      fail(ctx, (ProtocolException) cause.getCause());
    } else if (cause instanceof EOFException) {
      // From our codec: the end itself is reported by an event.
      rememberTransportFailure(cause);
    } else if (cause instanceof DecompressionException) {
      // From the handlers of permessage-deflate.
      perform(ctx, closing.failed(CloseCode.PROTOCOL_ERROR, "decompression failed", cause));
    } else if (cause instanceof DecoderException && !(cause.getCause() instanceof IOException)) {
      logger.error("{} parser failed", LogLines.name(ctx), cause);
      // The details are none of the peer's business.
      perform(ctx, closing.failed(CloseCode.INTERNAL_ERROR, "", cause));
    } else {
      rememberTransportFailure(cause);
      ctx.fireExceptionCaught(cause);
    }
  }

  /** Handlers of others may give any status, or none. */
  private static int codeOf(CorruptedWebSocketFrameException violation) {
    WebSocketCloseStatus status = violation.closeStatus();
    return status != null && CloseCode.isValidOnWire(status.code())
        ? status.code()
        : CloseCode.PROTOCOL_ERROR;
  }

  private void fail(ChannelHandlerContext ctx, ProtocolException violation) {
    perform(ctx, closing.failed(violation.closeCode(), violation.getMessage(), violation));
  }

  private void rememberTransportFailure(Throwable cause) {
    if (cause instanceof IOException && !(cause instanceof ClosedChannelException)
        || cause instanceof DecoderException) {
      closing.remember(cause);
      publish();
    }
  }

  @Override
  public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
    close(ctx, promise);
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (!ctx.channel().isActive()) {
      ctx.close(promise);
      return;
    }
    if (options.sendCloseFrame() == null) {
      closing.abandoned();
      publish();
      ctx.close(promise);
      return;
    }
    if (!promise.isVoid()) {
      if (closed == null) {
        closed = ctx.newPromise();
      }
      closed.addListener(done -> promise.trySuccess());
    }
    perform(ctx, closing.closeRequested(options.sendCloseFrame()));
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof FailingCloseFrame frame) {
      writeFailing(ctx, frame, promise);
    } else if (message instanceof CloseWebSocketFrame frame) {
      writeClose(ctx, frame, promise);
    } else if (isControl(message) && closing.maySendControl()) {
      ctx.write(message, promise.unvoid().addListener(this::controlWritten));
    } else if (admitsWrites()) {
      ctx.write(message, promise);
    } else {
      ReferenceCountUtil.release(message);
      refuse(promise);
    }
  }

  /** Returns whether data may be written: no close frame was sent or received. */
  boolean admitsWrites() {
    return closing.state() == ConnectionState.OPEN;
  }

  private void writeFailing(
      ChannelHandlerContext ctx, FailingCloseFrame frame, ChannelPromise promise) {
    frame.release();
    CloseStatus status = frame.status();
    Step step =
        frame.isPeerSilent()
            ? closing.peerSilent(status.code(), status.reason(), frame.cause())
            : closing.failed(status.code(), status.reason(), frame.cause());
    if (step.send() == null) {
      refuse(promise);
    }
    perform(ctx, step, promise);
    if (step.closesAfterFlush()) {
      startTimer(ctx, SILENT_PEER_NANOS);
    }
  }

  private void writeClose(
      ChannelHandlerContext ctx, CloseWebSocketFrame frame, ChannelPromise promise) {
    CloseStatus status;
    try {
      status = CloseStatus.decode(frame.content());
    } catch (ProtocolException e) {
      promise.tryFailure(new IllegalArgumentException(e.getMessage(), e));
      return;
    } catch (IllegalArgumentException e) {
      promise.tryFailure(e);
      return;
    } finally {
      frame.release();
    }
    Step step = closing.closeRequested(status);
    if (step.send() == null) {
      refuse(promise);
    }
    perform(ctx, step, promise);
  }

  private void refuse(ChannelPromise promise) {
    String message = "cannot send: " + closing.describe();
    promise.tryFailure(new ClosedWebSocketException(message, closing.cause()));
  }

  private void perform(ChannelHandlerContext ctx, Step step) {
    perform(ctx, step, null);
  }

  /**
   * Performs a step. Every line may be interrupted by the next step: listeners run inside writes.
   */
  private void perform(ChannelHandlerContext ctx, Step step, ChannelPromise promise) {
    publish();
    if (step.armsTimer() && options.closeTimeoutNanos() > 0) {
      startTimer(ctx, options.closeTimeoutNanos());
    }
    if (step.send() != null) {
      send(ctx, step.send(), promise);
    }
    if (step.endsOutput()) {
      // Data may stand before the close frame in the buffer: end the output behind both.
      closeFrame.addListener(
          written -> {
            if (written.isSuccess()) {
              TcpEnd.endOutput(ctx);
            }
          });
    }
    if (step.closesAfterFlush()) {
      TcpEnd.closeOnceFlushed(ctx);
    }
    if (step.aborts()) {
      TcpEnd.abort(ctx);
    }
    if (step.armsTimer()) {
      keepReading(ctx);
    }
  }

  private void send(ChannelHandlerContext ctx, CloseStatus status, ChannelPromise promise) {
    // Not the user's promise: cancelled, it would make Netty drop the frame that we have counted.
    ChannelPromise written = ctx.newPromise();
    closeFrame = written;
    written.addListener(done -> closeWritten(ctx, done));
    if (promise != null) {
      written.addListener(
          done -> {
            if (done.isSuccess()) {
              promise.trySuccess();
            } else {
              promise.tryFailure(done.cause());
            }
          });
    }
    ctx.writeAndFlush(
        new CloseWebSocketFrame(true, 0, FailingCloseFrame.payload(ctx.alloc(), status)), written);
  }

  private void closeWritten(ChannelHandlerContext ctx, Future<?> written) {
    if (written.isSuccess()) {
      closing.closeFlushed();
      publish();
    } else if (written.cause() instanceof IOException) {
      rememberTransportFailure(written.cause());
    } else {
      // An encoder refused it; the transport itself knows only the other kind.
      perform(ctx, closing.closeNotSent(written.cause()));
    }
  }

  /**
   * The channel is closed. The transport has told about the close frame by now, unless a handler in
   * front has lost the promise; then only an answer of the peer's shows that the frame has left.
   */
  private void settleCloseFrame() {
    if (closeFrame == null || closeFrame.isDone()) {
      return;
    }
    if (closing.isAnswered()) {
      closeFrame.trySuccess();
    } else {
      String message = "the channel is closed, and no handler has told whether the frame was sent";
      closeFrame.tryFailure(new ClosedWebSocketException(message, closing.cause()));
    }
  }

  private void controlWritten(Future<?> written) {
    if (!written.isSuccess()) {
      rememberTransportFailure(written.cause());
    }
  }

  private void startTimer(ChannelHandlerContext ctx, long nanos) {
    if (timer == null) {
      timer = new LoopTimer();
    }
    timer.startNoLater(ctx, nanos, () -> perform(ctx, closing.deadlineReached()));
  }

  private void stopTimer() {
    if (timer != null) {
      timer.stop();
    }
  }

  private void publish() {
    snapshot = new Snapshot(closing.state(), closing.received(), closing.sent(), closing.cause());
  }

  private static boolean isControl(Object message) {
    return message instanceof PingWebSocketFrame || message instanceof PongWebSocketFrame;
  }
}
