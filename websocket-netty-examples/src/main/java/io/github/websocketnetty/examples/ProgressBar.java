package io.github.websocketnetty.examples;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Shows how much of a file has passed, on one line of a terminal; elsewhere only in the end. */
final class ProgressBar {
  private static final int WIDTH = 30;
  private static final int PERCENT = 100;
  private static final double MEBI = 1 << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final PrintWriter out;
  private final boolean interactive;
  private final long total;
  private final long start = System.nanoTime();
  private long done;
  private long shown;

  ProgressBar(PrintWriter out, boolean interactive, long total) {
    this.out = out;
    this.interactive = interactive;
    this.total = total;
  }

  void add(int bytes) {
    done += bytes;
    long elapsed = System.nanoTime() - start;
    if (interactive && elapsed - shown >= PAUSE_NANOS) {
      shown = elapsed;
      out.print('\r' + line(elapsed));
      out.flush();
    }
  }

  long done() {
    return done;
  }

  void finish() {
    out.println((interactive ? "\r" : "") + line(System.nanoTime() - start));
  }

  private String line(long elapsedNanos) {
    double part = total == 0 ? 1 : (double) done / total;
    int filled = (int) Math.min(WIDTH, part * WIDTH);
    double seconds = Math.max(1, elapsedNanos) / 1e9;
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %%  %.1f of %.1f MiB  %.0f MiB/s",
        "#".repeat(filled),
        " ".repeat(WIDTH - filled),
        part * PERCENT,
        done / MEBI,
        total / MEBI,
        done / MEBI / seconds);
  }
}
