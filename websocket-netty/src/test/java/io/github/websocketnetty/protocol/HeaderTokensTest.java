package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.Extension.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderTokensTest {
  // HS-15
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Upgrade | [Upgrade]",
        "keep-alive, Upgrade | [keep-alive, Upgrade]",
        "'a,b' | [a, b]",
        "', ,a ,	b, ,' | [a, b]",
        "'  a  ' | [a]",
        "',,,a,,,' | [a]",
      })
  void tokensAreReadFromLists(String value, String tokens) {
    assertEquals(tokens, HeaderTokens.tokens("X", List.of(value)).toString());
  }

  // HS-15
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b | expected comma at 2 in a b",
        "a/b | expected comma at 1 in a/b",
        "??? | expected token at 0 in ???",
        "\"a\" | expected token at 0 in \"a\"",
      })
  void everythingElseIsRefusedWithItsPosition(String value, String problem) {
    HandshakeException e =
        assertThrows(
            HandshakeException.class, () -> HeaderTokens.tokens("Connection", List.of(value)));
    String expected = "invalid Connection header: " + problem;
    assertEquals(expected.strip(), e.getMessage().strip());
    assertEquals(400, e.status().code());
  }

  @Test
  void severalHeadersAreOneList() {
    assertEquals(List.of("a", "b", "c"), HeaderTokens.tokens("X", List.of("a, b", "c")));
    assertEquals(List.of(), HeaderTokens.tokens("X", List.of()));
  }

  // HS-15: RFC 9110, sections 5.3 and 5.6.1
  @Test
  void emptyHeadersBesideOthersAreEmptyElementsOfTheList() {
    List<String> values = List.of("", "a", " , ", "b,", "");
    assertEquals(List.of("a", "b"), HeaderTokens.tokens("X", values));
    assertEquals(List.of("a", "b"), HeaderTokens.protocols("X", values));
    assertEquals(2, HeaderTokens.extensions("X", values).size());
  }

  // HS-15
  @ParameterizedTest
  @ValueSource(strings = {"", " ", ",", ", ,"})
  void listWithoutAnElementIsRefusedAsEmpty(String value) {
    for (List<String> values : List.of(List.of(value), List.of(value, ""))) {
      assertEmpty(() -> HeaderTokens.tokens("X", values));
      assertEmpty(() -> HeaderTokens.protocols("X", values));
      assertEmpty(() -> HeaderTokens.extensions("X", values));
    }
  }

  private static void assertEmpty(Executable reading) {
    HandshakeException e = assertThrows(HandshakeException.class, reading);
    assertEquals("empty X header", e.getMessage());
    assertEquals(400, e.status().code());
  }

  @Test
  void protocolsMayHaveAVersion() {
    assertEquals(
        List.of("websocket", "HTTP/2.0"),
        HeaderTokens.protocols("Upgrade", List.of("websocket, HTTP/2.0")));
    assertThrows(
        HandshakeException.class, () -> HeaderTokens.protocols("Upgrade", List.of("HTTP/")));
  }

  @Test
  void extensionsHaveParametersWithAndWithoutValues() {
    assertEquals(
        List.of(
            new Extension("foo", List.of()),
            new Extension(
                "bar",
                List.of(
                    new Parameter("a", null), new Parameter("b", "1"), new Parameter("b", "2")))),
        HeaderTokens.extensions("X", List.of("foo, bar; a ;b=1; b = \"\\2\"")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"foo;a=1;b", "foo ;a=1;b", "foo; a=1 ;b", "foo;a = 1; b\t", " foo ; a =1 ; b"})
  void spaceMayStandAroundEverySeparatorOfAnExtension(String value) {
    assertEquals("foo; a=1; b", HeaderTokens.extensions("X", List.of(value)).get(0).toString());
  }

  // HS-15
  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo;",
        "foo; =1",
        "foo; a=",
        "foo; a=\"",
        "foo; a=\"b",
        "foo; a=\"b c\"",
        "foo; a=\"\"",
        "foo; a=1 2",
        "foo bar",
        "foo; a=\"\\"
      })
  void malformedExtensionsAreRefused(String value) {
    HandshakeException e =
        assertThrows(HandshakeException.class, () -> HeaderTokens.extensions("X", List.of(value)));
    assertEquals(HandshakeException.Reason.INVALID_HEADER, e.reason());
  }

  @Test
  void anExtensionReadsAsItIsWritten() {
    String text = "foo; a; b=1";
    assertEquals(text, HeaderTokens.extensions("X", List.of(text)).get(0).toString());
    assertThrows(IllegalArgumentException.class, () -> new Extension("a b", List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Parameter("a", "b c"));
    assertThrows(IllegalArgumentException.class, () -> new Parameter("", null));
  }

  // HS-36
  @Test
  void valuesAreLatin1WithoutControlCharacters() {
    assertEquals(-1, HeaderTokens.indexOfInvalid("tab\t and ~ and \u00FF"));
    assertEquals(4, HeaderTokens.indexOfInvalid("line\nbreak"));
    assertEquals(6, HeaderTokens.indexOfInvalid("delete\u007F"));
    assertEquals(0, HeaderTokens.indexOfInvalid("\u0100"));
    assertTrue(HeaderTokens.isToken("!#$%&'*+-.^_`|~09azAZ"));
    assertFalse(HeaderTokens.isToken("a b"));
    assertFalse(HeaderTokens.isToken("\u00E9"));
  }
}
