package io.github.websocketnetty;

import java.util.UUID;
import org.slf4j.Logger;

/**
 * The identifier and the logger of a connection, made when somebody asks: randomness is not free.
 */
final class ConnectionIdentity {
  private final Logger base;
  private volatile UUID id;
  private volatile Logger logger;

  /**
   * Creates neither yet.
   *
   * @param base gets the lines
   */
  ConnectionIdentity(Logger base) {
    this.base = base;
  }

  UUID id() {
    UUID known = id;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      if (id == null) {
        id = UUID.randomUUID();
      }
      return id;
    }
  }

  Logger logger() {
    if (logger == null) {
      logger = new PrefixLogger(base, this::id); // a line that is not logged needs no identifier
    }
    return logger;
  }
}
