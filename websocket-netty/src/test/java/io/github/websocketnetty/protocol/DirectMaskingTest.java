package io.github.websocketnetty.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

class DirectMaskingTest {
  /** HotSpot's FreqInlineSize: longer methods are never inlined, however often they are called. */
  private static final int INLINED_AT_MOST = 325;

  @Test
  void whatOthersCallIsTooLongToBeInlined() {
    for (String method : List.of("static void xor(", "static long xorAndCollect(")) {
      int length = length(method + "java.nio.ByteBuffer, int, int, int)");
      assertTrue(length > INLINED_AT_MOST, method + ": " + length);
    }
  }

  /** Returns how many bytes of code a method has. */
  private static int length(String method) {
    StringWriter code = new StringWriter();
    ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
    // Decoded, lest a folder with a space in its name is not found.
    URI resource = URI.create(DirectMasking.class.getResource("DirectMasking.class").toString());
    String file = Path.of(resource).toString();
    int status = javap.run(new PrintWriter(code), new PrintWriter(System.err), "-p", "-c", file);
    assertEquals(0, status);
    String from = code.toString().substring(code.toString().indexOf(method));
    String body = from.substring(0, from.indexOf("\n\n"));
    // The last instruction returns, which is one byte.
    return Pattern.compile("(?m)^ +(\\d+): ")
            .matcher(body)
            .results()
            .map(MatchResult::group)
            .mapToInt(each -> Integer.parseInt(each.replaceAll("\\D", "")))
            .max()
            .orElseThrow()
        + 1;
  }
}
