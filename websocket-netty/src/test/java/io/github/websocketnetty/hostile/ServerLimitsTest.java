package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The limits of the process itself. */
@Tag("sockets")
class ServerLimitsTest {
  /** Else the bounds of the attacks would say nothing. */
  @Test
  void memoryOutsideTheHeapIsLimitedForTheAllocatorOfNetty() throws IOException {
    try (ServerProcess server = ServerProcess.start()) {
      int mebibytes = server.fill();
      assertTrue(mebibytes > 48 && mebibytes <= 96, mebibytes + " MiB");
      Neighbours.of(server.ordinary()).serveAndClose(20);
    }
  }

  /** Who is there is served, and others again as soon as there is room. */
  @Test
  void serverWithoutADescriptorLeftServesThoseItHas() throws IOException {
    try (ServerProcess server =
            ServerProcess.start("sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh");
        Neighbours neighbours = Neighbours.thatStay(server.ordinary())) {
      neighbours.awaitServed(20);
      List<Attacker> attackers = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        attackers.add(Attacker.connect(server.ordinary()));
      }
      neighbours.awaitServed(100);
      AttackFixture.report("serverWithoutADescriptorLeft", neighbours.slowest().toMillis() + " ms");
      assertTrue(neighbours.isServedInTime(), "slowest " + neighbours.slowest());
      for (Attacker attacker : attackers) {
        attacker.reset();
      }
      Neighbours.of(server.ordinary()).serveAndClose(20);
    }
  }
}
