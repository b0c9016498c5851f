package io.github.websocketnetty.conversation;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Listens to what is logged, while it is open; the log goes to standard error. */
final class LoggedErrors implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

  LoggedErrors() {
    System.setErr(new PrintStream(lines, false, StandardCharsets.UTF_8));
  }

  /** Returns what was logged. */
  String text() {
    System.err.flush();
    return lines.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
