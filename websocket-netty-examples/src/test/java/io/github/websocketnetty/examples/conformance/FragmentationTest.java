package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;

import io.github.websocketnetty.examples.support.RawFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 5: messages in fragments, control frames between them, and broken sequences. */
class FragmentationTest extends ConformanceSuite {
  private static final RawFrame PING = ping("between");
  private static final RawFrame PONG = pong("between");

  static List<Case> complete() {
    List<Case> cases = new ArrayList<>();
    cases.addAll(eachWay("5.3 two fragments", List.of("fragment1", "fragment2")));
    cases.addAll(eachWay("5.3 three empty fragments", List.of("", "", "")));
    cases.addAll(eachWay("5.3 only the middle one has bytes", List.of("", "middle", "")));
    cases.addAll(eachWay("5.3 five fragments", List.of("a", "bc", "", "def", "ghij")));
    Case pinged =
        Case.named("5.6 ping between two fragments")
            .sends(text("fragment1").unfinished(), PING, continuation("fragment2"))
            .gets(PONG, text("fragment1fragment2"));
    cases.add(pinged);
    cases.add(pinged.chopped(1));
    cases.add(
        Case.named("5.7 unsolicited pong between two fragments")
            .sends(text("fragment1").unfinished(), pong("nobody asked"), continuation("fragment2"))
            .gets(text("fragment1fragment2")));
    cases.add(pingsEverywhere("5.19 control frames before, between and behind fragments"));
    cases.add(pingsEverywhere("5.20 control frames everywhere").chopped(1));
    cases.add(
        Case.named("5.21 a message after a fragmented one")
            .sends(text("a").unfinished(), continuation("b"), text("whole"))
            .gets(text("ab"), text("whole")));
    cases.add(
        Case.named("5.22 binary after a fragmented text")
            .sends(text("a").unfinished(), continuation("b"), binary(new byte[] {-1}).unfinished())
            .sends(continuation("c"))
            .gets(text("ab"), binary(new byte[] {-1, 'c'})));
    return cases;
  }

  // PROTO-09, PROTO-10, PROTO-11
  static List<Case> broken() {
    RawFrame orphan = continuation("nothing to continue");
    List<Case> alone =
        List.of(
            Case.named("5.1 fragmented ping").sends(ping("a").unfinished()),
            Case.named("5.1 fragmented ping and its rest")
                .sends(ping("a").unfinished(), continuation("b")),
            Case.named("5.2 fragmented pong").sends(pong("a").unfinished()),
            Case.named("5.2 fragmented close").sends(RawFrame.close(1000, "").unfinished()),
            Case.named("5.2 fragmented empty ping").sends(ping("").unfinished()),
            Case.named("5.9 continuation of nothing").sends(orphan),
            Case.named("5.9 continuation of nothing before a message").sends(orphan, text("hi")),
            Case.named("5.12 unfinished continuation of nothing").sends(orphan.unfinished()),
            Case.named("5.12 unfinished continuation of nothing before a message")
                .sends(orphan.unfinished(), text("hi")),
            Case.named("5.14 empty continuation of nothing").sends(continuation("")),
            Case.named("5.17 continuation of nothing, then a fragmented message")
                .sends(orphan, text("a").unfinished(), continuation("b")),
            Case.named("5.18 text inside a text").sends(text("a").unfinished(), text("b")),
            Case.named("5.18 unfinished text inside a text")
                .sends(text("a").unfinished(), text("b").unfinished()),
            Case.named("5.18 binary inside a text")
                .sends(text("a").unfinished(), binary(new byte[1])),
            Case.named("5.18 text inside a binary")
                .sends(binary(new byte[1]).unfinished(), text("a")),
            Case.named("5.18 text inside a text, behind a ping")
                .sends(text("a").unfinished(), PING, text("b"))
                .gets(PONG),
            Case.named("5.18 fragmented ping inside a text")
                .sends(text("a").unfinished(), ping("b").unfinished(), continuation("c")),
            Case.named("5.15 continuation after a finished message")
                .sends(text("fragment1").unfinished(), continuation("fragment2"), orphan)
                .gets(text("fragment1fragment2")));
    List<Case> cases = new ArrayList<>();
    for (Case one : alone) {
      Case refused = one.fails(1002);
      cases.addAll(List.of(refused, refused.chopped(1), refused.afterMessage()));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("complete")
  void fragmentsAreJoined(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void brokenSequenceIsRefused(Case played) {
    play(played);
  }

  /** In one write, a write for each, octet by octet, and with a ping behind each fragment. */
  private static List<Case> eachWay(String name, List<String> parts) {
    Case plain = Case.named(name);
    Case pinged = Case.named(name + " with pings");
    for (int i = 0; i < parts.size(); i++) {
      RawFrame part = i == 0 ? text(parts.get(i)) : continuation(parts.get(i));
      RawFrame fragment = i < parts.size() - 1 ? part.unfinished() : part;
      plain = plain.sends(fragment);
      pinged = pinged.sends(PING, fragment).gets(PONG);
    }
    RawFrame message = text(String.join("", parts));
    plain = plain.gets(message);
    pinged = pinged.gets(message);
    return List.of(plain, plain.inOneWrite(), plain.chopped(1), pinged, pinged.inOneWrite());
  }

  private static Case pingsEverywhere(String name) {
    return Case.named(name)
        .sends(PING, text("fragment1").unfinished(), continuation("fragment2").unfinished())
        .sends(PING, pong("x"), continuation("fragment3").unfinished())
        .sends(continuation("fragment4").unfinished(), PING, PING, continuation("fragment5"), PING)
        .gets(PONG, PONG, PONG, PONG, text("fragment1fragment2fragment3fragment4fragment5"), PONG);
  }
}
