package io.github.websocketnetty.handler;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.FuzzInput;
import io.github.websocketnetty.support.Fuzzing;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Any bytes in place of a response: a connection, or the exception that is documented. */
@ExtendWith(LeakCheck.class)
class ClientHandshakeFuzzTest {
  private static final int LONGEST_MESSAGE = 1 << 14;
  private static final URI TARGET = URI.create("ws://example.com/echo");

  /** Stands in an input for what the server has to answer to our key. */
  private static final String PLACE_OF_ACCEPT = "ACCEPT";

  private static final List<ClientHandshakeOptions> OPTIONS =
      List.of(
          ClientHandshakeOptions.forUri(TARGET),
          ClientHandshakeOptions.builder(TARGET)
              .subprotocols(List.of("chat", "superchat"))
              .maxStatusLine(64)
              .maxHeaderLine(80)
              .maxHeaders(8)
              .build());

  @Test
  void seedsAndWhatComesOfThem() throws IOException {
    Fuzzing.run(getClass(), 2000, ClientHandshakeFuzzTest::check);
  }

  @FuzzTest
  void fuzz(byte[] data) {
    check(data);
    LeakPresenceDetector.check();
  }

  private static void check(byte[] data) {
    FuzzInput in = new FuzzInput(data);
    HttpArrangement http = in.one(List.of(HttpArrangement.values()));
    ClientHandshakeOptions options = in.one(OPTIONS);
    boolean serverEnds = in.flag();
    int cuts = in.choose(256);

    Outcome outcome = new Outcome();
    EmbeddedChannel channel = HttpArrangement.channel();
    WebSocketClientHandshakeHandler handshake =
        new WebSocketClientHandshakeHandler(options, WebSocketPipeline.client().build());
    channel.pipeline().addLast(http.client());
    channel.pipeline().addLast(handshake).addLast(outcome);
    String request = Outcome.written(channel);
    String key = request.replaceAll("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
    String response =
        new String(in.rest(), ISO_8859_1).replace(PLACE_OF_ACCEPT, ServerHandshake.acceptKey(key));
    for (byte[] piece : in.pieces(cuts, response.getBytes(ISO_8859_1))) {
      if (channel.isOpen()) {
        channel.writeInbound(Unpooled.copiedBuffer(piece));
      }
    }
    if (serverEnds) {
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
    Fuzzing.passTime(channel);
    assertFalse(channel.isOpen());
    channel.finishAndReleaseAll();
    assertEquals(List.of(), outcome.errors);
    assertDone(handshake.handshakeFuture(), outcome);
  }

  private static void assertDone(Future<HandshakeCompleted> handshake, Outcome outcome) {
    assertTrue(handshake.isDone());
    assertEquals(handshake.isSuccess(), outcome.completed != null);
    if (handshake.isSuccess()) {
      assertEquals(101, handshake.getNow().response().status().code());
    } else {
      HandshakeException e = assertInstanceOf(HandshakeException.class, handshake.cause());
      assertTrue(String.valueOf(e.getMessage()).length() <= LONGEST_MESSAGE);
      assertEquals(List.of(), outcome.events);
    }
  }
}
