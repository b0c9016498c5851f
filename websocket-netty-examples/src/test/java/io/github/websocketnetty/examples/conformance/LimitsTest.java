package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chapter 9: large messages, and what is larger than the limit of one MiB. */
class LimitsTest extends ConformanceSuite {
  private static final int LIMIT = 1 << 20;
  private static final RawFrame HALF = binary(new byte[LIMIT / 2]);
  private static final RawFrame FULL = text("*".repeat(LIMIT));

  // OPT-23, PROTO-06
  static List<Case> accepted() {
    Case full = Case.named("9.1 text of the maximum size").sends(FULL).gets(FULL);
    RawFrame rest = new RawFrame(0x80, HALF.payload());
    RawFrame multibyte = text("€".repeat(LIMIT / 3));
    return List.of(
        full,
        full.chopped(997),
        full.chopped(65_536),
        Case.named("9.2 binary of the maximum size")
            .sends(binary(new byte[LIMIT]))
            .gets(binary(new byte[LIMIT])),
        Case.named("9.1 multi-byte text").sends(multibyte).gets(multibyte),
        Case.named("9.3 maximum size in two fragments")
            .sends(HALF.unfinished(), rest)
            .gets(binary(new byte[LIMIT])),
        Case.named("9.3 maximum size, then empty fragments")
            .sends(FULL.unfinished(), continuation("").unfinished(), continuation(""))
            .gets(FULL),
        Case.named("9.3 a ping does not count")
            .sends(FULL.unfinished(), ping("*".repeat(125)), continuation(""))
            .gets(pong("*".repeat(125)), FULL),
        Case.named("9.3 each message has its own limit")
            .sends(HALF.unfinished(), rest)
            .sends(FULL)
            .gets(binary(new byte[LIMIT]), FULL));
  }

  // OPT-23, PROTO-03, PROTO-04, PROTO-23
  static List<Case> refused() {
    List<Case> cases = new ArrayList<>();
    for (long length : new long[] {LIMIT + 1, 1L << 31, 1L << 32, 1L << 62, Long.MAX_VALUE}) {
      cases.add(announced("9.4 binary", binary(new byte[0]), length, 1009));
      cases.add(announced("9.4 text", text(""), length, 1009));
      cases.add(announced("9.4 fragment", text("").unfinished(), length, 1009));
    }
    for (long length : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1}) {
      cases.add(announced("9.5 binary", binary(new byte[0]), length, 1002));
      cases.add(announced("9.5 ping", ping(""), length, 1002));
    }
    cases.add(
        Case.named("9.6 one octet over in a fragment")
            .sends(FULL.unfinished(), continuation("*"))
            .fails(1009));
    cases.add(
        Case.named("9.6 one octet over, announced by a fragment")
            .sends(HALF.unfinished().bytes())
            .sends(continuation("").announcing(LIMIT / 2 + 1))
            .fails(1009));
    cases.add(
        Case.named("9.6 far over, announced by a fragment")
            .sends(text("a").unfinished().bytes())
            .sends(continuation("").announcing(Long.MAX_VALUE))
            .fails(1009));
    cases.add(Case.named("9.4 one octet over").sends(text("*".repeat(LIMIT + 1))).fails(1009));
    List<Case> more = new ArrayList<>(cases);
    cases.forEach(one -> more.add(one.afterMessage()));
    return more;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accepted")
  void messageOfTheMaximumSizeIsEchoed(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void messageBeyondTheLimitIsRefusedAtItsHeader(Case played) {
    play(played);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 256, 1024, 4096, 65_536})
  void maximumSizeMayComeInFragmentsOf(int size) throws IOException {
    int count = Math.min(LIMIT / size, 1000);
    byte[][] frames = new byte[count][];
    for (int i = 0; i < count; i++) {
      int first = (i == 0 ? 2 : 0) | (i == count - 1 ? 0x80 : 0);
      frames[i] = new RawFrame(first, new byte[size]).bytes();
    }
    RawFrame joined = binary(new byte[count * size]);
    play(Case.named("9.3 fragments of " + size).sends(concat(frames)).gets(joined));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void endlessFragmentsAreRefused(int size) throws IOException {
    int count = 10_000;
    byte[][] frames = new byte[count][];
    for (int i = 0; i < count; i++) {
      frames[i] = new RawFrame(0, new byte[size]).bytes();
    }
    byte[] tenThousand = concat(frames);
    try (RawClient client = RawClient.open(port)) {
      client.send(text("").unfinished());
      for (int i = 0; i < 50; i++) {
        client.send(tenThousand);
      }
      RawFrame close = client.read();
      assertEquals(8, close.opcode());
      assertTrue(List.of(1002, 1008, 1009).contains(close.closeCode()), close.toString());
      client.expectEnd();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 64, 256, 1024})
  void manyMessagesComeBackInOrder(int size) throws IOException {
    byte[][] frames = new byte[1000][];
    RawFrame[] messages = new RawFrame[frames.length];
    for (int i = 0; i < frames.length; i++) {
      messages[i] = text("%04d".formatted(i) + "*".repeat(size));
      frames[i] = messages[i].bytes();
    }
    play(Case.named("9.7 many messages").sends(concat(frames)).gets(messages));
  }

  @Test
  void connectionsDoNotDisturbEachOther() throws IOException {
    try (RawClient first = RawClient.open(port);
        RawClient second = RawClient.open(port)) {
      first.send(FULL.unfinished());
      second.send(text("short"));
      second.expect(text("short"));
      first.send(continuation(""));
      first.expect(FULL);
      first.send(text("bad").reserved(1));
      first.expectClose(1002);
      second.closeNormally();
    }
  }

  private static Case announced(String name, RawFrame frame, long length, int code) {
    return Case.named("%s of %s".formatted(name, Long.toUnsignedString(length)))
        .sends(frame.announcing(length))
        .fails(code);
  }
}
