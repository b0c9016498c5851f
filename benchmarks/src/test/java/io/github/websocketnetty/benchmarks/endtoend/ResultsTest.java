package io.github.websocketnetty.benchmarks.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static final Cell CELL = Cell.of(125, PayloadKind.MIXED, 16, 32);

  private final Results results =
      new Results(
          new Environment(
              "now", "here", "cpu", 2, "Linux", "17", "none", List.of(), "1", Map.of()));

  @Test
  void figuresAreMediansOfTheRounds() {
    addRounds(Peer.NETTY, 5, 1, 9);
    addRounds(Peer.VERTX, 3, 4);

    assertEquals(Optional.of(5.0), results.echo(Peer.NETTY, CELL, EchoResult::cpuMicrosPerMessage));
    assertEquals(Optional.of(3.5), results.echo(Peer.VERTX, CELL, EchoResult::cpuMicrosPerMessage));
    assertEquals(Optional.empty(), results.echo(Peer.JETTY, CELL, EchoResult::cpuMicrosPerMessage));
  }

  @Test
  void tablesHaveTheRatioToNetty() {
    addRounds(Peer.NETTY, 5);
    addRounds(Peer.OURS_HANDLER, 2);
    results.add(Peer.NETTY, 1, new IdleResult(10, 10, 2000, 5000));
    results.add(Peer.OURS_HANDLER, 1, new IdleResult(10, 10, 1000, 2500));

    String text = new Tables(results, List.of(Peer.NETTY, Peer.OURS_HANDLER, Peer.JETTY)).write();

    assertTrue(text.contains("| load | netty | ours-handler | jetty |"), text);
    assertTrue(text.contains("| 125 B mixed d16 | 5.000 | 2.000 (0.40) | - |"), text);
    assertTrue(text.contains("| live heap | 2000 | 1000 (0.50) | - |"), text);
    assertFalse(text.contains("Notes"), text);
  }

  @Test
  void errorsAndLostConnectionsAreNoted() {
    results.add(Peer.JETTY, 2, CELL, new EchoResult(1, 9, 9, 1, 2, 3.0, 0.5, 7, "echo is late"));
    results.add(Peer.JETTY, 2, new IdleResult(10, 8, 1, 1));

    assertEquals(
        List.of(
            "jetty, 125 B mixed d16, round 2: 7 errors, the first: echo is late",
            "jetty, idle, round 2: 2 connections ended by themselves"),
        results.notes());
  }

  @Test
  void jsonHoldsEveryRound() {
    addRounds(Peer.NETTY, 5, 1, 9);

    JsonObject json = new Gson().toJsonTree(results).getAsJsonObject();

    assertEquals("here", json.getAsJsonObject("environment").get("host").getAsString());
    JsonObject last = json.getAsJsonArray("echo").get(2).getAsJsonObject();
    assertEquals("netty", last.get("server").getAsString());
    assertEquals(3, last.get("round").getAsInt());
    assertEquals(9, last.getAsJsonObject("result").get("cpuMicrosPerMessage").getAsDouble());
  }

  @Test
  void largeMessagesTakeFewerConnections() {
    assertEquals(4, Cell.of(1 << 20, PayloadKind.BINARY, 16, 32).connections());
    assertEquals(1, Cell.of(1 << 23, PayloadKind.BINARY, 16, 32).connections());
    assertEquals(32, Cell.of(0, PayloadKind.BINARY, 16, 32).connections());
  }

  @Test
  void processorListsAreRead() {
    assertEquals(List.of(0, 1, 2, 8, 10, 11), Placement.parse("0-2,8,10-11"));
  }

  private void addRounds(Peer peer, double... cpu) {
    for (int i = 0; i < cpu.length; i++) {
      results.add(peer, i + 1, CELL, new EchoResult(1, 9, 9, 1, 2, cpu[i], 0.5, 0, null));
    }
  }
}
