package io.github.websocketnetty;

import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identifier and the logger of a connection, made when somebody asks: randomness is not free.
 */
final class ConnectionIdentity {
  private static final Logger LOGGER = LoggerFactory.getLogger(Connection.class);

  private volatile UUID id;
  private volatile Logger logger;

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
      logger = new PrefixLogger(LOGGER, this::id); // a line that is not logged needs no identifier
    }
    return logger;
  }
}
