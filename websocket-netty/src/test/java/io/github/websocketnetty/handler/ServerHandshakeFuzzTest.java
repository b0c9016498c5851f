package io.github.websocketnetty.handler;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes in place of a request: one answer, or none but an end, and no surprise. */
@ExtendWith(LeakCheck.class)
class ServerHandshakeFuzzTest {
  private static final int LONGEST_ANSWER = 1 << 15;

  private static final List<ServerHandshakeOptions> OPTIONS =
      List.of(
          ServerHandshakeOptions.forPath("/echo"),
          ServerHandshakeOptions.builder()
              .subprotocols(List.of("chat", "superchat"))
              .origin("https://example.com")
              .origin(Pattern.compile("https://.*\\.example\\.org"))
              .absentOrigin()
              .compression(DeflateOptions.defaults())
              .maxRequestLine(64)
              .maxHeaderLine(64)
              .maxHeaders(10)
              .build(),
          ServerHandshakeOptions.builder()
              .processRequest(BasicAuthentication.of("realm", "user", "password"))
              .build());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 2000, ServerHandshakeFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    HttpArrangement http = in.one(List.of(HttpArrangement.values()));
    ServerHandshakeOptions options = in.one(OPTIONS);
    int cuts = in.choose(256);
    byte[] bytes = in.rest();

    Outcome outcome = new Outcome();
    EmbeddedChannel channel = HttpArrangement.channel();
    channel.pipeline().addLast(http.server());
    channel
        .pipeline()
        .addLast(new WebSocketServerHandshakeHandler(options, WebSocketPipeline.server().build()))
        .addLast(outcome);
    for (byte[] piece : in.pieces(cuts, bytes)) {
      if (channel.isOpen()) {
        channel.writeInbound(Unpooled.copiedBuffer(piece));
      }
    }
    Fuzzing.passTime(channel);
    String written = Outcome.written(channel);
    assertFalse(channel.isOpen(), written);
    channel.finishAndReleaseAll();
    assertEquals(List.of(), outcome.errors);
    assertTrue(written.startsWith("HTTP/1.1 "), written);
    assertTrue(written.length() <= LONGEST_ANSWER);
    boolean accepted = written.startsWith("HTTP/1.1 101 ");
    assertEquals(accepted, outcome.completed != null, written);
    if (accepted) {
      assertAsked(new String(bytes, ISO_8859_1).toLowerCase(Locale.ROOT));
    }
  }

  /** Nobody is taken for a WebSocket client who did not say all of this. */
  private static void assertAsked(String request) {
    // RFC 9112, section 3: the words of a request line may be apart by other white space.
    assertTrue(request.stripLeading().matches("(?s)get[ \t\\x0b\f\r].*"), request);
    for (String part :
        List.of("\nhost:", "\nupgrade:", "websocket", "\nconnection:", "\nsec-websocket-key:")) {
      assertTrue(request.contains(part), request);
    }
    assertTrue(request.matches("(?s).*\nsec-websocket-version:[ \t]*13\\s.*"), request);
  }
}
