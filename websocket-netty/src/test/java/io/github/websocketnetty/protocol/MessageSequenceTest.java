package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageSequenceTest {
  private final MessageSequence sequence = new MessageSequence(new FrameLimits(100, 60, 3));

  private static ProtocolException refused(Runnable check) {
    return assertThrows(ProtocolException.class, check::run);
  }

  @Test
  void messageIsOpenFromItsFirstFragmentToItsLast() {
    assertFalse(sequence.isOpen());
    sequence.accept(false, 0, Opcode.TEXT, 10);
    assertTrue(sequence.isOpen());
    assertEquals(Opcode.TEXT, sequence.opcode());
    sequence.accept(false, 0, Opcode.CONTINUATION, 20);
    assertEquals(30, sequence.size());
    assertEquals(Opcode.TEXT, sequence.opcode());
    sequence.accept(true, 0, Opcode.CONTINUATION, 5);
    assertFalse(sequence.isOpen());
    assertEquals(0, sequence.size());
  }

  // PROTO-10, PROTO-11
  @Test
  void orderOfFragmentsIsChecked() {
    assertEquals(
        "unexpected continuation frame",
        refused(() -> sequence.checkOrder(Opcode.CONTINUATION)).getMessage());
    sequence.accept(false, 0, Opcode.BINARY, 1);
    assertEquals(
        "expected a continuation frame",
        refused(() -> sequence.checkOrder(Opcode.BINARY)).getMessage());
    sequence.checkOrder(Opcode.CONTINUATION);
  }

  // PROTO-03, PROTO-04, OPT-24
  @Test
  void budgetIsTheSmallerOfMessageAndFragmentLimit() {
    sequence.checkLength(60);
    assertEquals(
        "frame with 61 bytes exceeds limit of 60 bytes",
        refused(() -> sequence.checkLength(61)).getMessage());
    sequence.accept(false, 0, Opcode.BINARY, 60);
    sequence.checkLength(40);
    ProtocolException e = refused(() -> sequence.checkLength(41));
    assertEquals(
        "frame with 41 bytes after reading 60 bytes exceeds limit of 100 bytes", e.getMessage());
    assertEquals(1009, e.closeCode());
  }

  @Test
  void fragmentsAreLimitedInNumber() {
    sequence.accept(false, 0, Opcode.BINARY, 0);
    sequence.accept(false, 0, Opcode.CONTINUATION, 0);
    sequence.checkOrder(Opcode.CONTINUATION);
    sequence.accept(false, 0, Opcode.CONTINUATION, 0);
    ProtocolException e = refused(() -> sequence.checkOrder(Opcode.CONTINUATION));
    assertEquals("1009 message has more than 3 fragments", e.closeCode() + " " + e.getMessage());
  }

  @Test
  void limitsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> new FrameLimits(-1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new FrameLimits(1, -1, 1));
    assertEquals(
        "maxFragments is 0, must be >= 1",
        assertThrows(IllegalArgumentException.class, () -> new FrameLimits(1, 1, 0)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> new FrameLimits(1, 1, -2));
  }

  // OPT-23
  @Test
  void fragmentsBySizeAreOneForEachSixtyFourBytesAndSomeForNothing() {
    FrameLimits limits = new FrameLimits(1 << 20, 1, FrameLimits.FRAGMENTS_BY_SIZE);
    assertEquals(16_384, limits.fragments(63, false));
    assertEquals(16_385, limits.fragments(64, false));
    assertEquals(2 * 16_384, limits.fragments(1 << 20, false));
    assertEquals(16_384, limits.fragments(3, true));
    assertEquals(16_385, limits.fragments(4, true));
    assertEquals(2 * 16_384, limits.fragments(1 << 20, true));
    assertEquals(7, new FrameLimits(1 << 20, 1, 7).fragments(1 << 20, true));
  }

  // DEFL-22
  @ParameterizedTest
  @ValueSource(longs = {FrameLimits.UNLIMITED, FrameLimits.UNLIMITED - 1, (1L << 62) + 1})
  void limitsOfTheWireDoNotOverflow(long size) {
    FrameLimits wire = new FrameLimits(size, size, FrameLimits.FRAGMENTS_BY_SIZE).deflated();
    assertEquals(FrameLimits.UNLIMITED, wire.maxMessageSize());
    assertEquals(FrameLimits.UNLIMITED, wire.maxFragmentSize());
  }
}
