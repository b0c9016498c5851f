package io.github.websocketnetty.examples.conformance;

import static io.github.websocketnetty.examples.support.RawFrame.binary;
import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.concat;
import static io.github.websocketnetty.examples.support.RawFrame.continuation;
import static io.github.websocketnetty.examples.support.RawFrame.of;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;

import io.github.websocketnetty.examples.support.RawFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chapters 3 and 4: reserved bits without an extension, and reserved opcodes. */
class ReservedTest extends ConformanceSuite {
  // PROTO-07
  static List<Case> reservedBits() {
    List<RawFrame> frames =
        List.of(
            text("Hello, world!"),
            text(""),
            binary(new byte[300]),
            text("start").unfinished(),
            ping("ping"),
            pong("pong"),
            close(1000, "bye"));
    List<Case> cases = new ArrayList<>();
    for (int bits = 1; bits <= 7; bits++) {
      for (RawFrame frame : frames) {
        String name = "3 reserved bits %d on opcode %d".formatted(bits, frame.opcode());
        cases.addAll(variants(name, frame.reserved(bits).bytes()));
      }
      byte[] message =
          concat(text("a").unfinished().bytes(), continuation("b").reserved(bits).bytes());
      cases.addAll(variants("3 reserved bits " + bits + " on a continuation", message));
    }
    return cases;
  }

  // PROTO-01
  static List<Case> reservedOpcodes() {
    List<Case> cases = new ArrayList<>();
    for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
      cases.addAll(variants("4 opcode " + opcode, of(opcode, "").bytes()));
      cases.addAll(
          variants("4 opcode " + opcode + " with payload", of(opcode, "reserved").bytes()));
      cases.add(
          Case.named("4 unfinished opcode " + opcode)
              .sends(of(opcode, "reserved").unfinished())
              .fails(1002));
      cases.add(
          Case.named("4 opcode " + opcode + " inside a message")
              .sends(text("start").unfinished(), of(opcode, ""))
              .fails(1002));
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("reservedBits")
  void reservedBitIsRefused(Case played) {
    play(played);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("reservedOpcodes")
  void reservedOpcodeIsRefused(Case played) {
    play(played);
  }

  /** Alone, in chops, after a message, and with a ping behind it that gets no answer. */
  private static List<Case> variants(String name, byte[] violation) {
    Case alone = Case.named(name).sends(violation).fails(1002);
    Case followed =
        Case.named(name + " before a ping").sends(concat(violation, ping("").bytes())).fails(1002);
    return List.of(alone, alone.chopped(1), alone.afterMessage(), followed);
  }
}
