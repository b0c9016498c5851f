package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HS-50: one form for each name of a host. */
class HostNameTest {
  @ParameterizedTest
  @CsvSource({
    "localhost, localhost",
    "Squid_Proxy, squid_proxy",
    "a-b.c_d., a-b.c_d.",
    "m\u00DCller, xn--mller-kva",
    "M%C3%9Cller, xn--mller-kva",
    "a\u3002b, a.b",
    "a\uFF0Eb\uFF61, a.b.",
    "\uFF11\uFF12\uFF17.0.0.1, 127.0.0.1",
    "XN--STRAE-OQA, xn--strae-oqa",
    "[::1], ::1",
    "[2001:DB8:0:0:0::1], 2001:db8::1",
    "[fe80::1%25eth0], fe80::1%eth0",
    "[fe80::1%25a%2Db], fe80::1%a-b",
  })
  void namesHaveOneForm(String text, String expected) {
    assertEquals(expected, HostName.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "a%",
        "a%zz",
        "a%00b",
        "a%FFb",
        "a\u007Fb",
        "a..b",
        "[::1",
        "[::g]",
        "[127.0.0.1]",
        "[]",
        "[fe80::1%25]",
        "[fe80::1%]",
        "a\u2024b",
      })
  void whatIsNoHostIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> HostName.parse(text));
  }

  /** All characters that were found by a comparison with UTS 46, nontransitional. */
  @Test
  void charactersOfAnotherDomainAreRefused() {
    int[] others = {
      0xDF, 0x3C2, 0x200C, 0x200D, 0x4C0, 0x10A0, 0x10B0, 0x10C5, 0x115F, 0x1160, 0x17B4, 0x17B5,
      0x1806, 0x2132, 0x2183, 0x3164, 0xFFA0, 0x2F868, 0x2F874, 0x2F91F, 0x2F95F, 0x2F9BF
    };
    for (int c : others) {
      String name = "a" + Character.toString(c) + "b";
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> HostName.parse(name));
      assertEquals(
          String.format(
              "hostname %s is invalid: IDNA 2003 maps U+%04X otherwise than browsers do, so the"
                  + " name would be another domain; write it in ASCII, as xn--...",
              name, c),
          refusal.getMessage());
    }
    assertEquals("xn--ab-8hk", HostName.parse("a\u10D0b")); // Georgian of today
  }

  @Test
  void zoneIsLeftOut() {
    assertEquals("fe80::1", HostName.withoutZone("fe80::1%eth0"));
    assertEquals("::1", HostName.withoutZone("::1"));
    assertEquals("h", HostName.withoutZone("h"));
  }
}
