package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.hex;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 2: pings are answered with their payload, pongs need no answer. */
class PingTest extends ConformanceSuite {
  // PONG-02
  static List<Case> sizes() {
    List<Case> cases = new ArrayList<>();
    for (int size = 0; size <= 125; size++) {
      byte[] payload = pattern(size);
      cases.add(Case.named("2.1 ping of " + size).sends(ping(payload)).gets(pong(payload)));
    }
    return cases;
  }

  static List<Case> cases() {
    byte[] binary = hex("00 ff fe fd fc fb 00 ff");
    Case longest =
        Case.named("2.4 longest ping").sends(ping(pattern(125))).gets(pong(pattern(125)));
    Case tenAtOnce = ten("2.10 ten pings").inOneWrite();
    return List.of(
        Case.named("2.2 ping with text").sends(ping("Hello, world!")).gets(pong("Hello, world!")),
        Case.named("2.3 ping with binary").sends(ping(binary)).gets(pong(binary)),
        longest.chopped(1),
        Case.named("2.7 unsolicited empty pong").sends(pong("")),
        Case.named("2.8 unsolicited pong").sends(pong("unsolicited")),
        Case.named("2.9 unsolicited pong before a ping")
            .sends(pong("unsolicited"), ping("ping"))
            .gets(pong("ping")),
        ten("2.10 ten pings, each in a write"),
        tenAtOnce,
        tenAtOnce.chopped(1),
        Case.named("2.12 ping before and after a message")
            .sends(ping("1"), text("message"), ping("2"))
            .gets(pong("1"), text("message"), pong("2")));
  }

  // PROTO-08
  static List<Case> refused() {
    List<Case> cases = new ArrayList<>();
    for (int size : new int[] {126, 127, 128, 65_535, 65_536}) {
      byte[] payload = pattern(size);
      cases.add(Case.named("2.5 ping of " + size).sends(ping(payload)).fails(1002));
      cases.add(Case.named("2.5 pong of " + size).sends(pong(payload)).fails(1002));
      cases.add(Case.named("2.5 announced ping of " + size).sends(header(size)).fails(1002));
    }
    List<Case> more = new ArrayList<>(cases);
    cases.forEach(one -> more.add(one.afterMessage()));
    more.add(Case.named("2.5 ping of 126").sends(ping(pattern(126))).fails(1002).chopped(1));
    return more;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sizes")
  void pingOfEverySizeIsAnswered(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void pingsAreAnsweredAndPongsIgnored(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void controlFrameBeyondTheLimitIsRefused(Case played) {
    play(played);
  }

  private static byte[] header(int size) {
    return ping("").announcing(size);
  }

  private static Case ten(String name) {
    Case pings = Case.named(name);
    for (int i = 0; i < 10; i++) {
      pings = pings.sends(ping("payload-" + i)).gets(pong("payload-" + i));
    }
    return pings;
  }

  private static byte[] pattern(int size) {
    byte[] payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) (0xfe - i);
    }
    return payload;
  }
}
