package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.WireFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What peers may do to a server before they are let in, and when they should go. The timeouts of
 * the hasty server are one second instead of ten and twenty, all else is default.
 */
class HostileHandshakesTest extends AttackFixture {
  private static final String REQUEST = RawPeer.request("/echo");

  /** What the heap may hold for a connection whose request has begun. */
  private static final long BEGUN = 16 << 10;

  @Test
  void thousandHandshakesOfOneByteAtATime() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().hasty())) {
      List<Attacker> attackers = new ArrayList<>();
      for (int i = 0; i < scaled(1000); i++) {
        attackers.add(watch(Attacker.connect(server().hasty())));
      }
      byte[] request = REQUEST.getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 10; i++) {
        for (Attacker attacker : attackers) {
          attacker.trickle(request[i]);
        }
      }
      assertCosts(scaled(1000) * BEGUN, scaled(1000) * BEGUN);
      // Bytes that come do not put off the end: 408, or the reset that follows if they go on.
      assertEquals(Map.of("408", scaled(1000)), statuses(attackers));
      assertServed(neighbours);
    }
  }

  @Test
  void endlessHeaderLine() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.connect(server().ordinary()));
      attacker.send("GET /echo HTTP/1.1\r\nHost: localhost\r\nX: ");
      long sent = attacker.flood(WireFrame.letters(1 << 16), Duration.ofSeconds(1));
      assertCosts(MIB, MIB);
      report("endlessHeaderLine", sent + " bytes sent");
      assertRefused(attacker, "400", "431");
      assertServed(neighbours);
    }
  }

  @Test
  void endlessHeaders() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.connect(server().ordinary()));
      attacker.send("GET /echo HTTP/1.1\r\nHost: localhost\r\n");
      byte[] lines = "X: y\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
      long sent = attacker.flood(lines, Duration.ofSeconds(1));
      report("endlessHeaders", sent + " bytes sent");
      assertCosts(MIB, MIB);
      assertRefused(attacker, "400", "431");
      assertServed(neighbours);
    }
  }

  @Test
  void endlessRequestLine() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.connect(server().ordinary()));
      attacker.send("GET /");
      long sent = attacker.flood(WireFrame.letters(1 << 16), Duration.ofSeconds(1));
      report("endlessRequestLine", sent + " bytes sent");
      assertCosts(MIB, MIB);
      assertRefused(attacker, "400", "414");
      assertServed(neighbours);
    }
  }

  /** Who goes on sending may lose the answer in a reset. */
  private void assertRefused(Attacker attacker, String... statuses) {
    String status = attacker.status();
    report("refused", status);
    assertTrue(status.equals("reset") || List.of(statuses).contains(status), status);
  }

  @Test
  void halfOpenTls() throws IOException {
    // The head of a record of 512 bytes, and the beginning of a ClientHello.
    byte[] half = WireFrame.hex("16 0301 0200 01 0001fc 0303");
    try (Neighbours neighbours = Neighbours.encrypted(server().encrypted())) {
      List<Attacker> attackers = new ArrayList<>();
      for (int i = 0; i < scaled(200); i++) {
        Attacker attacker = watch(Attacker.connect(server().encrypted()));
        attackers.add(attacker);
        if (i % 2 == 0) {
          attacker.send(half);
        }
      }
      assertCosts(scaled(200) * 64L << 10, scaled(200) * 32L << 10);
      assertEquals(Map.of("end", scaled(200)), statuses(attackers));
      awaitAllAreGone();
      assertServed(neighbours);
    }
  }

  @Test
  void connectAndResetThousandTimesASecond() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      long start = System.nanoTime();
      int count = scaled(2000);
      for (int i = 0; i < count; i++) {
        Attacker attacker = Attacker.connect(server().ordinary());
        if (i % 2 == 0) {
          attacker.send(REQUEST);
        }
        attacker.reset();
      }
      long millis = (System.nanoTime() - start) / 1_000_000;
      report("connectAndResetThousandTimesASecond", count + " in " + millis + " ms");
      assertCosts(4 * MIB, 4 * MIB);
      assertServed(neighbours);
    }
  }

  /** The server fails the connection, and the peer neither answers nor goes. */
  @Test
  void stalledCloses() throws IOException {
    byte[] unmasked = WireFrame.text(false, "no");
    byte[] goodbye = WireFrame.close(true, 1000, "");
    byte[] hello = WireFrame.text(true, "hello");
    try (Neighbours neighbours = Neighbours.of(server().hasty())) {
      List<Attacker> violating = openAndSend(unmasked, "/echo");
      List<Attacker> closing = openAndSend(goodbye, "/echo");
      List<Attacker> dismissed = openAndSend(hello, "/once");
      assertEquals(Map.of("1002 end", scaled(200)), outcomes(violating));
      assertEquals(Map.of("1000 end", scaled(200)), outcomes(closing));
      assertEquals(Map.of("1000 reset", scaled(200)), outcomes(dismissed));
      assertCosts(scaled(600) * 8L << 10, scaled(600) * 8L << 10);
      awaitAllAreGone();
      assertServed(neighbours);
    }
  }

  /** Each sends at once: no pong comes from it, so the server would end it otherwise soon. */
  private List<Attacker> openAndSend(byte[] bytes, String path) throws IOException {
    List<Attacker> attackers = new ArrayList<>();
    for (int i = 0; i < scaled(200); i++) {
      Attacker attacker = watch(Attacker.open(server().hasty(), path));
      attacker.send(bytes);
      attackers.add(attacker);
    }
    return attackers;
  }

  private static Map<String, Integer> statuses(List<Attacker> attackers) {
    Map<String, Integer> statuses = new HashMap<>();
    attackers.forEach(each -> statuses.merge(each.status(), 1, Integer::sum));
    return statuses;
  }

  private static Map<String, Integer> outcomes(List<Attacker> attackers) {
    Map<String, Integer> outcomes = new HashMap<>();
    attackers.forEach(each -> outcomes.merge(each.outcome(), 1, Integer::sum));
    return outcomes;
  }
}
