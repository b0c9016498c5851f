package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.KeepaliveClock;
import io.github.websocketnetty.protocol.PingLedger;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers pings, sends pings of its own, and fails the connection when the peer is silent. Stands
 * behind {@link WebSocketCloseHandler}, but works without it; not sharable, event loop only except
 * where stated.
 *
 * <p>Pings and pongs are not passed on, unless the application asked for them. Each ping is
 * answered before the read that brought it ends, unless the peer does not read: then only the
 * newest is answered, when the channel is writable again, so a flood of pings costs no memory.
 *
 * <p>The first ping goes out one interval after the connection is open, the next one interval after
 * that, or with its pong if that took longer. If nothing arrives within the timeout, the peer
 * counts as gone: a close frame with 1011 is written and TCP is closed once that is flushed, at the
 * latest after a second. Whatever arrives counts, and silence does not count while reading is
 * paused by ourselves; then an unsolicited pong goes out after each timeout, which tells the
 * transport whether anybody is there.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2">RFC 6455, sections 5.5.2 and
 *     5.5.3</a>
 */
public final class WebSocketKeepaliveHandler extends DemandHandler {
  private static final Logger DEFAULT_LOGGER =
      LoggerFactory.getLogger(WebSocketKeepaliveHandler.class);

  private static final CloseStatus TIMEOUT =
      new CloseStatus(CloseCode.INTERNAL_ERROR, "keepalive ping timeout");
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int RANDOM_PAYLOAD_BYTES = 4;

  private final Logger logger;
  private final KeepaliveOptions options;
  private final KeepaliveClock clock; // null if there are no automatic pings

  // Written on the event loop, read from anywhere.
  private volatile long latencyNanos;

  private ChannelHandlerContext context;
  private PingLedger<Promise<Duration>> ledger; // null while no ping waits
  private Future<?> timer; // null while nothing is to happen by itself
  private OutputProgress output; // null if nothing was waiting
  private LatestPong latestPong; // null before the first ping
  private boolean isActive;
  private WebSocketClosed closed;
  private Promise<Duration> keepalivePing;
  private boolean keepalivePingFlushed;
  private WebSocketFrameCodec shortcutFrom; // null if all comes through the pipeline

  /**
   * Creates a handler for one connection.
   *
   * @param pingInterval the time between two automatic pings, {@link Duration#ZERO} for none
   * @param pingTimeout how long the peer may stay silent after an automatic ping, {@link
   *     Duration#ZERO} for any time
   * @throws IllegalArgumentException if a time is negative
   */
  public WebSocketKeepaliveHandler(Duration pingInterval, Duration pingTimeout) {
    this(pingInterval, pingTimeout, true, true);
  }

  /**
   * Creates a handler for one connection that leaves more to the application.
   *
   * @param pingInterval the time between two automatic pings, {@link Duration#ZERO} for none
   * @param pingTimeout how long the peer may stay silent after an automatic ping, {@link
   *     Duration#ZERO} for any time
   * @param handlePingFrames false to pass pings on instead of answering them, see {@link
   *     WebSocketPipeline.Builder#handlePingFrames}
   * @param dropPongFrames false to pass pongs on as well, see {@link
   *     WebSocketPipeline.Builder#dropPongFrames}
   * @throws IllegalArgumentException if a time is negative
   */
  public WebSocketKeepaliveHandler(
      Duration pingInterval,
      Duration pingTimeout,
      boolean handlePingFrames,
      boolean dropPongFrames) {
    this(
        new KeepaliveOptions(pingInterval, pingTimeout, handlePingFrames, dropPongFrames),
        DEFAULT_LOGGER);
  }

  WebSocketKeepaliveHandler(KeepaliveOptions options, Logger logger) {
    NettyVersion.check();
    this.logger = logger;
    this.options = options;
    long intervalNanos = Timeouts.nanos("pingInterval", options.pingInterval());
    long timeoutNanos = Timeouts.nanos("pingTimeout", options.pingTimeout());
    clock = intervalNanos == 0 ? null : new KeepaliveClock(intervalNanos, timeoutNanos);
  }

  /**
   * Returns how long the pong took that was matched last, {@link Duration#ZERO} before the first;
   * stays after the end of the connection. May be called from any thread.
   */
  public Duration latency() {
    return Duration.ofNanos(latencyNanos);
  }

  /**
   * Sends a ping with four unpredictable bytes; see {@link #ping(byte[])}.
   *
   * @return a future with the time until the pong
   */
  public Future<Duration> ping() {
    return ping(randomPayload());
  }

  /**
   * Sends a ping. Event loop only.
   *
   * <p>The future gets the time until its pong, or the pong of a later ping, arrives. Cancelling it
   * frees the payload for another ping. When the connection ends it fails with a {@link
   * java.nio.channels.ClosedChannelException}.
   *
   * @param payload the payload, at most 125 bytes, copied
   * @return a future with the time until the pong; failed with {@link IllegalArgumentException} if
   *     the payload is too long, with {@link IllegalStateException} if a ping with the same payload
   *     waits or too many do, in which cases nothing was sent
   */
  public Future<Duration> ping(byte[] payload) {
    Objects.requireNonNull(payload, "payload");
    if (context == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    Promise<Duration> waiter = context.executor().newPromise();
    waiter.addListener(
        done -> {
          if (done.isCancelled()) {
            forget(waiter);
          }
        });
    send(payload, waiter);
    return waiter;
  }

  private void send(byte[] payload, Promise<Duration> waiter) {
    if (!isActive) {
      waiter.tryFailure(closedException());
      return;
    }
    try {
      register(payload, waiter);
    } catch (IllegalArgumentException | IllegalStateException e) {
      waiter.tryFailure(e);
      return;
    }
    context
        .writeAndFlush(new PingWebSocketFrame(Unpooled.wrappedBuffer(payload.clone())))
        .addListener(written -> pingWritten(waiter, written));
  }

  private void register(byte[] payload, Promise<Duration> waiter) {
    PingLedger<Promise<Duration>> waiting = ledger == null ? new PingLedger<>() : ledger;
    waiting.register(payload, waiter, now());
    ledger = waiting;
  }

  private void forget(Promise<Duration> waiter) {
    if (ledger != null) {
      ledger.forget(waiter);
      dropEmptyLedger();
    }
  }

  private void dropEmptyLedger() {
    if (ledger != null && ledger.size() == 0) {
      ledger = null;
    }
  }

  private void pingWritten(Promise<Duration> waiter, Future<?> written) {
    if (written.isSuccess()) {
      keepalivePingFlushed |= waiter == keepalivePing;
      return;
    }
    forget(waiter);
    waiter.tryFailure(written.cause());
    if (waiter == keepalivePing) {
      stopPinging(); // nothing can be sent any more: the connection ends without our help
    }
  }

  private byte[] randomPayload() {
    byte[] payload = new byte[RANDOM_PAYLOAD_BYTES];
    do {
      RANDOM.nextBytes(payload);
    } while (ledger != null && ledger.isWaiting(payload));
    return payload;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    Placement.requireEventLoop(ctx);
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
    ctx.fireChannelActive();
  }

  private void start(ChannelHandlerContext ctx) {
    if (isActive) {
      return;
    }
    isActive = true;
    if (clock != null) {
      clock.start(now());
      scheduleTick();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof PingWebSocketFrame ping) {
      receivePing(ctx, ping);
    } else if (message instanceof PongWebSocketFrame pong) {
      receivePong(ctx, pong);
    } else {
      dataComes();
      ctx.fireChannelRead(message);
    }
  }

  private void receivePing(ChannelHandlerContext ctx, PingWebSocketFrame ping) {
    if (!options.handlePingFrames()) {
      ctx.fireChannelRead(ping);
      return;
    }
    if (latestPong == null) {
      latestPong = new LatestPong();
    }
    latestPong.answer(ctx, ping);
  }

  private void receivePong(ChannelHandlerContext ctx, PongWebSocketFrame pong) {
    if (options.dropPongFrames()) {
      acknowledge(pong);
      return;
    }
    acknowledge(pong.retain());
    ctx.fireChannelRead(pong);
  }

  /** Takes note of a message that is not for us. */
  void dataComes() {
    dataDelivered(context);
  }

  /** Hands on a message that was taken note of. */
  void fire(Object message) {
    context.fireChannelRead(message);
  }

  private void acknowledge(PongWebSocketFrame pong) {
    PingLedger<Promise<Duration>> asked = ledger;
    try {
      if (asked != null) {
        // Whoever hears of a pong may end the connection, and so take the ledger away from us.
        asked.acknowledge(pong.content(), now(), (waiter, nanos) -> answered(asked, waiter, nanos));
        dropEmptyLedger();
      }
    } finally {
      pong.release();
    }
  }

  private void answered(PingLedger<Promise<Duration>> asked, Promise<Duration> waiter, long nanos) {
    latencyNanos = asked.latencyNanos();
    if (waiter == keepalivePing) {
      keepalivePing = null;
      clock.pongReceived(now(), nanos);
      scheduleTick();
    }
    waiter.trySuccess(Duration.ofNanos(nanos));
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    readRequested(ctx);
    ctx.read();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    // Every read ends here, also one that brought no more than a piece of a frame.
    if (clock != null && clock.isWaiting()) {
      clock.bytesReceived(now());
    }
    boolean readOwed = batchEnded();
    // Others flush here too: after them there is often nothing left to do.
    ctx.fireChannelReadComplete();
    if (latestPong != null) {
      latestPong.flush(ctx);
    }
    if (readOwed) {
      readAgain(ctx); // control frames must not use up what the user asked for
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (latestPong != null) {
      latestPong.writabilityChanged(ctx);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof WebSocketClosed ended) {
      closed = ended;
    }
    if (event instanceof ChannelInputShutdownEvent || event instanceof CloseFrameReceived) {
      stopPinging(); // no pong can come any more
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    // Readers learn first, then those who wait for pongs.
    ctx.fireChannelInactive();
    end();
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
    end();
  }

  private void end() {
    isActive = false;
    stopPinging();
    stopTimer();
    if (latestPong != null) {
      latestPong.release();
    }
    PingLedger<Promise<Duration>> asked = ledger;
    ledger = null;
    if (asked != null) {
      asked.drain(waiter -> waiter.tryFailure(closedException()));
    }
  }

  private ClosedWebSocketException closedException() {
    return closed == null
        ? new ClosedWebSocketException("the connection is closed", null)
        : new ClosedWebSocketException(closed.describe(), closed.cause());
  }

  private void tick() {
    ChannelHandlerContext ctx = context;
    try {
      boolean isExcused = clock.delayNanos(now()) == 0 && silenceProvesNothing(ctx);
      switch (clock.tick(now(), isExcused)) {
        case PING -> {
          sendKeepalive();
          output = OutputProgress.mark(ctx, output);
        }
        case TIMED_OUT -> {
          failSilentPeer(ctx);
          return;
        }
        case NOTHING -> { // something came, or could not have come
          if (isExcused && output == null) {
            probe(ctx);
          }
        }
      }
      scheduleTick();
    } catch (RuntimeException e) {
      logger.error("{} keepalive ping failed", ctx.channel(), e);
      stopPinging();
    }
  }

  /**
   * Returns whether there may be a pong that we have not seen, or a ping that the peer has not.
   *
   * <p>A handler that stops reading because the peer does not must not protect it: while nothing of
   * our output moves, silence counts whether we read or not.
   */
  private boolean silenceProvesNothing(ChannelHandlerContext ctx) {
    boolean isExcused = !isReading(ctx) || clock.isWaiting() && !keepalivePingFlushed;
    if (!isExcused || output != null && output.isStuck(ctx)) {
      return false;
    }
    output = OutputProgress.mark(ctx, output);
    return true;
  }

  /**
   * Writes something that asks for no answer: who does not read does not see that the peer is gone,
   * but a write to where nobody is fails.
   */
  private static void probe(ChannelHandlerContext ctx) {
    ctx.writeAndFlush(new PongWebSocketFrame(Unpooled.EMPTY_BUFFER));
  }

  private void sendKeepalive() {
    if (keepalivePing != null) {
      // Only without a timeout: else entries for a silent peer would pile up.
      forget(keepalivePing);
    }
    Promise<Duration> waiter = context.executor().newPromise();
    keepalivePing = waiter;
    keepalivePingFlushed = false;
    send(randomPayload(), waiter);
    if (waiter.cause() instanceof IllegalStateException) {
      // So many pings of the user wait that there is no place for ours, nor need.
      clock.start(now());
    }
  }

  private void failSilentPeer(ChannelHandlerContext ctx) {
    logger.debug("{} no sign of life within {} of a ping", ctx.channel(), options.pingTimeout());
    TimeoutException cause =
        new TimeoutException("no sign of life within " + options.pingTimeout());
    // The close handler has its own limit, but there may be none.
    schedule(() -> TcpEnd.abort(ctx), WebSocketCloseHandler.SILENT_PEER_NANOS);
    FailingCloseFrame.send(ctx, new FailingCloseFrame(ctx.alloc(), TIMEOUT, cause, true));
  }

  private void scheduleTick() {
    long delay = clock.delayNanos(now());
    if (delay != KeepaliveClock.NEVER) {
      schedule(this::tick, delay);
    }
  }

  /** Runs {@code task} later, instead of what was to run. */
  private void schedule(Runnable task, long delayNanos) {
    stopTimer();
    timer = context.executor().schedule(task, delayNanos, TimeUnit.NANOSECONDS);
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void stopPinging() {
    if (clock != null) {
      clock.stop();
    }
  }

  private long now() {
    return context.executor().ticker().nanoTime();
  }
}
