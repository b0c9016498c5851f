package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.hex;
import static io.github.websocketnetty.examples.support.RawFrame.of;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;

import io.github.websocketnetty.examples.support.RawFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 10: whatever came before a violation is answered before the close frame. */
class LastWordsTest extends ConformanceSuite {
  /** What is wrong, as bytes, and the close code that names it. */
  private static List<Case> violations() {
    return List.of(
        Case.named("reserved bit").sends(text("x").reserved(2)).fails(1002),
        Case.named("reserved opcode").sends(of(3, "")).fails(1002),
        Case.named("reserved control opcode").sends(of(11, "x")).fails(1002),
        Case.named("unmasked frame").sends(text("x").unmaskedBytes()).fails(1002),
        Case.named("continuation of nothing").sends(continuation("x")).fails(1002),
        Case.named("fragmented ping").sends(ping("x").unfinished()).fails(1002),
        Case.named("long ping").sends(ping("*".repeat(126))).fails(1002),
        Case.named("non-minimal length").sends(text("x").bytes(8)).fails(1002),
        Case.named("negative length").sends(text("").announcing(-1)).fails(1002),
        Case.named("large length").sends(text("").announcing(1 << 21)).fails(1009),
        Case.named("half a close code").sends(close(hex("03"))).fails(1002),
        Case.named("bad close code").sends(close(1005, "")).fails(1002),
        Case.named("bad close reason").sends(close(hex("03e8ff"))).fails(1007),
        Case.named("bad text").sends(text(hex("41ff"))).fails(1007),
        Case.named("bad text in an open frame")
            .sends(text(hex("41ff")).bytesOfLonger(100))
            .fails(1007));
  }

  // PROTO-26
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Case violation : violations()) {
      cases.add(violation.after(text("one message")));
      cases.add(violation.after(text("text"), binary(hex("ff00")), text(""), text("last")));
      cases.add(violation.after(text("a"), ping("1"), ping("2"), text("b")));
      cases.add(violation.after(text("*".repeat(100_000)), text("*".repeat(200_000))));
      RawFrame[] many = new RawFrame[200];
      for (int i = 0; i < many.length; i++) {
        many[i] = text("message " + i);
      }
      cases.add(violation.after(many));
      cases.add(violation.after(text("octets"), ping("?"), binary(hex("80"))).chopped(1));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void messagesBeforeAViolationAreEchoedBeforeTheClose(Case played) {
    play(played);
  }

  static List<Case> fragmentedCases() {
    List<Case> cases = new ArrayList<>();
    for (Case violation : violations()) {
      Case joined =
          Case.named("fragments, then " + violation)
              .sends(text("a").unfinished(), ping("p"), continuation("b"))
              .gets(pong("p"), text("ab"));
      cases.add(joined.then(violation).inOneWrite());
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fragmentedCases")
  void fragmentedMessageBeforeAViolationIsEchoedToo(Case played) {
    play(played);
  }
}
