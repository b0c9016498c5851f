package io.github.websocketnetty.protocol;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The compressors of one level, or the decompressors, that no message of this thread uses at the
 * moment: some at their start, for anybody; and some that remember the messages of a connection,
 * the {@linkplain Live live} ones. Of these, the ones that were used longest ago make room.
 *
 * @param <Z> a compressor or a decompressor
 */
final class ZlibShelf<Z> {
  /** One is enough unless messages in fragments keep some for a while. */
  private static final int MOST_AT_START = 4;

  private final Supplier<Z> maker;
  private final Consumer<Z> reset;
  private final Consumer<Z> end;
  private final ArrayDeque<Z> atStart = new ArrayDeque<>(MOST_AT_START);
  private Live<Z> newest;
  private Live<Z> oldest;
  private int live;

  ZlibShelf(Supplier<Z> maker, Consumer<Z> reset, Consumer<Z> end) {
    this.maker = maker;
    this.reset = reset;
    this.end = end;
  }

  /** Returns one at its start, to be {@linkplain #release given back} or {@link #keep kept}. */
  Z take() {
    Z idle = atStart.poll();
    return idle == null ? maker.get() : idle;
  }

  void release(Z zlib) {
    if (atStart.size() >= MOST_AT_START) {
      end.accept(zlib);
      return;
    }
    reset.accept(zlib);
    atStart.push(zlib);
  }

  /**
   * Keeps one as it is until its owner {@linkplain #take(Live) takes} it, or it has to make room.
   *
   * @param known what the owner got last time, or null
   * @param most how many are kept
   * @return what the owner takes it with
   */
  Live<Z> keep(Z zlib, Live<Z> known, int most) {
    Live<Z> kept = known != null && known.home == this ? known : new Live<>(this);
    kept.zlib.set(zlib);
    link(kept);
    while (live > most) {
      Z parked = take(oldest);
      if (parked != null) {
        release(parked);
      }
    }
    return kept;
  }

  /** Returns the one that was kept, or null if it had to make room, or there is none. */
  Z take(Live<Z> kept) {
    if (kept == null) {
      return null;
    }
    if (kept.home == this && kept.linked) {
      unlink(kept);
    }
    return kept.zlib.getAndSet(null);
  }

  /** Frees everything. */
  void end() {
    atStart.forEach(end);
    atStart.clear();
    while (oldest != null) {
      Z kept = take(oldest);
      if (kept != null) {
        end.accept(kept);
      }
    }
  }

  private void link(Live<Z> kept) {
    kept.linked = true;
    kept.older = newest;
    if (newest == null) {
      oldest = kept;
    } else {
      newest.newer = kept;
    }
    newest = kept;
    live++;
  }

  private void unlink(Live<Z> kept) {
    if (kept.newer == null) {
      newest = kept.older;
    } else {
      kept.newer.older = kept.older;
    }
    if (kept.older == null) {
      oldest = kept.newer;
    } else {
      kept.older.newer = kept.newer;
    }
    kept.newer = null;
    kept.older = null;
    kept.linked = false;
    live--;
  }

  /**
   * The place of a compressor or decompressor that is kept for its owner. Should the owner move to
   * another thread, that of the shelf may be about to take it away: whoever empties it has it.
   */
  static final class Live<Z> {
    private final ZlibShelf<Z> home;
    private final AtomicReference<Z> zlib = new AtomicReference<>();

    // The thread of the shelf only.
    private Live<Z> newer;
    private Live<Z> older;
    private boolean linked;

    private Live(ZlibShelf<Z> home) {
      this.home = home;
    }
  }
}
