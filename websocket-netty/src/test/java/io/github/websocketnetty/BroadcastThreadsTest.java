package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Broadcasts from another thread to connections on several event loops. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class BroadcastThreadsTest {
  private static final int ROUNDS = 1000;

  private final List<ConnectionPair> pairs = new ArrayList<>();

  BroadcastThreadsTest(Transports transport) throws Exception {
    for (int i = 0; i < 3; i++) {
      pairs.add(new ConnectionPair(i == 0 ? Side.CLIENT : Side.SERVER, transport));
    }
  }

  @AfterEach
  void end() throws Exception {
    for (ConnectionPair pair : pairs) {
      pair.end();
    }
  }

  private List<Connection> connections() {
    return pairs.stream().map(pair -> pair.connection).toList();
  }

  // SRV-01, SEND-20
  @Test
  void broadcastsKeepTheirPlaceAmongWhatAThreadSends() throws Exception {
    List<Connection> connections = connections();
    for (int i = 0; i < ROUNDS; i++) {
      for (Connection each : connections) {
        each.send(3 * i + "");
      }
      Connections.broadcast(connections, 3 * i + 1 + "");
      for (Connection each : connections) {
        each.send(3 * i + 2 + "");
      }
      if (i % 100 == 0) {
        BroadcastResult result = Connections.broadcast(connections, "skip me").get();
        assertEquals(List.of(), result.skipped());
        assertEquals(3, result.sent() + result.queued());
      }
    }
    for (ConnectionPair pair : pairs) {
      BlockingConnection peer = pair.peer.blocking();
      for (int i = 0; i < 3 * ROUNDS; ) {
        String text = peer.recvText();
        if (!text.equals("skip me")) {
          assertEquals(i++ + "", text);
        }
      }
    }
  }

  // SRV-03
  @Test
  void connectionsWhoseEventLoopIsGoneAreSkipped() throws Exception {
    pairs.get(1).end();
    BroadcastResult result =
        Connections.broadcast(connections(), "to those that are left").get(10, TimeUnit.SECONDS);
    assertEquals(2, result.sent());
    assertEquals(1, result.skipped().size());
    assertEquals(Reason.CLOSED, result.skipped().get(0).reason());
    assertEquals(pairs.get(1).connection, result.skipped().get(0).connection());
  }
}
