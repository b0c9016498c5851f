package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who is connected to a server, and whether they may stay. Any thread; what is decided here each
 * {@link Guest} performs on its event loop.
 */
final class Guests {
  private final Set<Guest> present = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> allGone = new CompletableFuture<>();

  /** The listener, the channels and the endpoints that are not done. */
  private final AtomicInteger pending = new AtomicInteger(1);

  private volatile boolean welcome = true;
  private volatile CloseStatus farewell;

  /** Returns whether new connections may be opened. */
  boolean areWelcome() {
    return welcome;
  }

  /** Returns how to close connections, or null while they may stay. */
  CloseStatus farewell() {
    return farewell;
  }

  /** Completes when the listener, all channels and all endpoints are gone. */
  CompletableFuture<Void> allGone() {
    return allGone;
  }

  void arrived(Guest guest) {
    begun();
    present.add(guest);
    if (!welcome) { // looked at after the guest is in the set, so none is forgotten
      guest.dismiss();
    }
  }

  void left(Guest guest) {
    present.remove(guest);
    ended();
  }

  /** Something must end before the server has. */
  void begun() {
    pending.incrementAndGet();
  }

  /** It has ended, whatever {@link #begun} announced, or the listener. */
  void ended() {
    if (pending.decrementAndGet() == 0) {
      allGone.complete(null);
    }
  }

  /** From now on nobody new is let in; who is connected stays. */
  void letNobodyIn() {
    welcome = false;
    present.forEach(Guest::dismiss);
  }

  /** Sends everybody away; the first farewell counts. */
  synchronized void sendAway(CloseStatus status) {
    if (farewell == null) {
      farewell = status;
    }
    letNobodyIn();
  }

  Set<Connection> connections() {
    Set<Connection> open = new LinkedHashSet<>();
    for (Guest guest : present) {
      Connection connection = guest.connection();
      if (connection != null && connection.state() == ConnectionState.OPEN) {
        open.add(connection);
      }
    }
    return open;
  }
}
