package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.hex;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static io.github.websocketnetty.examples.support.RawFrame.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 6: text is UTF-8, checked octet by octet as it arrives. */
class Utf8Test extends ConformanceSuite {
  private static final String MIXED =
      "Hello-µ@ßöäüàá κόσμε €\u0000\ud7ff\ue000\uffff𐍈\udbff\udfff!";

  /** Bad sequences; the octet before the bar is the one that cannot be right any more. */
  private static final List<String> INVALID =
      List.of(
          // Continuations of nothing.
          "80|",
          "bf|",
          "80|bf80bf",
          "a9|41",
          // Octets that never occur.
          "c0|80",
          "c0|af",
          "c1|bf",
          "f5|808080",
          "f6|80",
          "f7|bfbfbf",
          "f8|88808080",
          "fb|bfbfbfbf",
          "fc|8480808080",
          "fd|bfbfbfbfbf",
          "fe|",
          "ff|",
          "fe|feffff",
          // Longer than needed.
          "e080|80",
          "e080|af",
          "e09f|bf",
          "f080|8080",
          "f080|80af",
          "f08f|bfbf",
          // Surrogates, single and in pairs.
          "eda0|80",
          "edad|bf",
          "edae|80",
          "edaf|bf",
          "edb0|80",
          "edbe|80",
          "edbf|bf",
          "eda0|80edb080",
          "edaf|bfedbfbf",
          // Beyond U+10FFFF.
          "f490|8080",
          "f4bf|bfbf",
          // Cut short by something else.
          "c341|",
          "c3c3|a9",
          "c3e2|82ac",
          "e241|",
          "e28241|",
          "e282e2|82ac",
          "e2c3|a9",
          "f041|",
          "f09041|",
          "f0908d41|",
          "f0908df0|908d88",
          "f4ff|");

  private static final List<String> TRUNCATED =
      List.of("c3", "df", "e0", "e2", "e282", "ed9f", "efbf", "f0", "f090", "f0908d", "f48fbf");

  /** What stands before a bad sequence: lengths around those that a fast path may treat at once. */
  private static final List<String> PREFIXES =
      List.of("", "a", "seven77", "*".repeat(32), "*".repeat(71), "κόσμε", "*".repeat(60) + "𐍈");

  static Stream<String> valid() {
    Stream<Integer> edges =
        Stream.of(0, 0x7e, 0x80, 0x7fe, 0x800, 0xd7fe, 0xe000, 0xfdd0, 0xfdee, 0xfeff, 0xfffc)
            .flatMap(one -> Stream.of(one, one + 1));
    Stream<Integer> planes =
        Stream.iterate(0, plane -> plane <= 0x10, plane -> plane + 1)
            .flatMap(plane -> Stream.of(plane << 16 | 0xfffe, plane << 16 | 0xffff));
    return Stream.concat(
        Stream.of(MIXED, "*".repeat(1000) + MIXED + "*".repeat(1000), "é".repeat(4096)),
        Stream.concat(edges, planes)
            .filter(point -> point < 0xd800 || point > 0xdfff)
            .map(Character::toString)
            .map(character -> character + "|" + character + character));
  }

  @ParameterizedTest
  @MethodSource("valid")
  void validTextIsEchoed(String valid) throws IOException {
    Case whole = Case.named("6.2 valid").sends(text(valid)).gets(text(valid));
    play(whole);
    play(whole.chopped(1));
  }

  @Test
  void characterMayStraddleFragments() throws IOException {
    byte[] all = utf8(MIXED);
    try (RawClient client = RawClient.open(port)) {
      for (int cut = 0; cut <= all.length; cut++) {
        client.send(fragments(Arrays.copyOf(all, cut), Arrays.copyOfRange(all, cut, all.length)));
        client.expect(text(MIXED));
      }
      client.closeNormally();
    }
  }

  @Test
  void everyOctetMayBeAFragment() throws IOException {
    byte[] all = utf8(MIXED);
    byte[][] octets = new byte[all.length][];
    for (int i = 0; i < all.length; i++) {
      octets[i] = new byte[] {all[i]};
    }
    Case fragmented =
        Case.named("6.2.3 octets").sends(fragments(octets)).gets(text(MIXED), text("next"));
    play(fragmented.sends(text("next")));
    play(fragmented.sends(text("next")).chopped(1));
  }

  @Test
  void characterMayStraddleReads() throws IOException {
    byte[] frame = text(MIXED).bytes();
    try (RawClient client = RawClient.open(port)) {
      for (int cut = 1; cut < frame.length; cut++) {
        client.send(Arrays.copyOf(frame, cut));
        client.send(Arrays.copyOfRange(frame, cut, frame.length));
        client.expect(text(MIXED));
      }
      client.closeNormally();
    }
  }

  static Stream<BadText> invalid() {
    return PREFIXES.stream()
        .flatMap(prefix -> INVALID.stream().map(sequence -> BadText.of(prefix, sequence)));
  }

  // PROTO-17, RECV-20, RECV-21, RECV-24
  @ParameterizedTest
  @MethodSource("invalid")
  void invalidTextFailsTheConnection(BadText bad) throws IOException {
    assertTrue(bad.isRefusedByTheJdk(), "the case itself is wrong");
    refuses(bad, text(bad.whole()).bytes());
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void invalidOctetFailsTheConnectionBeforeTheRestOfItsFrame(BadText bad) throws IOException {
    refuses(bad, text(bad.uptoBadOctet()).bytesOfLonger(1000));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void invalidOctetFailsTheConnectionBeforeTheNextFragment(BadText bad) throws IOException {
    int cut = bad.uptoBadOctet().length - 1;
    refuses(
        bad,
        concat(
            text(Arrays.copyOf(bad.uptoBadOctet(), cut)).unfinished().bytes(),
            RawFrame.ping("").bytes(),
            new RawFrame(0, new byte[] {bad.uptoBadOctet()[cut]}).bytes()),
        RawFrame.pong(""));
  }

  static Stream<BadText> truncated() {
    return PREFIXES.stream()
        .flatMap(prefix -> TRUNCATED.stream().map(rest -> BadText.of(prefix, rest + "|")));
  }

  @ParameterizedTest
  @MethodSource("truncated")
  void truncatedTextFailsTheConnection(BadText bad) throws IOException {
    refuses(bad, text(bad.whole()).bytes());
    refuses(bad, fragments(bad.whole(), new byte[0]));
  }

  @ParameterizedTest
  @MethodSource("truncated")
  void truncatedCharacterIsAwaitedWhileItsMessageIsOpen(BadText bad) throws IOException {
    RawFrame open = text(bad.whole()).unfinished();
    play(Case.named("6.4.3").sends(open, RawFrame.ping("?")).gets(RawFrame.pong("?")));
  }

  @Test
  void invalidTextIsFoundInOctetSizedReads() throws IOException {
    for (BadText bad : invalid().filter(one -> one.prefix().equals("κόσμε")).toList()) {
      play(Case.named("6").sends(text(bad.whole())).fails(1007).afterMessage().chopped(1));
    }
  }

  @Test
  void binaryMayBeAnything() throws IOException {
    for (String sequence : INVALID) {
      RawFrame binary = RawFrame.binary(BadText.of("", sequence).whole());
      play(Case.named("1.2 not UTF-8").sends(binary).gets(binary));
    }
  }

  private void refuses(BadText bad, byte[] sent, RawFrame... before) throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(sent);
      for (RawFrame frame : before) {
        client.expect(frame);
      }
      RawFrame close = client.read();
      assertEquals(1007, close.closeCode());
      String reason = new String(close.payload(), 2, close.payload().length - 2);
      assertTrue(reason.endsWith(" at position " + utf8(bad.prefix()).length), reason);
      client.expectEnd();
    }
  }

  private static byte[] fragments(byte[]... parts) {
    byte[] all = {};
    for (int i = 0; i < parts.length; i++) {
      int first = (i == 0 ? 1 : 0) | (i == parts.length - 1 ? 0x80 : 0);
      all = concat(all, new RawFrame(first, parts[i]).bytes());
    }
    return all;
  }

  /** Valid text, then a sequence that is not. */
  record BadText(String prefix, String badPart, String rest) {
    static BadText of(String prefix, String sequence) {
      int bar = sequence.indexOf('|');
      return new BadText(prefix, sequence.substring(0, bar), sequence.substring(bar + 1));
    }

    byte[] uptoBadOctet() {
      return concat(utf8(prefix), hex(badPart));
    }

    byte[] whole() {
      return concat(uptoBadOctet(), hex(rest));
    }

    boolean isRefusedByTheJdk() {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(whole()));
        return false;
      } catch (CharacterCodingException expected) {
        return true;
      }
    }
  }
}
