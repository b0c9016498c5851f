package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelPipeline;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;

/**
 * Says which WebSocket handlers to install, with what limits. Immutable, so one description serves
 * all connections of a server.
 *
 * <p>It installs, from head to tail: {@link WebSocketFrameCodec}, {@link WebSocketDeflateHandler}
 * where permessage-deflate was negotiated, the handlers of other extensions that were negotiated,
 * {@link WebSocketCloseHandler}, {@link WebSocketKeepaliveHandler} and, if asked for, {@link
 * WebSocketMessageAggregator}. Handlers of the application go behind them. Text is checked once, in
 * the codec or when extensions have restored it.
 *
 * <p>The handlers have the names of the constants here, unless another handler in the pipeline has
 * that name already; other versions of this library may install more handlers, but keep these
 * names. A handler that is to see frames as the application does goes behind {@link
 * #KEEPALIVE_NAME}, or behind {@link #AGGREGATOR_NAME} to see whole messages.
 *
 * <p>Unless there are extensions, data frames go from the codec straight to the last of these
 * handlers, since the others only take note of them. A handler that is put between them later sees
 * control frames and events only. Where frames are logged ({@link Builder#logger}), they all go
 * through the pipeline.
 */
public final class WebSocketPipeline {
  /** The default of {@link Builder#keepalive}, both ways. */
  public static final Duration DEFAULT_PING_INTERVAL = Duration.ofSeconds(20);

  /** The default of {@link Builder#keepalive}, both ways. */
  public static final Duration DEFAULT_PING_TIMEOUT = Duration.ofSeconds(20);

  /** The default of {@link Builder#closeTimeout}. */
  public static final Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** The name of the {@link WebSocketFrameCodec}. */
  public static final String CODEC_NAME = "websocket-codec";

  /** The name of the {@link WebSocketDeflateHandler}, if there is one. */
  public static final String DEFLATE_NAME = "websocket-deflate";

  /** The name of the {@link WebSocketCloseHandler}. */
  public static final String CLOSE_NAME = "websocket-close";

  /** The name of the {@link WebSocketKeepaliveHandler}. */
  public static final String KEEPALIVE_NAME = "websocket-keepalive";

  /** The name of the {@link WebSocketMessageAggregator}, if there is one. */
  public static final String AGGREGATOR_NAME = "websocket-aggregator";

  private final Side side;
  private final FrameLimits limits;
  private final Duration pingInterval;
  private final Duration pingTimeout;
  private final Duration closeTimeout;
  private final ClosingOptions closingOptions;
  private final KeepaliveOptions keepaliveOptions;
  private final boolean aggregateMessages;
  private final boolean validateUtf8;
  private final boolean performMasking;
  private final boolean allowMaskMismatch;
  private final Logger logger;

  private WebSocketPipeline(Builder builder) {
    side = builder.side;
    limits = new FrameLimits(builder.maxMessageSize, builder.maxFragmentSize, builder.maxFragments);
    pingInterval = builder.pingInterval;
    pingTimeout = builder.pingTimeout;
    closeTimeout = builder.closeTimeout;
    closingOptions =
        new ClosingOptions(
            Timeouts.nanos("closeTimeout", closeTimeout),
            builder.handleCloseFrames,
            builder.sendCloseFrame);
    keepaliveOptions =
        new KeepaliveOptions(
            pingInterval, pingTimeout, builder.handlePingFrames, builder.dropPongFrames);
    aggregateMessages = builder.aggregateMessages;
    validateUtf8 = builder.validateUtf8;
    performMasking = builder.performMasking;
    allowMaskMismatch = builder.allowMaskMismatch;
    logger = builder.logger;
  }

  /** Starts the description of a server's pipeline. */
  public static Builder server() {
    NettyVersion.check();
    return new Builder(Side.SERVER);
  }

  /** Starts the description of a client's pipeline. */
  public static Builder client() {
    NettyVersion.check();
    return new Builder(Side.CLIENT);
  }

  /** Returns the role of this end of the connection. */
  public Side side() {
    return side;
  }

  /** Returns what the peer may send. */
  public FrameLimits limits() {
    return limits;
  }

  /** Returns the time from one keepalive ping to the next; zero if there is no keepalive. */
  public Duration pingInterval() {
    return pingInterval;
  }

  /** Returns how long a pong may take; zero for any time. */
  public Duration pingTimeout() {
    return pingTimeout;
  }

  /** Returns how long the closing handshake may take; zero for any time. */
  public Duration closeTimeout() {
    return closeTimeout;
  }

  /** Returns where the handlers log. */
  public Logger logger() {
    return logger;
  }

  /**
   * Installs the handlers behind another one.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   * @param baseName the name of the handler behind which they go
   */
  public void addAfter(ChannelPipeline pipeline, String baseName) {
    addAfter(pipeline, baseName, AgreedExtensions.none());
  }

  /**
   * Installs the handlers behind another one, for a connection that may compress.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   * @param baseName the name of the handler behind which they go
   * @param deflate what was negotiated, or {@code null} if permessage-deflate was not
   */
  public void addAfter(ChannelPipeline pipeline, String baseName, DeflateAgreement deflate) {
    addAfter(pipeline, baseName, AgreedExtensions.none().and(deflate));
  }

  /**
   * Installs the handlers behind another one, for a connection with extensions.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   * @param baseName the name of the handler behind which they go
   * @param extensions what was negotiated
   */
  public void addAfter(ChannelPipeline pipeline, String baseName, AgreedExtensions extensions) {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(baseName, "baseName");
    Objects.requireNonNull(extensions, "extensions");
    WebSocketFrameCodec codec = newCodec(extensions);
    pipeline.addAfter(baseName, free(pipeline, CODEC_NAME), codec);
    addBehind(pipeline, codec, extensions);
  }

  /**
   * Installs the handlers at the end of a pipeline.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   */
  public void addLast(ChannelPipeline pipeline) {
    addLast(pipeline, AgreedExtensions.none());
  }

  /**
   * Installs the handlers at the end of a pipeline, for a connection that may compress.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   * @param deflate what was negotiated, or {@code null} if permessage-deflate was not
   */
  public void addLast(ChannelPipeline pipeline, DeflateAgreement deflate) {
    addLast(pipeline, AgreedExtensions.none().and(deflate));
  }

  /**
   * Installs the handlers at the end of a pipeline, for a connection with extensions.
   *
   * @param pipeline the pipeline of an open channel; from its event loop, or before it is
   *     registered
   * @param extensions what was negotiated
   */
  public void addLast(ChannelPipeline pipeline, AgreedExtensions extensions) {
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(extensions, "extensions");
    WebSocketFrameCodec codec = newCodec(extensions);
    pipeline.addLast(free(pipeline, CODEC_NAME), codec);
    addBehind(pipeline, codec, extensions);
  }

  private WebSocketFrameCodec newCodec(AgreedExtensions extensions) {
    WebSocketFrameCodec codec = extensions.newCodec(side, limits, validateUtf8);
    if (!performMasking) {
      codec.stopMasking();
    }
    if (allowMaskMismatch) {
      codec.allowMaskMismatch();
    }
    deferControls(codec);
    return codec;
  }

  /** What the application receives comes when it reads. */
  private void deferControls(WebSocketFrameCodec codec) {
    if (!closingOptions.handleCloseFrames()) {
      codec.deferControl(Opcode.CLOSE);
    }
    if (!keepaliveOptions.handlePingFrames()) {
      codec.deferControl(Opcode.PING);
    }
    if (!keepaliveOptions.dropPongFrames()) {
      codec.deferControl(Opcode.PONG);
    }
  }

  private void addBehind(
      ChannelPipeline pipeline, WebSocketFrameCodec codec, AgreedExtensions extensions) {
    boolean logsFrames = logger.isDebugEnabled();
    WebSocketCloseHandler closing = new WebSocketCloseHandler(side, closingOptions, logger);
    WebSocketKeepaliveHandler keepalive = new WebSocketKeepaliveHandler(keepaliveOptions, logger);
    // The codec counts the frames of a message as they are on the wire. Here compressed ones have
    // other sizes, and parts of a large one look like frames.
    WebSocketMessageAggregator aggregator =
        aggregateMessages ? new WebSocketMessageAggregator(limits.withAnyFragments()) : null;
    // From tail to head, so that what the first one fires meanwhile finds the others there.
    String codecName = pipeline.context(codec).name();
    if (aggregator != null) {
      pipeline.addAfter(codecName, free(pipeline, AGGREGATOR_NAME), aggregator);
    }
    pipeline.addAfter(codecName, free(pipeline, KEEPALIVE_NAME), keepalive);
    pipeline.addAfter(codecName, free(pipeline, CLOSE_NAME), closing);
    if (logsFrames) {
      pipeline.addAfter(codecName, null, new FrameLogHandler(logger));
    }
    if (extensions.isEmpty() && !logsFrames) {
      new DataShortcut(codec, closing, keepalive, aggregator);
    }
    extensions.install(pipeline, codecName, side, limits, validateUtf8);
  }

  /** Returns the name if no handler has it, else null, for which Netty makes a unique one. */
  static String free(ChannelPipeline pipeline, String name) {
    return pipeline.context(name) == null ? name : null;
  }

  /** Collects options and checks them. Not thread-safe. */
  public static final class Builder {
    private final Side side;
    private long maxMessageSize = FrameLimits.DEFAULT_MAX_MESSAGE_SIZE;
    private long maxFragmentSize = FrameLimits.UNLIMITED;
    private int maxFragments = FrameLimits.FRAGMENTS_BY_SIZE;
    private Duration pingInterval = DEFAULT_PING_INTERVAL;
    private Duration pingTimeout = DEFAULT_PING_TIMEOUT;
    private Duration closeTimeout = DEFAULT_CLOSE_TIMEOUT;
    private boolean handleCloseFrames = true;
    private CloseStatus sendCloseFrame = CloseStatus.NORMAL;
    private boolean handlePingFrames = true;
    private boolean dropPongFrames = true;
    private boolean aggregateMessages;
    private boolean validateUtf8 = true;
    private boolean performMasking = true;
    private boolean allowMaskMismatch;
    private Logger logger;

    private Builder(Side side) {
      this.side = side;
      logger = LogLines.logger(side);
    }

    /**
     * Limits incoming messages. A larger one fails the connection with close code 1009.
     *
     * @param bytes the payload bytes of a message at most, over all its fragments; by default
     *     {@link FrameLimits#DEFAULT_MAX_MESSAGE_SIZE}, {@link FrameLimits#UNLIMITED} for no limit
     */
    public Builder maxMessageSize(long bytes) {
      maxMessageSize = FrameLimits.DEFAULT.withMaxMessageSize(bytes).maxMessageSize();
      return this;
    }

    /**
     * Limits incoming data frames, in addition to {@link #maxMessageSize}.
     *
     * @param bytes the payload bytes of a frame at most; by default {@link FrameLimits#UNLIMITED}
     */
    public Builder maxFragmentSize(long bytes) {
      maxFragmentSize = FrameLimits.DEFAULT.withMaxFragmentSize(bytes).maxFragmentSize();
      return this;
    }

    /**
     * Limits the number of frames of an incoming message; more fail the connection with close code
     * 1009.
     *
     * @param frames by default {@link FrameLimits#FRAGMENTS_BY_SIZE}, which grows with the message;
     *     {@link Integer#MAX_VALUE} for no limit
     */
    public Builder maxFragments(int frames) {
      maxFragments = FrameLimits.DEFAULT.withMaxFragments(frames).maxFragments();
      return this;
    }

    /**
     * Sets the schedule of keepalive pings; by default {@link #DEFAULT_PING_INTERVAL} and {@link
     * #DEFAULT_PING_TIMEOUT}.
     *
     * @param interval from one ping to the next; zero switches keepalive off
     * @param timeout how long the pong may take before the connection fails with close code 1011;
     *     zero for any time
     * @throws IllegalArgumentException if a time is negative
     */
    public Builder keepalive(Duration interval, Duration timeout) {
      Timeouts.nanos("pingInterval", interval);
      Timeouts.nanos("pingTimeout", timeout);
      pingInterval = interval;
      pingTimeout = timeout;
      return this;
    }

    /**
     * Limits the closing handshake as a whole: flushing, the peer's close frame, the end of TCP.
     *
     * @param timeout by default {@link #DEFAULT_CLOSE_TIMEOUT}; zero for any time
     * @throws IllegalArgumentException if it is negative
     */
    public Builder closeTimeout(Duration timeout) {
      Timeouts.nanos("closeTimeout", timeout);
      closeTimeout = timeout;
      return this;
    }

    /**
     * Chooses who answers the peer's close frame. With false it reaches the handlers behind, as a
     * {@link io.netty.handler.codec.http.websocketx.CloseWebSocketFrame} that they release, and the
     * connection stays open for what they still have to write, until they answer by writing a close
     * frame or closing the channel. They have the close timeout for that; then TCP is reset.
     * Everything behind the answer is done as usual. With auto-read off, the frame comes when
     * {@code read()} was called. The answer to a close frame of ours reaches them too. For proxies,
     * which answer with what the other side says.
     *
     * <p>Not for a {@code Connection}, which answers itself.
     *
     * @param handle by default true: the frame is answered here and not passed on; {@link
     *     CloseFrameReceived} tells of it either way
     */
    public Builder handleCloseFrames(boolean handle) {
      handleCloseFrames = handle;
      return this;
    }

    /**
     * Sets the close frame that is sent when the channel is closed and none was sent before.
     *
     * <p>With null there is none, and no closing handshake: closing the channel ends TCP at once,
     * at any time, whatever is not sent yet. The peer cannot tell that from a failure (code 1006).
     * To close with a handshake of which the end is not waited for, write a close frame and close
     * the channel when that is done.
     *
     * @param status by default {@link CloseStatus#NORMAL}; null for none
     */
    public Builder sendCloseFrame(CloseStatus status) {
      sendCloseFrame = status;
      return this;
    }

    /**
     * Chooses who answers pings. With false they reach the handlers behind, which release them and
     * are to answer each with a pong (RFC 6455, section 5.5.3), or to hand it to a peer that does.
     * With auto-read off, they come when {@code read()} was called, and do not use that up.
     *
     * @param handle by default true: pings are answered here and not passed on
     */
    public Builder handlePingFrames(boolean handle) {
      handlePingFrames = handle;
      return this;
    }

    /**
     * Chooses whether pongs reach the handlers behind, which then release them. The keepalive sees
     * them first in either case, so those that answer its pings are among them. With auto-read off,
     * they come when {@code read()} was called, and do not use that up.
     *
     * @param drop by default true: pongs are not passed on
     */
    public Builder dropPongFrames(boolean drop) {
      dropPongFrames = drop;
      return this;
    }

    /**
     * Chooses whether handlers behind see whole messages only.
     *
     * @param aggregate by default false: fragments are handed on as they come
     */
    public Builder aggregateMessages(boolean aggregate) {
      aggregateMessages = aggregate;
      return this;
    }

    /**
     * Chooses whether incoming text must be UTF-8. Switching it off violates RFC 6455.
     *
     * @param validate by default true: invalid text fails the connection with close code 1007
     */
    public Builder validateUtf8(boolean validate) {
      validateUtf8 = validate;
      return this;
    }

    /**
     * Chooses whether a client masks its frames. Without masks it is not a WebSocket client as RFC
     * 6455 section 5.1 has it: a server that keeps to it closes with 1002, and only one that {@link
     * #allowMaskMismatch} lets understands it. A server never masks, whatever is chosen here.
     *
     * <p>Security: masks keep text that somebody else chose from looking like HTTP to a proxy,
     * which might store a forged answer for others (section 10.3). Go without them only where both
     * ends and everything between are known: within a process, on one host, in a trusted network,
     * or in TLS from end to end. What is saved is the processor time of masking, a copy of payloads
     * up to a few KiB aside, and a client's connections share the bytes of a broadcast as a
     * server's do.
     *
     * @param mask by default true
     */
    public Builder performMasking(boolean mask) {
      performMasking = mask;
      return this;
    }

    /**
     * Chooses whether frames are accepted whose mask is not as RFC 6455 section 5.1 demands: at a
     * server those without, at a client those with one. Each frame is then read as its header says.
     *
     * <p>Security: a client without masks lets whoever chooses its messages forge what looks like
     * HTTP to a proxy on the way (section 10.3). Allow it only for clients that are known, in a
     * network that is trusted; browsers always mask.
     *
     * @param allow by default false: such a frame fails the connection with close code 1002
     */
    public Builder allowMaskMismatch(boolean allow) {
      allowMaskMismatch = allow;
      return this;
    }

    /**
     * Sets where the handlers log: failures, and at DEBUG the opening handshake, every frame and
     * how the connection ended, with payloads abbreviated. Whether frames are logged is decided
     * when a connection is opened; it then costs some of its speed.
     *
     * @param value by default the logger {@code io.github.websocketnetty.server}, or {@code
     *     io.github.websocketnetty.client}
     */
    public Builder logger(Logger value) {
      logger = Objects.requireNonNull(value, "logger");
      return this;
    }

    /**
     * Returns the description.
     *
     * @throws IllegalArgumentException if a size is negative, or {@link #maxFragments} neither
     *     positive nor {@link FrameLimits#FRAGMENTS_BY_SIZE}
     */
    public WebSocketPipeline build() {
      return new WebSocketPipeline(this);
    }
  }
}
