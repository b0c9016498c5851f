package io.github.websocketnetty;

import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

/**
 * Two threads that do something to the same objects at the same time, once. What may come of it is
 * a short list, whoever is first. Cheap to make, since a run makes millions.
 */
abstract class Race {
  private static final String BROKEN = "BROKEN ";

  final RacedLoop loop = new RacedLoop();

  /** What one thread does. */
  abstract void first();

  /** What the other one does. */
  abstract void second();

  /** Returns what has come of it; on the event loop, which has run all its tasks. */
  abstract String seen();

  /** Returns all that {@link #seen} may return. */
  abstract Set<String> allowed();

  /** Returns what has come of it; to be called behind both threads. */
  final String outcome() {
    loop.run(() -> {});
    String seen = seen();
    return allowed().contains(seen) ? seen : BROKEN + seen;
  }

  static boolean isBroken(String outcome) {
    return outcome.startsWith(BROKEN);
  }

  /** Returns what a future has come to, in a word. */
  static String of(CompletableFuture<?> future) {
    if (!future.isDone()) {
      return "pending";
    }
    try {
      return word(future.join());
    } catch (CancellationException cancelled) {
      return "cancelled";
    } catch (CompletionException failed) {
      return word(failed.getCause());
    } catch (RuntimeException failed) {
      return word(failed);
    }
  }

  private static String word(Object value) {
    if (value instanceof Message message) {
      return message.text();
    }
    if (value instanceof Fragment fragment) {
      return fragment.text();
    }
    return value == null ? "done" : value.toString();
  }

  static String word(Throwable failure) {
    if (failure instanceof ConnectionClosedException) {
      return "closed";
    }
    if (failure instanceof ConcurrencyException) {
      return "refused";
    }
    if (failure instanceof SendQueueFullException) {
      return "full";
    }
    return failure instanceof RejectedExecutionException ? "rejected" : failure.toString();
  }
}
