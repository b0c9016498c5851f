package io.github.websocketnetty.examples;

import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.BroadcastResult.Skipped;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.SlowReceivers;
import io.github.websocketnetty.TextMessage;
import io.github.websocketnetty.protocol.CloseCode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * People who see what each of them writes, and what was written last before they came. Thread-safe;
 * what happens in a room happens for everybody in the same order.
 */
final class Room {
  private static final int HISTORY = 100;

  private final Map<Connection, String> members = new LinkedHashMap<>();
  private final Deque<String> history = new ArrayDeque<>();

  synchronized boolean isEmpty() {
    return members.isEmpty();
  }

  synchronized void join(Connection connection, String name) {
    history.forEach(connection::send);
    members.put(connection, name);
    tellWhoIsThere();
  }

  synchronized void leave(Connection connection) {
    if (members.remove(connection) != null) {
      tellWhoIsThere();
    }
  }

  synchronized void say(String name, String text) {
    String message =
        Json.object(
            "type",
            "said",
            "id",
            UUID.randomUUID().toString(),
            "time",
            Instant.now().toString(),
            "name",
            name,
            "text",
            text);
    history.add(message);
    if (history.size() > HISTORY) {
      history.remove();
    }
    tellEverybody(message);
  }

  private void tellWhoIsThere() {
    List<Object> names = new ArrayList<>(new TreeSet<>(members.values()));
    tellEverybody(Json.object("type", "here", "names", names));
  }

  /**
   * Nobody waits for the slow ones, and nobody misses a message without knowing: whoever is so slow
   * that no more can wait has to come again.
   */
  private void tellEverybody(String message) {
    Connections.broadcast(members.keySet(), TextMessage.of(message), SlowReceivers.QUEUE)
        .thenAccept(result -> result.skipped().forEach(this::sendAway));
  }

  private void sendAway(Skipped skipped) {
    if (skipped.reason() == Reason.FULL) {
      skipped.connection().close(CloseCode.TRY_AGAIN_LATER, "you read too slowly");
      leave(skipped.connection()); // a peer that does not read may be long in closing
    }
  }
}
