package io.github.websocketnetty;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Tries several ways to connect: the next one when one has failed, or has not succeeded for 250 ms.
 * The first one that succeeds ends all others. Used on one event loop only.
 *
 * @param <R> what one attempt is about, such as an address
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8305#section-5">RFC 8305, section 5</a>
 */
final class ConnectRace<R> {
  /** How long one attempt is alone before the next one begins. */
  static final long DELAY_MILLIS = 250;

  /** How many attempts there are at a time: each one has a socket. */
  static final int MAX_RUNNING = 32;

  private final EventExecutor loop;
  private final Queue<R> waiting;
  private final Function<? super Attempt, ? extends Channel> opener;
  private final Consumer<? super List<Failure<R>>> loser;
  private final Set<Attempt> running = new LinkedHashSet<>();
  private final List<Failure<R>> failures = new ArrayList<>();
  private Future<?> timer;
  private boolean starting;
  private boolean over;

  /** One attempt that has failed. */
  record Failure<R>(R route, Throwable cause) {}

  /**
   * Creates a race.
   *
   * @param routes what to try, in this order; at least one
   * @param opener begins an attempt and returns its channel; it tells the attempt how that ended
   * @param loser is told once if all have failed
   */
  ConnectRace(
      EventExecutor loop,
      Collection<R> routes,
      Function<? super Attempt, ? extends Channel> opener,
      Consumer<? super List<Failure<R>>> loser) {
    this.loop = loop;
    this.waiting = new ArrayDeque<>(routes);
    this.opener = opener;
    this.loser = loser;
  }

  /** One of the attempts. */
  final class Attempt {
    private final R route;
    private Channel channel;
    private boolean ended;

    private Attempt(R route) {
      this.route = route;
    }

    R route() {
      return route;
    }

    /** Says that it succeeded; returns whether it is the first, else its channel is closed. */
    boolean succeeded() {
      if (ended) {
        return false;
      }
      ended = true;
      running.remove(this);
      stop();
      return true;
    }

    /** Says that it failed; anything that comes later is ignored. */
    void failed(Throwable cause) {
      if (ended) {
        return;
      }
      ended = true;
      running.remove(this);
      failures.add(new Failure<>(route, cause));
      if (!starting) {
        next();
      }
    }

    private void begin() {
      starting = true;
      try {
        channel = opener.apply(this);
      } catch (Throwable failure) {
        failed(failure);
      } finally {
        starting = false;
      }
    }

    private void abandon() {
      ended = true;
      if (channel != null) {
        channel.close();
      }
    }
  }

  /** Begins the first attempt, or the next one. */
  void next() {
    while (!over && !waiting.isEmpty()) {
      Attempt attempt = new Attempt(waiting.remove());
      running.add(attempt);
      attempt.begin();
      if (!attempt.ended) {
        arm();
        return;
      }
    }
    if (!over && running.isEmpty()) {
      stop();
      loser.accept(failures);
    }
  }

  /** Leaves out some of those that have not begun. */
  void leaveOut(Predicate<? super R> useless) {
    waiting.removeIf(useless);
  }

  /** Ends all attempts; nothing more is told. */
  void stop() {
    over = true;
    disarm();
    waiting.clear();
    running.forEach(Attempt::abandon);
    running.clear();
  }

  private void arm() {
    disarm();
    if (!waiting.isEmpty() && running.size() < MAX_RUNNING) {
      timer = loop.schedule(this::next, DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
