package io.github.websocketnetty.soak;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads what is logged, which goes to the standard error, and shows only what is unexpected. */
final class SoakLog implements AutoCloseable {
  private static final Pattern LINE =
      Pattern.compile("^\\[[^]]*\\] (TRACE|DEBUG|INFO|WARN|ERROR) .*");
  private static final int KEPT = 40;

  private final PrintStream before = System.err;
  private final List<String> unexpected = new ArrayList<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private String head = "";
  private boolean isExpected;
  private int expected;

  SoakLog() {
    System.setErr(new PrintStream(new Lines(), true, StandardCharsets.UTF_8));
  }

  /** Cuts what is written into lines. */
  private final class Lines extends java.io.OutputStream {
    @Override
    public void write(int b) {
      if (b != '\n') {
        line.write(b);
        return;
      }
      see(line.toString(StandardCharsets.UTF_8));
      line.reset();
    }
  }

  private synchronized void see(String text) {
    boolean isHead = LINE.matcher(text).matches();
    if (isHead) {
      head = text;
      isExpected = text.contains("skipped broadcast: "); // to somebody who was cut off, or is busy
    } else if (head.contains("connection handler failed")) {
      isExpected = text.startsWith(SoakServer.PlannedFailure.class.getName());
      head = "";
    }
    if (isHead && head.contains("connection handler failed")) {
      return; // what failed stands in the next line
    }
    if (isExpected) {
      expected++;
    } else if (unexpected.size() < KEPT) {
      unexpected.add(text);
    }
  }

  synchronized List<String> unexpected() {
    return List.copyOf(unexpected);
  }

  synchronized int expected() {
    return expected;
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
