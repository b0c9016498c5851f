package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.text;

import io.github.websocketnetty.examples.support.RawFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 1: text and binary messages of every length form, however TCP cuts them. */
class FramingTest extends ConformanceSuite {
  private static final int[] LENGTHS = {0, 1, 125, 126, 127, 128, 65_535, 65_536};

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int length : LENGTHS) {
      RawFrame text = text("*".repeat(length));
      RawFrame binary = binary(random(length));
      cases.addAll(inAllChops("1.1 text of " + length, text, length));
      cases.addAll(inAllChops("1.2 binary of " + length, binary, length));
    }
    cases.add(twice("1.3 two messages"));
    cases.add(twice("1.3 two messages").chopped(1));
    return cases;
  }

  // PROTO-02, PROTO-22, PROTO-25, PROTO-26
  static List<Case> refused() {
    List<Case> cases = new ArrayList<>();
    cases.add(Case.named("1.4 unmasked text").sends(text("open").unmaskedBytes()).fails(1002));
    cases.add(Case.named("1.4 unmasked empty").sends(text("").unmaskedBytes()).fails(1002));
    cases.add(
        Case.named("1.4 unmasked ping").sends(RawFrame.ping("x").unmaskedBytes()).fails(1002));
    for (int length : new int[] {0, 1, 125}) {
      cases.add(tooLongForm(length, 2));
      cases.add(tooLongForm(length, 8));
    }
    cases.add(tooLongForm(126, 8));
    cases.add(tooLongForm(65_535, 8));
    cases.add(
        Case.named("1.5 ping of 4 with its length in 2 bytes")
            .sends(RawFrame.ping("ping").bytes(2))
            .fails(1002));
    cases.add(
        Case.named("1.5 close with its length in 8 bytes")
            .sends(RawFrame.close(1000, "").bytes(8))
            .fails(1002));
    List<Case> more = new ArrayList<>(cases);
    cases.forEach(one -> more.add(one.afterMessage()));
    return more;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void messageIsEchoed(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void badHeaderIsRefused(Case played) {
    play(played);
  }

  private static List<Case> inAllChops(String name, RawFrame message, int length) {
    Case whole = Case.named(name).sends(message).gets(message);
    List<Case> cases = new ArrayList<>(List.of(whole));
    if (length > 997) {
      cases.add(whole.chopped(997));
    } else {
      cases.add(whole.chopped(1));
      cases.add(whole.chopped(3));
    }
    return cases;
  }

  private static Case twice(String name) {
    RawFrame first = text("first");
    RawFrame second = binary(random(300));
    return Case.named(name).sends(concat(first.bytes(), second.bytes())).gets(first, second);
  }

  private static Case tooLongForm(int length, int lengthBytes) {
    return Case.named("1.5 binary of %d with its length in %d bytes".formatted(length, lengthBytes))
        .sends(binary(random(length)).bytes(lengthBytes))
        .fails(1002);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
