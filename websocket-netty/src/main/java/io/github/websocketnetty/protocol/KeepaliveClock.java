package io.github.websocketnetty.protocol;

/**
 * Decides when to ping and when the peer counts as silent.
 *
 * <p>Pings start every interval as long as pongs take less than that; never is more than one
 * unanswered. While a pong is awaited, everything that arrives counts as a sign of life, because
 * the pong may stand behind it. Times are nanoseconds of one clock with any origin. Not
 * thread-safe.
 */
public final class KeepaliveClock {
  /** What to do now. */
  public enum Action {
    /** Nothing; call again later. */
    NOTHING,
    /** Send a ping; forget the previous one if it is unanswered. */
    PING,
    /** The peer is silent: fail the connection. The clock has stopped. */
    TIMED_OUT
  }

  /** What {@link #delayNanos} returns when there is nothing to call for. */
  public static final long NEVER = Long.MAX_VALUE;

  private enum Phase {
    STOPPED,
    SLEEPING,
    WAITING,
    LAST_LOOK
  }

  private final long intervalNanos;
  private final long timeoutNanos;
  private Phase phase = Phase.STOPPED;
  private long dueNanos;

  /**
   * Creates a stopped clock.
   *
   * @param intervalNanos the time between two pings, at least 1
   * @param timeoutNanos how long the peer may stay silent after a ping; 0 for any time
   */
  public KeepaliveClock(long intervalNanos, long timeoutNanos) {
    if (intervalNanos < 1) {
      throw new IllegalArgumentException(
          "interval is " + intervalNanos + " ns, must be at least 1");
    }
    if (timeoutNanos < 0) {
      throw new IllegalArgumentException(
          "timeout is " + timeoutNanos + " ns, must not be negative");
    }
    this.intervalNanos = intervalNanos;
    this.timeoutNanos = timeoutNanos;
  }

  /** The connection is open: the first ping is due after one interval. */
  public void start(long nowNanos) {
    sleep(nowNanos, intervalNanos);
  }

  /** The connection is over. */
  public void stop() {
    phase = Phase.STOPPED;
  }

  /** Returns how long to wait before the next {@link #tick}, at least 0, or {@link #NEVER}. */
  public long delayNanos(long nowNanos) {
    return phase == Phase.STOPPED ? NEVER : Math.max(0, dueNanos - nowNanos);
  }

  /**
   * Returns what to do now; calling too early is harmless. The time for the pong starts here, when
   * the ping is about to be written, so a ping stuck behind unflushed data times out too.
   *
   * @param nowNanos the current time
   * @param silenceProvesNothing whether the peer has an excuse, and so gets the whole time again:
   *     we do not read at the moment, or our ping is still on its way behind data that moves
   */
  public Action tick(long nowNanos, boolean silenceProvesNothing) {
    if (phase == Phase.STOPPED || nowNanos - dueNanos < 0) {
      return Action.NOTHING;
    }
    if (phase == Phase.SLEEPING) {
      return ping(nowNanos);
    }
    if (silenceProvesNothing) {
      waitFor(nowNanos, timeoutNanos);
      return Action.NOTHING;
    }
    if (phase == Phase.WAITING) {
      // Our own thread may have been stuck. One more turn of its loop reads what lies in the
      // socket.
      phase = Phase.LAST_LOOK;
      dueNanos = nowNanos;
      return Action.NOTHING;
    }
    stop();
    return Action.TIMED_OUT;
  }

  private Action ping(long nowNanos) {
    if (timeoutNanos == 0) {
      sleep(nowNanos, intervalNanos);
    } else {
      waitFor(nowNanos, timeoutNanos);
    }
    return Action.PING;
  }

  /**
   * The keepalive ping was answered, itself or along with a later one: the next is due one interval
   * after its start, at once if the pong took longer. Without a timeout nothing changes.
   *
   * @param nowNanos the current time
   * @param roundTripNanos how long the pong took
   */
  public void pongReceived(long nowNanos, long roundTripNanos) {
    if (isWaiting()) {
      sleep(nowNanos, Math.max(0, intervalNanos - roundTripNanos));
    }
  }

  /** Something arrived, be it a piece of a frame: the peer has the whole time again. */
  public void bytesReceived(long nowNanos) {
    if (isWaiting()) {
      waitFor(nowNanos, timeoutNanos);
    }
  }

  /** Returns whether a pong is awaited, so that {@link #bytesReceived} matters. */
  public boolean isWaiting() {
    return phase == Phase.WAITING || phase == Phase.LAST_LOOK;
  }

  private void sleep(long nowNanos, long nanos) {
    phase = Phase.SLEEPING;
    dueNanos = nowNanos + nanos;
  }

  private void waitFor(long nowNanos, long nanos) {
    phase = Phase.WAITING;
    dueNanos = nowNanos + nanos;
  }
}
