package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.hex;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.examples.Api;
import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapter 7: the closing handshake, which the server ends with the first FIN. */
class CloseTest extends ConformanceSuite {
  private static final int[] VALID_CODES = {
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999
  };
  private static final int[] INVALID_CODES = {
    0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 32_768, 65_535
  };

  // CLOSE-04, CLOSE-05, CLOSE-20, CLOSE-30, CLOSE-32
  static List<RawFrame> echoed() {
    List<RawFrame> closes = new ArrayList<>();
    closes.add(close(new byte[0]));
    for (int code : VALID_CODES) {
      closes.add(close(code, ""));
      closes.add(close(code, "the reason of " + code));
    }
    closes.add(close(1000, "*".repeat(123)));
    closes.add(close(4000, "é".repeat(61)));
    closes.add(close(1000, "€𐍈\uffff"));
    return closes;
  }

  // PROTO-08, PROTO-12, PROTO-13, PROTO-14
  static List<Case> refused() {
    List<Case> cases = new ArrayList<>();
    for (int code : INVALID_CODES) {
      cases.add(Case.named("7.9 code " + code).sends(close(code, "")).fails(1002));
      cases.add(Case.named("7.9 code " + code + " and reason").sends(close(code, "x")).fails(1002));
    }
    cases.add(Case.named("7.3.2 half a code").sends(close(hex("03"))).fails(1002));
    for (int length : new int[] {124, 125, 500, 65_536}) {
      cases.add(
          Case.named("7.3.6 reason of " + length)
              .sends(close(1000, "*".repeat(length)))
              .fails(1002));
    }
    for (String reason : List.of("ff", "ceba ed a0 80", "c3", "f4 90 80 80", "e2 82", "c0 af")) {
      cases.add(
          Case.named("7.5 reason " + reason)
              .sends(close(concat(hex("03e8"), hex(reason))))
              .fails(1007));
    }
    List<Case> all = new ArrayList<>(cases);
    cases.forEach(one -> all.add(one.afterMessage()));
    return all;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("echoed")
  void validCloseIsEchoedVerbatim(RawFrame close) throws IOException {
    for (int chop : new int[] {Integer.MAX_VALUE, 1}) {
      try (RawClient client = RawClient.open(port)) {
        client.sendChopped(close.bytes(), chop);
        client.expect(close);
        client.expectEnd();
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void invalidCloseIsAnsweredWithTheRightCode(Case played) {
    play(played);
  }

  @Test
  void messageBeforeTheCloseIsEchoedBeforeTheAnswer() throws IOException {
    assumeTrue(server.api() != Api.BLOCKING, "the close is answered on another thread");
    RawFrame big = text("*".repeat(256 << 10));
    RawFrame bye = close(1000, "bye");
    try (RawClient client = RawClient.open(port)) {
      client.send(concat(big.bytes(), text("Hello World!").bytes(), bye.bytes()));
      client.expect(big);
      client.expect(text("Hello World!"));
      client.expect(bye);
      client.expectEnd();
    }
  }

  // CLOSE-33
  static List<byte[]> ignored() {
    return List.of(
        close(1000, "again").bytes(),
        close(4000, "").bytes(),
        ping("too late").bytes(),
        text("too late").bytes(),
        text("too late").unmaskedBytes(),
        hex("ff ff ff ff ff ff ff ff ff ff"),
        text("*".repeat(200_000)).bytes());
  }

  @ParameterizedTest
  @MethodSource("ignored")
  void whatFollowsTheCloseIsIgnored(byte[] late) throws IOException {
    RawFrame bye = close(1001, "first");
    try (RawClient client = RawClient.open(port)) {
      client.send(concat(bye.bytes(), late));
      client.expect(bye);
      client.expectEnd();
    }
  }

  @ParameterizedTest
  @MethodSource("ignored")
  void whatFollowsInALaterWriteIsIgnored(byte[] late) throws IOException {
    RawFrame bye = close(1001, "first");
    try (RawClient client = RawClient.open(port)) {
      client.send(bye);
      client.expect(bye);
      client.send(late);
      client.expectEnd();
    }
  }

  // PROTO-15
  @ParameterizedTest(name = "{0}")
  @MethodSource("echoed")
  void closeInsideAMessageIsAnsweredWithThePeersOwnCode(RawFrame close) throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(
          concat(
              text("fragment1").unfinished().bytes(),
              close.bytes(),
              continuation("fragment2").bytes()));
      client.expect(close);
      client.expectEnd();
    }
  }

  // PROTO-24, PROTO-25
  @Test
  void violationIsAnsweredWithOneCloseWhateverFollows() throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(
          concat(
              text("bad").reserved(4).bytes(),
              text("worse").reserved(2).bytes(),
              close(1000, "").bytes(),
              ping("").bytes()));
      client.expectClose(1002);
    }
  }

  // CLOSE-24
  @Test
  void endWithoutCloseIsAnsweredWithTheEndOnly() throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.endOutput();
      client.expectEnd();
    }
  }

  // CLOSE-25
  @Test
  void endInsideAFrameIsAnsweredWithTheEndOnly() throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(text("").announcing(100));
      client.endOutput();
      client.expectEnd();
    }
  }

  @Test
  void messageBeforeTheEndIsEchoed() throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(text("last words"));
      client.expect(text("last words"));
      client.endOutput();
      client.expectEnd();
    }
  }

  @Test
  void serverSurvivesAReset() throws IOException {
    try (RawClient client = RawClient.open(port)) {
      client.send(text("half").announcing(100_000));
      client.resetOnClose();
    }
    try (RawClient client = RawClient.open(port)) {
      client.send(text("still there"));
      client.expect(text("still there"));
      client.closeNormally();
    }
  }
}
