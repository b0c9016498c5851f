package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PingLedgerTest {
  private final PingLedger<String> ledger = new PingLedger<>(3);
  private final List<String> answered = new ArrayList<>();

  private void pong(long now, int... payload) {
    ledger.acknowledge(bytes(payload), now, (waiter, nanos) -> answered.add(waiter + " " + nanos));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  // PING-06, PING-11
  @Test
  void aPongTellsTheRoundTripTime() {
    assertEquals(0, ledger.latencyNanos());
    ledger.register(bytes(1), "a", 100);
    pong(150, 1);
    assertEquals(List.of("a 50"), answered);
    assertEquals(50, ledger.latencyNanos());
    assertEquals(0, ledger.size());
  }

  // PING-02
  @Test
  void anEmptyPayloadIsAPayload() {
    ledger.register(bytes(), "a", 0);
    assertTrue(ledger.isWaiting(bytes()));
    pong(1);
    assertEquals(List.of("a 1"), answered);
  }

  // PING-04: refused before it is registered, so a shorter one can follow
  @Test
  void aPayloadThatIsTooLongIsRefusedWithoutTrace() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ledger.register(new byte[126], "a", 0));
    assertEquals(
        "control frame too long: payload is 126 bytes, at most 125 fit", refused.getMessage());
    assertEquals(0, ledger.size());
    ledger.register(new byte[125], "a", 0);
  }

  // PING-07
  @Test
  void aPayloadIsInUseUntilItsPong() {
    ledger.register(bytes(1), "a", 0);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> ledger.register(bytes(1), "b", 0));
    assertEquals("already waiting for a pong with the same data", refused.getMessage());
    pong(1, 1);
    ledger.register(bytes(1), "c", 2);
    pong(5, 1);
    assertEquals(List.of("a 1", "c 3"), answered);
  }

  @Test
  void thePayloadIsCopied() {
    byte[] payload = bytes(1);
    ledger.register(payload, "a", 0);
    payload[0] = 2;
    pong(1, 1);
    assertEquals(List.of("a 1"), answered);
  }

  // PING-08, PING-11: earlier pings get their own time, and do not count as latency
  @Test
  void aPongAnswersEarlierPingsToo() {
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 10);
    ledger.register(bytes(3), "c", 20);
    pong(30, 2);
    assertEquals(List.of("a 30", "b 20"), answered);
    assertEquals(20, ledger.latencyNanos());
    assertEquals(1, ledger.size());
    assertTrue(ledger.isWaiting(bytes(3)));
  }

  // PING-09: unsolicited, or late after a newer one
  @Test
  void anUnknownPongIsIgnored() {
    pong(5, 9);
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 0);
    pong(6, 9);
    assertEquals(List.of(), answered);
    pong(7, 2);
    pong(8, 1);
    assertEquals(List.of("a 7", "b 7"), answered);
    assertEquals(7, ledger.latencyNanos());
  }

  // PING-10: a ping nobody waits for frees its payload and does not hinder others
  @Test
  void aForgottenPingFreesItsPayload() {
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 0);
    ledger.forget("a");
    assertFalse(ledger.isWaiting(bytes(1)));
    ledger.register(bytes(1), "c", 1);
    pong(2, 1);
    assertEquals(List.of("b 2", "c 1"), answered);
  }

  // KA-08: bounded
  @Test
  void moreThanTheLimitIsRefused() {
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 0);
    ledger.register(bytes(3), "c", 0);
    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> ledger.register(bytes(4), "d", 0));
    assertEquals("already waiting for 3 pongs, the limit", refused.getMessage());
    pong(1, 1);
    ledger.register(bytes(4), "d", 0);
  }

  @Test
  void theLimitIsAtLeastOne() {
    assertEquals(
        "limit is 0, must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> new PingLedger<>(0)).getMessage());
    assertEquals(1024, PingLedger.DEFAULT_LIMIT);
    assertEquals(0, new PingLedger<String>().size());
  }

  // PING-12
  @Test
  void atTheEndAllAreHandedOverOnce() {
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 0);
    ledger.drain(answered::add);
    ledger.drain(answered::add);
    assertEquals(List.of("a", "b"), answered);
    assertEquals(0, ledger.size());
  }

  @Test
  void aCallbackMayUseTheLedger() {
    ledger.register(bytes(1), "a", 0);
    ledger.register(bytes(2), "b", 0);
    ledger.acknowledge(
        bytes(2), 1, (waiter, nanos) -> ledger.register(waiter.getBytes(), "again", 1));
    assertEquals(2, ledger.size());
  }

  @Test
  void thePayloadOfAReceivedPongIsLeftAlone() {
    ByteBuf pong = Unpooled.wrappedBuffer(bytes(7, 1, 7)).slice(1, 1);
    ledger.acknowledge(pong, 3, (waiter, nanos) -> answered.add(waiter));
    ledger.register(bytes(1), "a", 0);
    ledger.acknowledge(pong, 3, (waiter, nanos) -> answered.add(waiter));
    assertEquals(List.of("a"), answered);
    assertEquals(1, pong.readableBytes());
    assertEquals(1, pong.refCnt());
  }
}
