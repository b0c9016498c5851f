package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class CloseStatusTest {
  private static String hex(CloseStatus status) {
    ByteBuf out = Unpooled.buffer();
    status.encode(out);
    String hex = ByteBufUtil.hexDump(out);
    out.release();
    return hex;
  }

  private static CloseStatus decode(String hex) {
    ByteBuf in = Unpooled.wrappedBuffer(WireFrame.hex(hex));
    try {
      return CloseStatus.decode(in);
    } finally {
      in.release();
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, bye, 03e8627965", "1001, '', 03e9", "4999, é, 1387c3a9", "1005, '', ''"})
  void whatIsEncodedIsDecodedAgain(int code, String reason, String payload) {
    CloseStatus status = new CloseStatus(code, reason);
    assertEquals(payload, hex(status));
    assertEquals(status, decode(payload));
  }

  // CLOSE-32
  @Test
  void emptyPayloadIsNoStatusReceived() {
    assertEquals(CloseStatus.EMPTY, decode(""));
    assertEquals(1005, CloseStatus.EMPTY.code());
    assertTrue(CloseStatus.EMPTY.isOk());
  }

  // CLOSE-03
  @Test
  void reasonWithoutCodeIsRefused() {
    Exception e = assertThrows(IllegalArgumentException.class, () -> new CloseStatus(1005, "why"));
    assertEquals("cannot send a reason without a code: why", e.getMessage());
  }

  // CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
  void registeredCodesMayBeSent(int code) {
    assertEquals(code, new CloseStatus(code, "").code());
  }

  // CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {3000, 3999, 4000, 4999})
  void codesOfLibrariesAndApplicationsMayBeSent(int code) {
    assertEquals(code, new CloseStatus(code, "").code());
  }

  // CLOSE-04
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65_535, 66_536})
  void otherCodesMayNotBeSent(int code) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> new CloseStatus(code, ""));
    assertTrue(e.getMessage().startsWith("invalid status code: " + code));
  }

  // CLOSE-05
  @Test
  void reasonOf123BytesFitsAndOf124DoesNot() {
    assertEquals(123, new CloseStatus(1000, "x".repeat(123)).reason().length());
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> new CloseStatus(1000, "é".repeat(62)));
    assertEquals("reason is 124 bytes, at most 123 fit in a close frame", e.getMessage());
  }

  // SEND-04: a reason that cannot be encoded leaves the connection untouched
  @Test
  void reasonWithAnUnpairedSurrogateIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new CloseStatus(1000, "\ud800"));
  }

  @Test
  void truncatedReasonEndsAtACharacter() {
    assertEquals("😀".repeat(30), CloseStatus.truncated(1011, "😀".repeat(50)).reason());
    assertEquals("short", CloseStatus.truncated(1011, "short").reason());
  }

  // PROTO-12, PROTO-13, PROTO-14
  @ParameterizedTest
  @CsvSource({
    "03, 1002, close frame too short",
    "03ee, 1002, invalid status code: 1006",
    "03e8ff, 1007, invalid start byte at position 0",
    "03e861c3, 1007, unexpected end of data at position 1",
  })
  void payloadThatMayNotTravelIsRefused(String payload, int code, String reason) {
    ProtocolException e = assertThrows(ProtocolException.class, () -> decode(payload));
    assertEquals(code, e.closeCode());
    assertEquals(reason, e.getMessage());
  }

  // CLOSE-35
  @ParameterizedTest
  @CsvSource({
    "1000, '', 1000 (OK)",
    "1001, bye, 1001 (going away) bye",
    "1002, '', 1002 (protocol error)",
    "1003, '', 1003 (unsupported data)",
    "1005, '', 1005 (no status received [internal])",
    "1007, '', 1007 (invalid frame payload data)",
    "1008, '', 1008 (policy violation)",
    "1009, '', 1009 (message too big)",
    "1010, '', 1010 (mandatory extension)",
    "1011, '', 1011 (internal error)",
    "1012, '', 1012 (service restart)",
    "1013, '', 1013 (try again later)",
    "1014, '', 1014 (bad gateway)",
    "3456, '', 3456 (registered)",
    "4567, x, 4567 (private use) x",
  })
  void textHasTheCodeItsExplanationAndTheReason(int code, String reason, String text) {
    assertEquals(text, new CloseStatus(code, reason).toString());
  }

  // CLOSE-35: codes that are only reported
  @ParameterizedTest
  @CsvSource({
    "1006, abnormal closure [internal]",
    "1015, TLS handshake failure [internal]",
    "1004, unknown",
    "5000, unknown",
  })
  void codesThatNeverTravelAreExplainedToo(int code, String explanation) {
    assertEquals(explanation, CloseCode.explain(code));
  }

  @ParameterizedTest
  @CsvSource({"1000, true", "1001, true", "1002, false", "1012, false", "4000, false"})
  void onlyNormalClosureAndGoingAwayAreOk(int code, boolean ok) {
    assertEquals(ok, new CloseStatus(code, "").isOk());
  }

  @Test
  void opcodesHaveNamesAndKinds() {
    assertEquals("CONT", Opcode.name(0));
    assertEquals("PONG", Opcode.name(10));
    assertEquals("opcode 3", Opcode.name(3));
    assertTrue(Opcode.isControl(11));
    assertFalse(Opcode.isControl(2));
    assertFalse(Opcode.isKnown(11));
    assertTrue(Opcode.isKnown(10));
  }
}
