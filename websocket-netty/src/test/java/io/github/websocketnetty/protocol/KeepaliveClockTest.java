package io.github.websocketnetty.protocol;

import static io.github.websocketnetty.protocol.KeepaliveClock.Action.NOTHING;
import static io.github.websocketnetty.protocol.KeepaliveClock.Action.PING;
import static io.github.websocketnetty.protocol.KeepaliveClock.Action.TIMED_OUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeepaliveClockTest {
  // Close to the overflow of a nanosecond clock, whose origin is arbitrary.
  private static final long T0 = Long.MAX_VALUE - 50;

  private static KeepaliveClock started(long interval, long timeout) {
    KeepaliveClock clock = new KeepaliveClock(interval, timeout);
    clock.start(T0);
    return clock;
  }

  // KA-01, KA-02
  @Test
  void theFirstPingIsDueAfterOneInterval() {
    KeepaliveClock clock = started(100, 40);
    assertEquals(100, clock.delayNanos(T0));
    assertEquals(NOTHING, clock.tick(T0 + 99, false));
    assertEquals(1, clock.delayNanos(T0 + 99));
    assertEquals(PING, clock.tick(T0 + 100, false));
    assertEquals(40, clock.delayNanos(T0 + 100));
  }

  /** Times are compared by their difference: the ping is due beyond the overflow. */
  @Test
  void aTickThatComesTooEarlyDoesNothing() {
    KeepaliveClock clock = started(100, 40);
    assertEquals(NOTHING, clock.tick(T0, false));
    assertEquals(NOTHING, clock.tick(T0 + 49, false));
    assertEquals(PING, clock.tick(T0 + 100, false));
    clock = new KeepaliveClock(100, 40);
    clock.start(-50);
    assertEquals(NOTHING, clock.tick(49, false));
    assertEquals(PING, clock.tick(50, false));
  }

  // KA-02: traffic does not postpone pings
  @Test
  void trafficDoesNotPostponeAPing() {
    KeepaliveClock clock = started(100, 40);
    clock.bytesReceived(T0 + 60);
    clock.pongReceived(T0 + 70, 5);
    assertEquals(PING, clock.tick(T0 + 100, false));
  }

  // KA-03: 0.3 s apart although each pong takes 0.15 s
  @Test
  void pingsStartEveryIntervalWhilePongsAreFaster() {
    KeepaliveClock clock = started(300, 1000);
    long now = T0;
    for (int i = 1; i <= 4; i++) {
      now += clock.delayNanos(now);
      assertEquals(T0 + 300L * i, now);
      assertEquals(PING, clock.tick(now, false));
      clock.pongReceived(now + 150, 150);
    }
  }

  // KA-03: interval 0.1 s, round trip 0.15 s: the next ping goes out with the pong
  @Test
  void aSlowPongIsFollowedByTheNextPingAtOnce() {
    KeepaliveClock clock = started(100, 1000);
    assertEquals(PING, clock.tick(T0 + 100, false));
    clock.pongReceived(T0 + 250, 150);
    assertEquals(0, clock.delayNanos(T0 + 250));
    assertEquals(PING, clock.tick(T0 + 250, false));
  }

  // KA-03, KA-07, KA-08, OPT-03: no timeout, no compensation for latency, never an end
  @Test
  void withoutATimeoutPingsGoOnForEver() {
    KeepaliveClock clock = started(100, 0);
    for (int i = 1; i <= 20; i++) {
      assertEquals(PING, clock.tick(T0 + 100L * i, false));
      assertFalse(clock.isWaiting());
      clock.pongReceived(T0 + 100L * i + 30, 30);
      assertEquals(70, clock.delayNanos(T0 + 100L * i + 30));
    }
  }

  // KA-04, KA-05: one ping, then silence
  @Test
  void silenceTimesOut() {
    KeepaliveClock clock = started(100, 40);
    assertEquals(PING, clock.tick(T0 + 100, false));
    assertTrue(clock.isWaiting());
    assertEquals(NOTHING, clock.tick(T0 + 139, false));
    // Due, but one more turn of the loop reads what may lie in the socket.
    assertEquals(NOTHING, clock.tick(T0 + 140, false));
    assertEquals(0, clock.delayNanos(T0 + 140));
    assertEquals(TIMED_OUT, clock.tick(T0 + 140, false));
    assertEquals(KeepaliveClock.NEVER, clock.delayNanos(T0 + 140));
    assertEquals(NOTHING, clock.tick(T0 + 1000, false));
  }

  // KA-10: a pong may stand behind a large message
  @Test
  void whateverArrivesIsASignOfLife() {
    KeepaliveClock clock = started(100, 40);
    clock.tick(T0 + 100, false);
    clock.bytesReceived(T0 + 130);
    assertEquals(NOTHING, clock.tick(T0 + 140, false));
    assertEquals(30, clock.delayNanos(T0 + 140));
    assertEquals(NOTHING, clock.tick(T0 + 170, false));
    assertEquals(TIMED_OUT, clock.tick(T0 + 170, false));
  }

  // KA-10: our own thread was stuck, the pong has lain in the socket
  @Test
  void aSignOfLifeInTheLastTurnCounts() {
    KeepaliveClock clock = started(100, 40);
    clock.tick(T0 + 100, false);
    assertEquals(NOTHING, clock.tick(T0 + 900, false));
    clock.bytesReceived(T0 + 900);
    assertEquals(NOTHING, clock.tick(T0 + 900, false));
    clock.pongReceived(T0 + 901, 801);
    assertEquals(PING, clock.tick(T0 + 901, false));
  }

  // RECV-40 (a): we do not read, so silence proves nothing
  @Test
  void pausedReadingSuspendsTheDeadline() {
    KeepaliveClock clock = started(100, 40);
    clock.tick(T0 + 100, false);
    assertEquals(NOTHING, clock.tick(T0 + 140, true));
    assertEquals(NOTHING, clock.tick(T0 + 180, true));
    assertEquals(NOTHING, clock.tick(T0 + 220, true));
    // A dead peer is still found once we read again.
    assertEquals(NOTHING, clock.tick(T0 + 260, false));
    assertEquals(TIMED_OUT, clock.tick(T0 + 260, false));
  }

  // KA-09: the time runs from the ping's tick, which knows nothing about flushing
  @Test
  void theTimeStartsWithThePing() {
    KeepaliveClock clock = started(100, 40);
    assertEquals(PING, clock.tick(T0 + 105, false));
    assertEquals(40, clock.delayNanos(T0 + 105));
  }

  // KA-11
  @Test
  void aStoppedClockDoesNothing() {
    KeepaliveClock clock = new KeepaliveClock(100, 40);
    assertEquals(KeepaliveClock.NEVER, clock.delayNanos(T0));
    assertEquals(NOTHING, clock.tick(T0, false));
    clock.start(T0);
    clock.stop();
    clock.bytesReceived(T0 + 1);
    clock.pongReceived(T0 + 1, 1);
    assertEquals(NOTHING, clock.tick(T0 + 100, false));
    assertEquals(KeepaliveClock.NEVER, clock.delayNanos(T0 + 100));
  }

  // OPT-09
  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void theIntervalIsPositive(long interval) {
    assertEquals(
        "interval is " + interval + " ns, must be at least 1",
        assertThrows(IllegalArgumentException.class, () -> new KeepaliveClock(interval, 1))
            .getMessage());
  }

  // OPT-09
  @Test
  void theTimeoutIsNotNegative() {
    assertEquals(
        "timeout is -1 ns, must not be negative",
        assertThrows(IllegalArgumentException.class, () -> new KeepaliveClock(1, -1)).getMessage());
  }
}
