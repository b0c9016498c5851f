package io.github.websocketnetty.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Any value of {@code Sec-WebSocket-Extensions}: taken or refused as the grammar says. */
class ExtensionHeaderFuzzTest {
  private static final String HEADER = "Sec-WebSocket-Extensions";

  private static final String CHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
  private static final String SPACE = "[ \\t]*+";
  private static final String VALUE = "(?:" + CHAR + "++|\"(?:\\\\?" + CHAR + ")++\")";
  private static final String PARAMETER =
      CHAR + "++" + SPACE + "(?:=" + SPACE + VALUE + SPACE + ")?+";
  private static final String EXTENSION = CHAR + "++" + SPACE + "(?:;" + SPACE + PARAMETER + ")*+";

  /** RFC 6455, section 9.1, with the empty elements of RFC 9110, section 5.6.1. */
  private static final Pattern GRAMMAR =
      Pattern.compile("[ \\t,]*+" + EXTENSION + "(?:,[ \\t,]*+" + EXTENSION + ")*+[ \\t,]*+");

  private static final List<DeflateOptions> OPTIONS =
      List.of(
          DeflateOptions.defaults(),
          DeflateOptions.builder()
              .serverContextTakeover(false)
              .clientContextTakeover(false)
              .peerWindowBits(9)
              .windowBits(12)
              .build());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 10_000, ExtensionHeaderFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    DeflateOptions options = in.one(OPTIONS);
    String value = new String(in.rest(), ISO_8859_1);
    if (!GRAMMAR.matcher(value).matches()) {
      assertThrows(HandshakeException.class, () -> read(value));
      return;
    }
    List<Extension> extensions = read(value);
    assertTrue(extensions.toString().length() <= 20 * (value.length() + 1), "out of proportion");
    assertEquals(extensions, read(Extension.join(extensions)));
    for (Extension extension : extensions) {
      negotiate(options, new Extension(DeflateParameters.NAME, extension.parameters()));
    }
  }

  private static List<Extension> read(String value) {
    return HeaderTokens.extensions(HEADER, List.of(value));
  }

  /** An offer and an answer are refused in the documented way, or mean what they say. */
  private static void negotiate(DeflateOptions options, Extension extension) {
    try {
      DeflateParameters offer = DeflateParameters.ofOffer(extension);
      assertEquals(offer, DeflateParameters.ofOffer(offer.toExtension()));
      Extension answer = new DeflateServerExtension(options).accept(extension, List.of());
      DeflateParameters agreed = DeflateParameters.ofAnswer(answer);
      assertTrue(agreed.serverNoContextTakeover() || !offer.serverNoContextTakeover());
      int serverBits = offer.serverMaxWindowBits();
      assertTrue(serverBits == 0 || agreed.serverMaxWindowBits() <= serverBits);
      assertTrue(serverBits == 0 || agreed.serverMaxWindowBits() >= 8);
      int clientBits = offer.clientMaxWindowBits();
      assertTrue(clientBits <= 0 || agreed.clientMaxWindowBits() <= clientBits);
      assertTrue(clientBits != DeflateParameters.ABSENT || agreed.clientMaxWindowBits() == 0);
    } catch (HandshakeException refused) {
      assertEquals(HandshakeException.Reason.NEGOTIATION, refused.reason());
    }
    try {
      new DeflateClientExtension(options).accept(extension, List.of());
    } catch (HandshakeException refused) {
      assertEquals(HandshakeException.Reason.NEGOTIATION, refused.reason());
    }
  }
}
