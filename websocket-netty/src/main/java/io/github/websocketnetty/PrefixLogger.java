package io.github.websocketnetty;

import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;

/** A logger whose lines begin with the identifier of a connection. */
final class PrefixLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient Logger logger;
  private final transient Supplier<UUID> id;

  PrefixLogger(Logger logger, Supplier<UUID> id) {
    this.logger = logger;
    this.id = id;
    this.name = logger.getName();
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable throwable) {
    var event = logger.atLevel(level).setCause(throwable);
    if (arguments != null) {
      for (Object argument : arguments) {
        event = event.addArgument(argument);
      }
    }
    (marker == null ? event : event.addMarker(marker)).log(id.get() + " " + pattern);
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return PrefixLogger.class.getName();
  }

  @Override
  public boolean isTraceEnabled() {
    return logger.isTraceEnabled();
  }

  @Override
  public boolean isDebugEnabled() {
    return logger.isDebugEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return logger.isInfoEnabled();
  }

  @Override
  public boolean isWarnEnabled() {
    return logger.isWarnEnabled();
  }

  @Override
  public boolean isErrorEnabled() {
    return logger.isErrorEnabled();
  }
}
