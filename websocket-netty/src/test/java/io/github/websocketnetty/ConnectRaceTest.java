package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.ConnectRace.Failure;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** RFC 8305, section 5, with time that stands still. */
class ConnectRaceTest {
  private final EmbeddedChannel clock = new EmbeddedChannel();
  private final Map<String, ConnectRace<String>.Attempt> attempts = new LinkedHashMap<>();
  private final Map<String, EmbeddedChannel> channels = new LinkedHashMap<>();
  private final List<List<Failure<String>>> lost = new ArrayList<>();
  private ConnectRace<String> race;

  @AfterEach
  void closeAll() {
    channels.values().forEach(EmbeddedChannel::finishAndReleaseAll);
    clock.finishAndReleaseAll();
  }

  private void start(List<String> routes) {
    clock.freezeTime();
    race = new ConnectRace<>(clock.eventLoop(), routes, this::open, lost::add);
    race.next();
  }

  private void start(String... routes) {
    start(List.of(routes));
  }

  /** Routes with an exclamation mark fail at once. */
  private Channel open(ConnectRace<String>.Attempt attempt) {
    EmbeddedChannel channel = new EmbeddedChannel();
    attempts.put(attempt.route(), attempt);
    channels.put(attempt.route(), channel);
    if (attempt.route().startsWith("!")) {
      attempt.failed(new IOException(attempt.route()));
    } else if (attempt.route().startsWith("?")) {
      throw new IllegalStateException(attempt.route());
    }
    return channel;
  }

  private void advance(long millis) {
    clock.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    clock.runScheduledPendingTasks();
  }

  private void assertBegun(String... routes) {
    assertEquals(List.of(routes), List.copyOf(attempts.keySet()));
  }

  private void assertLost(String... routes) {
    assertEquals(1, lost.size());
    assertEquals(List.of(routes), lost.get(0).stream().map(Failure::route).toList());
    assertNothingIsPlanned();
  }

  private void assertNothingIsPlanned() {
    int before = attempts.size();
    assertEquals(-1, clock.runScheduledPendingTasks());
    assertEquals(before, attempts.size());
  }

  @Test
  void nextAttemptBeginsAfter250Milliseconds() {
    start("a", "b", "c");
    assertBegun("a");
    advance(249);
    assertBegun("a");
    advance(1);
    assertBegun("a", "b");
    advance(249);
    assertBegun("a", "b");
    advance(1);
    assertBegun("a", "b", "c");
    assertNothingIsPlanned();
    assertTrue(channels.values().stream().allMatch(EmbeddedChannel::isOpen));
  }

  @Test
  void nextAttemptBeginsAtOnceWhereOneFails() {
    start("a", "b", "c");
    advance(100);
    attempts.get("a").failed(new IOException());
    assertBegun("a", "b");
    advance(249); // of the second one
    assertBegun("a", "b");
    advance(1);
    assertBegun("a", "b", "c");
    attempts.get("b").failed(new IOException());
    assertTrue(lost.isEmpty());
    attempts.get("c").failed(new IOException());
    assertLost("a", "b", "c");
  }

  @Test
  void firstSuccessEndsAllOthers() {
    start("a", "b", "c");
    advance(250);
    assertTrue(attempts.get("b").succeeded());
    assertFalse(channels.get("a").isOpen());
    assertTrue(channels.get("b").isOpen());
    assertNothingIsPlanned();
    assertFalse(attempts.get("a").succeeded());
    attempts.get("a").failed(new IOException());
    attempts.get("b").failed(new IOException());
    assertBegun("a", "b");
    assertTrue(lost.isEmpty());
  }

  @Test
  void whatFailsAtOnceNeedsNoTime() {
    start("!a", "?b", "c", "!d");
    assertBegun("!a", "?b", "c");
    attempts.get("c").failed(new IOException());
    assertBegun("!a", "?b", "c", "!d");
    assertLost("!a", "?b", "c", "!d");
  }

  @Test
  void anyNumberMayFailAtOnce() {
    List<String> routes = IntStream.range(0, 100_000).mapToObj(i -> "!" + i).toList();
    start(routes);
    assertLost(routes.toArray(String[]::new));
  }

  @Test
  void stopEndsAll() {
    start("a", "b", "c");
    advance(250);
    race.stop();
    assertFalse(channels.get("a").isOpen());
    assertFalse(channels.get("b").isOpen());
    assertNothingIsPlanned();
    assertFalse(attempts.get("a").succeeded());
    attempts.get("b").failed(new IOException());
    race.next();
    assertBegun("a", "b");
    assertTrue(lost.isEmpty());
  }

  @Test
  void someMayBeLeftOut() {
    start("a", "b", "c");
    race.leaveOut(route -> route.equals("b"));
    advance(250);
    assertBegun("a", "c");
    attempts.get("a").failed(new IOException());
    attempts.get("c").failed(new IOException());
    assertLost("a", "c");
  }

  @Test
  void numberOfAttemptsAtATimeIsLimited() {
    start(IntStream.range(0, 40).mapToObj(Integer::toString).toList());
    for (int i = 0; i < 50; i++) {
      advance(250);
    }
    assertEquals(ConnectRace.MAX_RUNNING, attempts.size());
    attempts.get("7").failed(new IOException());
    assertEquals(ConnectRace.MAX_RUNNING + 1, attempts.size());
    assertTrue(attempts.get("32").succeeded());
    channels.get("7").close(); // as what fails does
    assertEquals(
        List.of(channels.get("32")),
        channels.values().stream().filter(EmbeddedChannel::isOpen).toList());
  }
}
