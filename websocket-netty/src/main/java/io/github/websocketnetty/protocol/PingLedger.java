package io.github.websocketnetty.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The pings that wait for their pong, in the order in which they were sent. Bounded.
 *
 * <p>A pong answers its ping and every earlier one, because the peer may answer only the newest.
 * Not thread-safe.
 *
 * @param <T> who waits for a pong
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3">RFC 6455, section 5.5.3</a>
 */
public final class PingLedger<T> {
  /** How many pings may wait unless told otherwise. */
  public static final int DEFAULT_LIMIT = 1024;

  /** How many bytes fit in a control frame. */
  public static final int MAX_PAYLOAD_BYTES = 125;

  /**
   * Takes the news that a ping was answered.
   *
   * @param <T> who waits for a pong
   */
  @FunctionalInterface
  public interface Acknowledged<T> {
    /**
     * Called once for each answered ping, oldest first, when the ledger no longer knows it. Must
     * not throw.
     *
     * @param waiter the one that was registered
     * @param elapsedNanos the time between registration and pong
     */
    void acknowledged(T waiter, long elapsedNanos);
  }

  private record Entry<T>(T waiter, long sentNanos) {}

  private final int limit;

  /**
   * In order; a ByteBuffer compares by content, which an array does not. The empty map of all
   * ledgers while no ping waits, since most of the time none does.
   */
  private Map<ByteBuffer, Entry<T>> pending = Map.of();

  private long latencyNanos;

  /** Creates an empty ledger for {@link #DEFAULT_LIMIT} pings. */
  public PingLedger() {
    this(DEFAULT_LIMIT);
  }

  /**
   * Creates an empty ledger.
   *
   * @param limit how many pings may wait at the same time, at least 1
   */
  public PingLedger(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be at least 1");
    }
    this.limit = limit;
  }

  /**
   * Registers a ping that is about to be sent. If this throws, nothing has changed.
   *
   * @param payload its payload, copied
   * @param waiter who waits for the pong
   * @param nowNanos the current time
   * @throws IllegalArgumentException if the payload is longer than {@link #MAX_PAYLOAD_BYTES}
   * @throws IllegalStateException if a ping with the same payload waits, or the ledger is full
   */
  public void register(byte[] payload, T waiter, long nowNanos) {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(waiter, "waiter");
    if (payload.length > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "control frame too long: payload is "
              + payload.length
              + " bytes, at most "
              + MAX_PAYLOAD_BYTES
              + " fit");
    }
    ByteBuffer key = ByteBuffer.wrap(payload.clone());
    if (pending.containsKey(key)) {
      throw new IllegalStateException("already waiting for a pong with the same data");
    }
    if (pending.size() >= limit) {
      throw new IllegalStateException("already waiting for " + limit + " pongs, the limit");
    }
    if (pending.isEmpty()) {
      pending = new LinkedHashMap<>();
    }
    pending.put(key, new Entry<>(waiter, nowNanos));
  }

  /** Returns whether a ping with this payload waits. */
  public boolean isWaiting(byte[] payload) {
    Objects.requireNonNull(payload, "payload");
    return pending.containsKey(ByteBuffer.wrap(payload));
  }

  /**
   * A pong arrived: its ping and all earlier ones are answered. A pong that matches no ping is
   * ignored.
   *
   * @param payload the pong's payload, of which the indices are left alone and nothing is released
   * @param nowNanos the current time
   * @param callback told of each answered ping
   */
  public void acknowledge(ByteBuf payload, long nowNanos, Acknowledged<? super T> callback) {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(callback, "callback");
    if (!pending.isEmpty()) {
      acknowledge(ByteBufUtil.getBytes(payload), nowNanos, callback);
    }
  }

  /**
   * A pong arrived: its ping and all earlier ones are answered. A pong that matches no ping is
   * ignored.
   *
   * @param payload the pong's payload
   * @param nowNanos the current time
   * @param callback told of each answered ping
   */
  public void acknowledge(byte[] payload, long nowNanos, Acknowledged<? super T> callback) {
    Objects.requireNonNull(payload, "payload");
    Objects.requireNonNull(callback, "callback");
    Entry<T> matched = pending.get(ByteBuffer.wrap(payload));
    if (matched == null) {
      return;
    }
    latencyNanos = nowNanos - matched.sentNanos;
    // Taken out first: a callback may register the same payload again.
    for (Entry<T> entry : takeUpTo(matched)) {
      callback.acknowledged(entry.waiter, nowNanos - entry.sentNanos);
    }
  }

  private List<Entry<T>> takeUpTo(Entry<T> last) {
    List<Entry<T>> taken = new ArrayList<>();
    Iterator<Entry<T>> entries = pending.values().iterator();
    Entry<T> entry;
    do {
      entry = entries.next();
      entries.remove();
      taken.add(entry);
    } while (entry != last);
    forgetEmpty();
    return taken;
  }

  /** Forgets the ping of {@code waiter}, so that its payload can be used again. */
  public void forget(T waiter) {
    Objects.requireNonNull(waiter, "waiter");
    if (!pending.isEmpty()) {
      pending.values().removeIf(entry -> entry.waiter == waiter);
      forgetEmpty();
    }
  }

  private void forgetEmpty() {
    if (pending.isEmpty()) {
      pending = Map.of();
    }
  }

  /**
   * The connection ended: forgets all pings and hands over who waits for them, oldest first.
   *
   * @param action told of each; must not throw
   */
  public void drain(Consumer<? super T> action) {
    Objects.requireNonNull(action, "action");
    List<Entry<T>> all = new ArrayList<>(pending.values());
    pending = Map.of();
    for (Entry<T> entry : all) {
      action.accept(entry.waiter);
    }
  }

  /** Returns how many pings wait. */
  public int size() {
    return pending.size();
  }

  /**
   * Returns how long the pong took that was matched last, 0 before the first. Pings answered along
   * with a later one do not count.
   */
  public long latencyNanos() {
    return latencyNanos;
  }
}
