package io.github.websocketnetty;

import io.github.websocketnetty.handler.NettyVersion;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;

/**
 * Limits and times of a connection. Immutable; one instance may serve any number of connections.
 *
 * <p>Pairs of marks work alike: beyond the high mark the flow stops, at the low mark it goes on;
 * the low mark is a quarter of the high one unless it is given.
 */
public final class ConnectionOptions {
  /** The default of {@link Builder#maxQueue(int)}, in frames. */
  public static final int DEFAULT_MAX_QUEUE = 16;

  /**
   * The default of {@link Builder#maxQueueBytes}: 16 MiB, which is {@code maxQueue} messages of 1
   * MiB.
   */
  public static final long DEFAULT_MAX_QUEUE_BYTES = 16 << 20;

  /** The default of {@link Builder#writeLimit(int)}, in bytes. */
  public static final int DEFAULT_WRITE_LIMIT = 32_768;

  /** The default of {@link Builder#maxPendingSendBytes}: 16 MiB. */
  public static final long DEFAULT_MAX_PENDING_SEND_BYTES = 16 << 20;

  /** Apart, so that an unsupported Netty fails {@link #defaults} and not this class. */
  private static final class Defaults {
    static final ConnectionOptions INSTANCE = builder().build();
  }

  private static final int LOW_PART = 4;

  private final Builder values;
  private final WriteBufferWaterMark writeBufferWaterMark;
  private final WebSocketPipeline server;
  private final WebSocketPipeline client;

  private ConnectionOptions(Builder builder) {
    values = builder;
    int low = values.writeLow == Integer.MAX_VALUE ? values.writeLow : values.writeLow + 1;
    writeBufferWaterMark = new WriteBufferWaterMark(low, Math.max(low, values.writeHigh));
    server = pipeline(WebSocketPipeline.server());
    client = pipeline(WebSocketPipeline.client());
  }

  /** Returns the documented defaults. */
  public static ConnectionOptions defaults() {
    NettyVersion.check();
    return Defaults.INSTANCE;
  }

  /** Starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts with these options. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** Returns the time from one keepalive ping to the next; zero for none. */
  public Duration pingInterval() {
    return values.pingInterval;
  }

  /** Returns how long the peer may take to answer a keepalive ping; zero for any time. */
  public Duration pingTimeout() {
    return values.pingTimeout;
  }

  /** Returns how long closing may take as a whole; zero for any time. */
  public Duration closeTimeout() {
    return values.closeTimeout;
  }

  /** Returns the number of received frames beyond which reading pauses. */
  public int maxQueueHigh() {
    return values.queueHigh;
  }

  /** Returns the number of received frames at which reading goes on. */
  public int maxQueueLow() {
    return values.queueLow;
  }

  /** Returns the received payload bytes beyond which reading pauses. */
  public long maxQueueBytes() {
    return values.queueBytes;
  }

  /** Returns the unsent bytes beyond which sends wait. */
  public int writeLimitHigh() {
    return values.writeHigh;
  }

  /** Returns the unsent bytes at which sends go on. */
  public int writeLimitLow() {
    return values.writeLow;
  }

  /**
   * Returns the write limit for the channel. Netty's channels become writable below the low mark,
   * ours at it: with a mark of zero theirs never would.
   */
  WriteBufferWaterMark writeBufferWaterMark() {
    return writeBufferWaterMark;
  }

  /** Returns the payload bytes that may wait to be sent. */
  public long maxPendingSendBytes() {
    return values.pendingSendBytes;
  }

  /** Returns what the peer may send. */
  public FrameLimits limits() {
    return new FrameLimits(values.maxMessageSize, values.maxFragmentSize, values.maxFragments);
  }

  /** Returns the handlers that a connection with these options stands on. */
  public WebSocketPipeline pipeline(Side side) {
    Objects.requireNonNull(side, "side");
    return side == Side.SERVER ? server : client;
  }

  /** Returns where connections of a side log. */
  Logger logger(Side side) {
    return pipeline(side).logger();
  }

  private WebSocketPipeline pipeline(WebSocketPipeline.Builder pipeline) {
    if (values.logger != null) {
      pipeline.logger(values.logger);
    }
    return pipeline
        .maxMessageSize(values.maxMessageSize)
        .maxFragmentSize(values.maxFragmentSize)
        .maxFragments(values.maxFragments)
        .keepalive(values.pingInterval, values.pingTimeout)
        .closeTimeout(values.closeTimeout)
        .validateUtf8(values.validateUtf8)
        .performMasking(values.performMasking)
        .allowMaskMismatch(values.allowMaskMismatch)
        .build();
  }

  /**
   * Collects options. Each method throws {@link IllegalArgumentException} if a time or a limit is
   * negative, or a high mark below its low one. Not thread-safe.
   */
  public static final class Builder {
    private Duration pingInterval = WebSocketPipeline.DEFAULT_PING_INTERVAL;
    private Duration pingTimeout = WebSocketPipeline.DEFAULT_PING_TIMEOUT;
    private Duration closeTimeout = WebSocketPipeline.DEFAULT_CLOSE_TIMEOUT;
    private int queueHigh = DEFAULT_MAX_QUEUE;
    private int queueLow = DEFAULT_MAX_QUEUE / LOW_PART;
    private long queueBytes = DEFAULT_MAX_QUEUE_BYTES;
    private int writeHigh = DEFAULT_WRITE_LIMIT;
    private int writeLow = DEFAULT_WRITE_LIMIT / LOW_PART;
    private long pendingSendBytes = DEFAULT_MAX_PENDING_SEND_BYTES;
    private long maxMessageSize = FrameLimits.DEFAULT_MAX_MESSAGE_SIZE;
    private long maxFragmentSize = FrameLimits.UNLIMITED;
    private int maxFragments = FrameLimits.FRAGMENTS_BY_SIZE;
    private boolean validateUtf8 = true;
    private boolean performMasking = true;
    private boolean allowMaskMismatch;
    private Logger logger;

    private Builder() {}

    private Builder(Builder other) {
      pingInterval = other.pingInterval;
      pingTimeout = other.pingTimeout;
      closeTimeout = other.closeTimeout;
      queueHigh = other.queueHigh;
      queueLow = other.queueLow;
      queueBytes = other.queueBytes;
      writeHigh = other.writeHigh;
      writeLow = other.writeLow;
      pendingSendBytes = other.pendingSendBytes;
      maxMessageSize = other.maxMessageSize;
      maxFragmentSize = other.maxFragmentSize;
      maxFragments = other.maxFragments;
      validateUtf8 = other.validateUtf8;
      performMasking = other.performMasking;
      allowMaskMismatch = other.allowMaskMismatch;
      logger = other.logger;
    }

    /** Sets the time from one keepalive ping to the next; zero sends none. */
    public Builder pingInterval(Duration interval) {
      pingInterval = checked("pingInterval", interval);
      return this;
    }

    /** Sets how long the peer may take to answer a keepalive ping; zero for any time. */
    public Builder pingTimeout(Duration timeout) {
      pingTimeout = checked("pingTimeout", timeout);
      return this;
    }

    /** Sets how long closing may take as a whole, flushing included; zero for any time. */
    public Builder closeTimeout(Duration timeout) {
      closeTimeout = checked("closeTimeout", timeout);
      return this;
    }

    /** Sets how many received frames may wait, with a quarter of them as the low mark. */
    public Builder maxQueue(int high) {
      return maxQueue(high, high < 0 ? high : high / LOW_PART);
    }

    /**
     * Sets how many received frames may wait for the application. When TCP is lost while that many
     * wait, what was read beyond is dropped, and the connection ends with an error.
     *
     * @param high when more frames wait, reading pauses
     * @param low when as few wait, reading goes on
     */
    public Builder maxQueue(int high, int low) {
      checkMarks("maxQueue", high, low);
      queueHigh = high;
      queueLow = low;
      return this;
    }

    /**
     * Sets how many payload bytes of received frames may wait for the application, in addition to
     * {@link #maxQueue(int)}; reading goes on at a quarter of them. A message is delivered whole,
     * so one may be on top.
     */
    public Builder maxQueueBytes(long high) {
      checkNotNegative("maxQueueBytes", high);
      queueBytes = high;
      return this;
    }

    /**
     * Sets how many bytes may be unsent before sends wait, with a quarter of them as the low mark.
     */
    public Builder writeLimit(int high) {
      return writeLimit(high, high < 0 ? high : high / LOW_PART);
    }

    /**
     * Sets how many bytes may be unsent before sends wait. Zero makes each send wait until the
     * operating system has taken it all.
     *
     * @param high beyond this, sends wait
     * @param low at this, they go on
     */
    public Builder writeLimit(int high, int low) {
      checkMarks("writeLimit", high, low);
      writeHigh = high;
      writeLow = low;
      return this;
    }

    /**
     * Sets how many payload bytes may wait behind {@link #writeLimit(int)}; more fail with {@link
     * SendQueueFullException}. A single message is accepted whatever its size if nothing waits. The
     * number of messages is bounded as well, to one for each 256 of these bytes, or 1024 if that is
     * more; and the message that is being sent in fragments has the same room for itself.
     */
    public Builder maxPendingSendBytes(long bytes) {
      checkNotNegative("maxPendingSendBytes", bytes);
      pendingSendBytes = bytes;
      return this;
    }

    /** Sets the payload bytes of an incoming message at most. */
    public Builder maxMessageSize(long bytes) {
      maxMessageSize = FrameLimits.DEFAULT.withMaxMessageSize(bytes).maxMessageSize();
      return this;
    }

    /** Sets the payload bytes of an incoming frame at most. */
    public Builder maxFragmentSize(long bytes) {
      maxFragmentSize = FrameLimits.DEFAULT.withMaxFragmentSize(bytes).maxFragmentSize();
      return this;
    }

    /**
     * Sets the frames of an incoming message at most.
     *
     * @param frames by default {@link FrameLimits#FRAGMENTS_BY_SIZE}, a number that grows with the
     *     message; {@link Integer#MAX_VALUE} for no limit
     */
    public Builder maxFragments(int frames) {
      maxFragments = FrameLimits.DEFAULT.withMaxFragments(frames).maxFragments();
      return this;
    }

    /** Sets whether incoming text must be UTF-8; switching it off violates RFC 6455. */
    public Builder validateUtf8(boolean validate) {
      validateUtf8 = validate;
      return this;
    }

    /**
     * Sets whether a client masks what it sends, true unless set; switching it off violates RFC
     * 6455 and is for trusted networks only, see {@link WebSocketPipeline.Builder#performMasking}.
     * Servers never mask.
     */
    public Builder performMasking(boolean mask) {
      performMasking = mask;
      return this;
    }

    /**
     * Sets whether a server accepts frames without a mask and a client frames with one, false
     * unless set; switching it on violates RFC 6455 and is for trusted networks only, see {@link
     * WebSocketPipeline.Builder#allowMaskMismatch}.
     */
    public Builder allowMaskMismatch(boolean allow) {
      allowMaskMismatch = allow;
      return this;
    }

    /**
     * Sets where connections, and the server or client that opens them, log: failures as errors and
     * warnings, openings as information, and as debug output what {@link
     * WebSocketPipeline.Builder#logger} says.
     *
     * @param value {@code null}, the default, for the loggers {@code
     *     io.github.websocketnetty.server} and {@code io.github.websocketnetty.client}
     */
    public Builder logger(Logger value) {
      logger = value;
      return this;
    }

    /** Builds the options. */
    public ConnectionOptions build() {
      return new ConnectionOptions(new Builder(this));
    }

    private static Duration checked(String name, Duration value) {
      if (Objects.requireNonNull(value, name).isNegative()) {
        throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
      }
      return value;
    }

    private static void checkMarks(String name, int high, int low) {
      if (low < 0) {
        throw new IllegalArgumentException(
            name + ": low is " + low + ", must be positive or equal to zero");
      }
      if (high < low) {
        throw new IllegalArgumentException(
            name + ": high is " + high + ", must be greater than or equal to low " + low);
      }
    }

    private static void checkNotNegative(String name, long value) {
      if (value < 0) {
        throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
      }
    }
  }
}
