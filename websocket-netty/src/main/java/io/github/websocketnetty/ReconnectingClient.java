package io.github.websocketnetty;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.Times;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;

/**
 * Keeps a connection to a server: opens it, lets an {@link Endpoint} use it, and opens the next
 * when that is done or the connection is closed, until it is told to stop.
 *
 * <p>After a connection that has lasted, the next is opened at once. Where connecting fails, or a
 * connection was closed young, it waits: a random time below 5 seconds first, then 3.1 seconds, and
 * 1.618 times as long each time until it is 90 seconds. The sequence begins anew after a connection
 * that has lasted. It waits longer where the server or an HTTP proxy asks for that with {@code
 * Retry-After}, but not longer than 90 seconds for that.
 *
 * <p>Failures that the next attempt cannot mend end everything: what is wrong with a certificate, a
 * refusal with another status than 429, 500, 502, 503 or 504 by the server or an HTTP proxy, a
 * refusal of a SOCKS proxy because of its rules or of what it does not support, a server or proxy
 * that does not speak the protocol; and failures of the endpoint, which are not about the
 * connection.
 *
 * <p>Permanent redirects are remembered. All methods may be called from any thread; none blocks.
 */
public final class ReconnectingClient {
  /** How long a connection must last to count as a success unless told otherwise: 10 seconds. */
  public static final Duration DEFAULT_LASTING = Duration.ofSeconds(10);

  private static final double NANOS_PER_TENTH = 1e8;

  private final Logger logger;
  private final WebSocketClient client;
  private final Endpoint endpoint;
  private final Builder settings;
  private final EventLoop loop;
  private final CompletableFuture<Void> stopped;
  private final GenericFutureListener<Future<Object>> loopEnded;
  private final CompletableFuture<Void> over;
  private volatile Connection connection;

  // On the loop only.
  private ClientHandshakeOptions handshake;
  private Iterator<Duration> delays;
  private int attempts;
  private boolean stopping;
  private CompletableFuture<Connection> connecting;
  private Future<?> waiting;

  private ReconnectingClient(Builder builder) {
    settings = builder;
    client = builder.client;
    logger = client.logger();
    endpoint = builder.endpoint;
    handshake = builder.handshake;
    loop = client.group().next();
    stopped = new GroupFuture<>(client.group(), GlobalEventExecutor.INSTANCE);
    loopEnded = done -> stopped.completeExceptionally(loopHasEnded());
    over = stopped.whenComplete((nothing, failure) -> forgetLoop());
  }

  /**
   * Returns a builder with default options.
   *
   * @param client connects; it is not closed in the end
   * @param uri where to
   * @param endpoint uses each connection; when it is done, the connection is closed and the next
   *     one opened
   * @throws IllegalArgumentException if it is not the URI of a WebSocket
   */
  public static Builder builder(WebSocketClient client, URI uri, Endpoint endpoint) {
    Objects.requireNonNull(client, "client");
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(endpoint, "endpoint");
    return new Builder(client, ClientHandshakeOptions.forUri(uri), endpoint);
  }

  /** Is told what happens. Called on an event loop; must not block. */
  public interface Listener {
    /**
     * An attempt begins.
     *
     * @param attempt 1 for the first since the start, or since a connection that has lasted
     */
    default void connecting(int attempt) {}

    /**
     * A connection is open; the endpoint gets it right after.
     *
     * @param opened the connection
     */
    default void connected(Connection opened) {}

    /**
     * There is no connection, or not any more.
     *
     * @param attempt which attempt led here
     * @param cause why there is none, or {@link ConnectionClosedException}
     * @param delay how long it takes until the next attempt
     */
    default void waiting(int attempt, Throwable cause, Duration delay) {}
  }

  /** Returns the connection that is open, if one is. */
  public Optional<Connection> connection() {
    return Optional.ofNullable(connection);
  }

  /**
   * Stops: gives up an attempt, or closes the connection with 1000.
   *
   * @return a future as that of {@link #waitStopped}
   */
  public CompletableFuture<Void> stop() {
    try {
      loop.execute(this::stopNow);
    } catch (RejectedExecutionException loopEnded) {
      logger.debug("event loop ended before {}", this);
    }
    return waitStopped();
  }

  private void stopNow() {
    stopping = true;
    if (connection != null) {
      connection.close(); // and all else follows
    } else if (connecting != null) {
      connecting.cancel(false); // which is told as a failure, or too late as a connection
    } else if (waiting != null) {
      waiting.cancel(false);
      stopped.complete(null);
    }
  }

  /**
   * Waits for the end, without stopping.
   *
   * @return a future that completes when {@link #stop} was called and the endpoint is done; it
   *     fails with what no further attempt would have mended, or if the event loop ends before. On
   *     event loops of the client, {@code get} and {@code join} throw {@link IllegalStateException}
   *     while it is not complete
   */
  public CompletableFuture<Void> waitStopped() {
    return over.copy(); // completing it must not look like the end
  }

  /** Returns where it connects to, for logs. */
  @Override
  public String toString() {
    return "ReconnectingClient[" + settings.handshake.uri() + "]";
  }

  private void start() {
    client.group().terminationFuture().addListener(loopEnded);
    try {
      step(
          () -> {
            delays = Objects.requireNonNull(settings.delays.get(), "delays returned null");
            connect();
          });
    } catch (RejectedExecutionException rejected) {
      stopped.completeExceptionally(loopHasEnded());
    }
  }

  /** The group may live much longer. */
  private void forgetLoop() {
    client.group().terminationFuture().removeListener(loopEnded);
  }

  private static IllegalStateException loopHasEnded() {
    return new IllegalStateException("the event loop has ended");
  }

  /** Runs something on the loop; what the user's part of it throws ends everything. */
  private void step(Runnable action) {
    loop.execute(() -> guard(action));
  }

  private void guard(Runnable action) {
    try {
      action.run();
    } catch (Throwable failure) {
      logger.error("{} ends: a function of its options failed", this, failure);
      end(failure);
    }
  }

  private void connect() {
    waiting = null;
    if (stopping) {
      return;
    }
    attempts++;
    tell(listener -> listener.connecting(attempts));
    ClientHandshakeOptions prepared =
        Objects.requireNonNull(
            settings.beforeAttempt.apply(handshake), "beforeAttempt returned null");
    ClientAttempt attempt = client.attempt(prepared);
    connecting = attempt.connection();
    connecting.whenComplete(
        (opened, failure) -> {
          if (failure == null) {
            opened(attempt.remembered() == prepared ? null : attempt.remembered(), opened);
          } else {
            step(() -> failed(failure));
          }
        });
    attempt.start(); // behind that, so that the endpoint is called on the connection's loop
  }

  /** On the connection's loop, before anything is read. */
  private void opened(ClientHandshakeOptions redirected, Connection opened) {
    long begin = loop.ticker().nanoTime();
    connection = opened;
    tell(opened.logger(), listener -> listener.connected(opened));
    CompletableFuture<Void> over = EndpointRun.start(endpoint, opened);
    loop.execute(
        () -> {
          connecting = null;
          if (redirected != null) {
            handshake = redirected;
          }
          if (stopping) {
            opened.close();
          }
        });
    over.whenComplete(
        (nothing, failure) ->
            step(() -> closed(opened, failure, loop.ticker().nanoTime() - begin)));
  }

  private void closed(Connection closed, Throwable failure, long nanos) {
    connection = null;
    if (failure != null) {
      end(failure);
      return;
    }
    if (stopping) {
      stopped.complete(null);
      return;
    }
    // It says how the connection ended; there is nobody left to ping.
    closed.ping().whenComplete((latency, end) -> step(() -> again(end, nanos)));
  }

  private void again(Throwable end, long nanos) {
    if (stopping) {
      stopped.complete(null);
      return;
    }
    if (nanos < Times.nanos(settings.lasting)) {
      retry(end);
      return;
    }
    int attempt = attempts;
    attempts = 0;
    delays = Objects.requireNonNull(settings.delays.get(), "delays returned null");
    schedule(attempt, end, Duration.ZERO);
  }

  private void failed(Throwable failure) {
    connecting = null;
    if (stopping) {
      stopped.complete(null);
      return;
    }
    if (!settings.retryIf.test(failure)) {
      end(failure);
      return;
    }
    retry(failure);
  }

  private void retry(Throwable cause) {
    if (delays.hasNext()) {
      schedule(attempts, cause, Retries.delay(delays.next(), cause, Instant.now()));
    } else {
      end(cause);
    }
  }

  private void schedule(int attempt, Throwable cause, Duration delay) {
    logger.info(
        "{}; reconnecting in {} seconds: {}",
        cause instanceof ConnectionClosedException ? "connection closed" : "connect failed",
        Math.round(10.0 * delay.getSeconds() + delay.getNano() / NANOS_PER_TENTH) / 10.0,
        cause.toString());
    tell(listener -> listener.waiting(attempt, cause, delay));
    waiting = loop.schedule(() -> guard(this::connect), Times.nanos(delay), TimeUnit.NANOSECONDS);
  }

  private void end(Throwable failure) {
    stopping = true;
    stopped.completeExceptionally(failure);
  }

  private void tell(Consumer<Listener> event) {
    tell(logger, event);
  }

  private void tell(Logger logger, Consumer<Listener> event) {
    try {
      event.accept(settings.listener);
    } catch (Throwable failure) {
      logger.error("listener failed", failure);
    }
  }

  /** Collects options; {@link #start} starts. Not thread-safe. */
  public static final class Builder {
    private final WebSocketClient client;
    private final Endpoint endpoint;
    private ClientHandshakeOptions handshake;
    private UnaryOperator<ClientHandshakeOptions> beforeAttempt = options -> options;
    private Supplier<Iterator<Duration>> delays = Retries::delays;
    private Predicate<? super Throwable> retryIf = Retries::isRetryable;
    private Duration lasting = DEFAULT_LASTING;
    private Listener listener = new Listener() {};

    private Builder(WebSocketClient client, ClientHandshakeOptions handshake, Endpoint endpoint) {
      this.client = client;
      this.handshake = handshake;
      this.endpoint = endpoint;
    }

    private Builder(Builder other) {
      this(other.client, other.handshake, other.endpoint);
      beforeAttempt = other.beforeAttempt;
      delays = other.delays;
      retryIf = other.retryIf;
      lasting = other.lasting;
      listener = other.listener;
    }

    /** Sets where to connect to, and what is asked for, in place of the URI alone. */
    public Builder handshake(ClientHandshakeOptions value) {
      handshake = Objects.requireNonNull(value, "handshake");
      return this;
    }

    /**
     * Sets what may change the options before each attempt, for a token that expires. It gets those
     * set here, or what a permanent redirect made of them, and must not block. A header is replaced
     * by removing it and adding the new one.
     */
    public Builder beforeAttempt(UnaryOperator<ClientHandshakeOptions> value) {
      beforeAttempt = Objects.requireNonNull(value, "beforeAttempt");
      return this;
    }

    /**
     * Sets the delays after one failure and the next, in place of those described above. When they
     * come to an end, so does all, with the last failure. {@code Retry-After} makes a delay longer,
     * up to 90 seconds.
     *
     * @param value returns a new sequence, for the start and after each connection that has lasted
     */
    public Builder delays(Supplier<Iterator<Duration>> value) {
      delays = Objects.requireNonNull(value, "delays");
      return this;
    }

    /** Sets which failures to connect are worth another attempt. */
    public Builder retryIf(Predicate<? super Throwable> value) {
      retryIf = Objects.requireNonNull(value, "retryIf");
      return this;
    }

    /**
     * Sets how long a connection must last for the next to be opened at once; 10 seconds unless
     * set, {@link Duration#ZERO} for any time.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder lasting(Duration value) {
      if (Objects.requireNonNull(value, "lasting").isNegative()) {
        throw new IllegalArgumentException("lasting is " + value + ", must not be negative");
      }
      lasting = value;
      return this;
    }

    /** Sets who is told what happens. */
    public Builder listener(Listener value) {
      listener = Objects.requireNonNull(value, "listener");
      return this;
    }

    /**
     * Starts connecting.
     *
     * @return the client, to stop it
     */
    public ReconnectingClient start() {
      ReconnectingClient started = new ReconnectingClient(new Builder(this));
      started.start();
      return started;
    }
  }
}
