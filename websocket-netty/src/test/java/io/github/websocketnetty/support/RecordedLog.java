package io.github.websocketnetty.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that keeps its lines; thread-safe. */
public final class RecordedLog extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  /** Without the levels. */
  public final transient List<String> lines = new CopyOnWriteArrayList<>();

  /** With the level in front of each. */
  public final transient List<String> records = new CopyOnWriteArrayList<>();

  /** The exceptions whose stack traces a logger would print. */
  public final transient List<Throwable> failures = new CopyOnWriteArrayList<>();

  private final boolean isDebugEnabled;

  public RecordedLog() {
    this(true);
  }

  public RecordedLog(boolean isDebugEnabled) {
    this.isDebugEnabled = isDebugEnabled;
    name = "recorded";
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable throwable) {
    String line = MessageFormatter.basicArrayFormat(pattern, arguments);
    lines.add(line);
    records.add(level + " " + line);
    if (throwable != null) {
      failures.add(throwable);
    }
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return RecordedLog.class.getName();
  }

  @Override
  public boolean isTraceEnabled() {
    return isDebugEnabled;
  }

  @Override
  public boolean isDebugEnabled() {
    return isDebugEnabled;
  }

  @Override
  public boolean isInfoEnabled() {
    return true;
  }

  @Override
  public boolean isWarnEnabled() {
    return true;
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }
}
