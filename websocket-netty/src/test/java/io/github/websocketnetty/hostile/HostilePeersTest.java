package io.github.websocketnetty.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.WireFrame;
import io.github.websocketnetty.support.Zlib;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * What peers may do to a server once they are let in. Options are the defaults, but where it says
 * {@code hasty} the timeouts are one second instead of ten and twenty.
 */
class HostilePeersTest extends AttackFixture {
  private static final Duration WHILE = Duration.ofMillis(scaled(1000));
  private static final byte[] PING = WireFrame.of(9, true, WireFrame.letters(125));

  /** 1 MiB of zeros in about a KiB: as much as a message may have. */
  private static final byte[] DENSE = deflated(1 << 20);

  /** One byte too many. */
  private static final byte[] BOMB = deflated((1 << 20) + 1);

  private static byte[] deflated(int zeros) {
    return WireFrame.of(true, 4, 2, true, Zlib.alone(new byte[zeros]));
  }

  /** Returns about 64 KiB of the same. */
  private static byte[] manyOf(byte[] frame) {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    do {
      many.writeBytes(frame);
    } while (many.size() + frame.length < 1 << 16);
    return many.toByteArray();
  }

  private Map<String, Integer> outcomes(List<Attacker> attackers) {
    Map<String, Integer> outcomes = new HashMap<>();
    attackers.forEach(each -> outcomes.merge(each.outcome(), 1, Integer::sum));
    return outcomes;
  }

  /** Pongs beyond the write limit are not kept, but for the newest. */
  @Test
  void pingFloodFromPeerThatReadsNothing() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/echo"));
      long sent = attacker.flood(manyOf(PING), WHILE);
      report("pingFloodFromPeerThatReadsNothing", sent / PING.length + " pings");
      assertTrue(sent > 8 * MIB, "the server stopped reading after " + sent);
      assertCosts(MIB, MIB);
      assertServed(neighbours);
    }
  }

  /** Six bytes a frame: nothing costs a server more for fewer bytes. */
  @Test
  void floodOfEmptyPingsPongsAndMessages() throws IOException {
    byte[] ping = WireFrame.of(9, true, new byte[0]);
    byte[] pong = WireFrame.of(10, true, new byte[0]);
    byte[] text = WireFrame.of(1, true, new byte[0]);
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/echo"));
      attacker.flood(manyOf(WireFrame.join(ping, pong, text)), WHILE);
      assertCosts(MIB, MIB);
      assertServed(neighbours);
    }
  }

  /** 17 frames are kept, which is one more than maxQueue, then the peer is not read any more. */
  @Test
  void largeMessagesThatNobodyReceives() throws IOException {
    byte[] message = WireFrame.of(2, true, new byte[1 << 20]);
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/silent"));
      long sent = attacker.flood(message, WHILE);
      assertTrue(sent < 64 * MIB, "nobody receives, but " + sent + " bytes were read");
      // An array of 1 MiB takes two of the collector's regions of as much.
      assertCosts(2 * 17 * MIB, 2 * MIB);
      assertServed(neighbours);
    }
  }

  /** The same for some KiB on the wire. */
  @Test
  void denseMessagesThatNobodyReceives() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/silent", Attacker.DEFLATE));
      attacker.flood(manyOf(DENSE), WHILE);
      assertCosts(2 * 17 * MIB, 2 * MIB);
      assertServed(neighbours);
    }
  }

  @Test
  void smallMessagesOfManyPeersThatNobodyReceives() throws IOException {
    byte[] block = manyOf(WireFrame.of(1, true, new byte[0]));
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      for (Attacker attacker : open(scaled(300), server().ordinary(), "/silent")) {
        attacker.flood(block, Duration.ofMillis(2));
      }
      // 17 frames, and a read buffer of which the rest is not parsed yet.
      assertCosts(scaled(300) * 8L << 10, scaled(300) * 70L << 10);
      assertServed(neighbours);
    }
  }

  /** For each 256 of the bytes that may wait one message may, whatever its size. */
  @Test
  void endpointThatDoesNotWaitForItsSendsAndPeerThatReadsNothing() throws IOException {
    byte[] block = manyOf(WireFrame.of(1, true, new byte[1]));
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/careless"));
      attacker.flood(block, WHILE.multipliedBy(2));
      assertCosts(24 * MIB, 32 * MIB);
      assertServed(neighbours);
    }
  }

  /** It goes on reading, so it cannot be told from a slow one but by the silence that follows. */
  @Test
  void peersThatReadAByteASecondWhileTheyAskForMuch() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().hasty())) {
      List<Attacker> attackers = new ArrayList<>();
      for (int i = 0; i < scaled(50); i++) {
        attackers.add(watch(Attacker.connectNarrow(server().hasty()).upgrade("/feed")));
      }
      for (int second = 0; second < 2; second++) {
        for (Attacker attacker : attackers) {
          attacker.read(1);
        }
        LockSupport.parkNanos(1_000_000_000);
      }
      // A message that is being written, and one that waits for it.
      assertCosts(scaled(50) * 160L << 10, scaled(50) * 160L << 10);
      awaitAllAreGone();
      assertServed(neighbours);
    }
  }

  /** What was read by then must not be more than the queue may have. */
  @Test
  void peersThatSendMuchAndResetWhileNobodyReceives() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      byte[] empty = manyOf(WireFrame.of(1, true, new byte[0]));
      byte[] dense = manyOf(DENSE);
      List<Attacker> attackers = open(scaled(100), server().ordinary(), "/silent");
      for (Attacker attacker : attackers) {
        attacker.flood(empty, Duration.ofMillis(2));
      }
      Attacker last = watch(Attacker.open(server().ordinary(), "/silent", Attacker.DEFLATE));
      last.flood(dense, Duration.ofMillis(100));
      last.reset();
      for (Attacker attacker : attackers) {
        attacker.reset();
      }
      assertCosts(2 * 17 * MIB + 8 * MIB, 8 * MIB);
      assertServed(neighbours);
    }
  }

  @Test
  void thousandPeersThatPromiseMuchAndSendLittle() throws IOException {
    byte[] promise =
        Arrays.copyOf(
            WireFrame.withLength(true, 0, 2, true, new byte[10], 8, 1 << 20), 2 + 8 + 4 + 10);
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      for (Attacker attacker : open(scaled(1000), server().ordinary(), "/echo")) {
        attacker.send(promise);
      }
      // A KiB for what was sent, and the connection itself.
      assertCosts(scaled(1000) * 12L << 10, scaled(1000) * 4L << 10);
      assertServed(neighbours);
    }
  }

  @Test
  void thousandPeersThatStopInTheMiddleOfAFrameHeader() throws IOException {
    byte[] header = Arrays.copyOf(PING, 3);
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      for (Attacker attacker : open(scaled(1000), server().ordinary(), "/echo")) {
        for (byte each : header) {
          attacker.send(new byte[] {each});
        }
      }
      assertCosts(scaled(1000) * 12L << 10, scaled(1000) * 4L << 10);
      assertServed(neighbours);
    }
  }

  @Test
  void millionFragmentsOfOneByte() throws IOException {
    byte[] first = WireFrame.of(false, 0, 1, true, new byte[] {'a'});
    byte[] fragments = manyOf(WireFrame.of(false, 0, 0, true, new byte[] {'a'}));
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      for (String path : List.of("/echo", "/silent")) {
        Attacker attacker = watch(Attacker.open(server().ordinary(), path));
        attacker.send(first);
        long sent = attacker.flood(fragments, WHILE);
        if (path.equals("/echo")) {
          assertEquals("1009 end", attacker.outcome(), sent + " bytes of fragments");
        }
      }
      assertCosts(2 * MIB, 2 * MIB);
      assertServed(neighbours);
    }
  }

  @Test
  void compressionBombsOfManyPeersAtOnce() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      List<Attacker> attackers = open(scaled(100), server().ordinary(), "/echo", Attacker.DEFLATE);
      for (Attacker attacker : attackers) {
        attacker.send(BOMB);
      }
      assertEquals(Map.of("1009 end", scaled(100)), outcomes(attackers));
      assertCosts(MIB, 2 * MIB);
      assertServed(neighbours);
    }
  }

  /** As dense as bombs, but within the limit, so that each is sent back. */
  @Test
  void denseMessagesOneBehindTheOther() throws IOException {
    try (Neighbours neighbours = Neighbours.of(server().ordinary())) {
      Attacker attacker = watch(Attacker.open(server().ordinary(), "/echo", Attacker.DEFLATE));
      attacker.flood(manyOf(DENSE), WHILE);
      assertServed(neighbours);
      assertCosts(2 * 17 * MIB, 2 * MIB);
    }
  }
}
