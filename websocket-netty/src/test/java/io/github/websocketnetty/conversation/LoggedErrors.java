package io.github.websocketnetty.conversation;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Listens to what is logged, while it is open; the log goes to standard error. */
final class LoggedErrors implements AutoCloseable {
  private static final Pattern FRAGMENTED =
      Pattern.compile("(?m)^.* skipped broadcast: sending a fragmented message\n");
  private static final Pattern FAILED =
      Pattern.compile(
          "(?m)^.* skipped broadcast: failed to write message\n.*\n"
              + "(\tat .*\n|\t\\.\\.\\. .*\n|Caused by: .*\n|\tSuppressed: .*\n)*");

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private int fragmented;
  private int failed;
  private boolean isAnything;

  LoggedErrors() {
    System.setErr(new PrintStream(lines, false, StandardCharsets.UTF_8));
  }

  /** A broadcast has skipped a connection for a reason that it logs. */
  void expectSkipped(boolean hasFailed) {
    if (hasFailed) {
      failed++;
    } else {
      fragmented++;
    }
  }

  /** Nobody will know how often a broadcast has skipped a connection. */
  void expectAnything() {
    isAnything = true;
  }

  /** Returns what was logged that was not expected, or tells what was not logged. */
  String unexpected() {
    System.err.flush();
    String text = lines.toString(StandardCharsets.UTF_8);
    if (text.isEmpty() && fragmented + failed == 0) {
      return text;
    }
    Matcher ofFragmented = FRAGMENTED.matcher(text);
    boolean isKnown = isAnything || ofFragmented.results().count() == fragmented;
    text = ofFragmented.replaceAll("");
    Matcher ofFailed = FAILED.matcher(text);
    isKnown &= isAnything || ofFailed.results().count() == failed;
    text = ofFailed.replaceAll("");
    return isKnown ? text : fragmented + " and " + failed + " broadcasts were skipped; " + lines;
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
