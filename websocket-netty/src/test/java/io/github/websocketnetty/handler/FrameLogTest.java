package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is logged about frames, how long the lines are, and that nothing is without DEBUG. */
@ExtendWith(LeakCheck.class)
class FrameLogTest {
  private final RecordedLog log = new RecordedLog();
  private final RecordedLog quiet = new RecordedLog(false);

  private static EmbeddedChannel open(RecordedLog log, DeflateAgreement deflate) {
    EmbeddedChannel channel = new EmbeddedChannel();
    WebSocketPipeline.server()
        .keepalive(Duration.ZERO, Duration.ZERO)
        .logger(log)
        .build()
        .addLast(channel.pipeline(), deflate);
    return channel;
  }

  /** The lines behind the name of the channel. */
  private List<String> lines() {
    return log.records.stream()
        .map(line -> line.replaceFirst(" \\[id: [^\\]]*]", ""))
        .collect(Collectors.toList());
  }

  // OPT-32, LOG-04, LOG-05
  @Test
  void framesOfBothDirectionsAreLoggedAtDebug() {
    EmbeddedChannel channel = open(log, null);
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            WireFrame.of(true, 0, 1, true, "hello".getBytes(StandardCharsets.UTF_8)),
            WireFrame.of(true, 0, 9, true, new byte[] {1, 2}),
            WireFrame.close(true, 1001, "bye")));
    ChannelEnd.check(channel);
    assertEquals(
        List.of(
            "INFO connection open",
            "DEBUG < TEXT 'hello' [5 bytes]",
            "DEBUG < PING 0102 [2 bytes]",
            "DEBUG > PONG 0102 [2 bytes]",
            "DEBUG < CLOSE 1001 (going away) bye [5 bytes]",
            "DEBUG > CLOSE 1001 (going away) bye [5 bytes]",
            "INFO connection closed: received 1001 (going away) bye;"
                + " then sent 1001 (going away) bye"),
        lines());
  }

  // LOG-03
  @Test
  void onlyTheBeginningAndTheEndAreLoggedAtInfo() {
    EmbeddedChannel channel = open(quiet, null);
    channel.writeInbound(
        Unpooled.wrappedBuffer(WireFrame.text(true, "a"), WireFrame.close(true, 4000, "bye")));
    ChannelEnd.check(channel);
    assertEquals(2, quiet.records.size(), quiet.records::toString);
    String id = " \\[id: [^\\]]*]";
    assertTrue(quiet.records.get(0).matches("INFO connection open" + id), quiet.records.get(0));
    assertTrue(
        quiet
            .records
            .get(1)
            .matches(
                "INFO connection closed"
                    + id
                    + ": received 4000 \\(private use\\) bye; then sent 4000 \\(private use\\)"
                    + " bye"),
        quiet.records.get(1));
  }

  // LOG-03
  @Test
  void whyAConnectionEndedAbnormallyIsSaid() {
    EmbeddedChannel lost = open(log, null);
    lost.pipeline().fireExceptionCaught(new IOException("Connection reset"));
    lost.unsafe().close(lost.voidPromise());
    assertThrows(IOException.class, lost::finishAndReleaseAll);
    assertEquals(
        List.of(
            "INFO connection open",
            "DEBUG failed: java.io.IOException: Connection reset",
            "INFO connection closed: no close frame received or sent;"
                + " java.io.IOException: Connection reset"),
        lines());
    assertEquals(List.of(), log.failures, "a peer that vanished is worth no stack trace");
  }

  // LOG-03
  @Test
  void reasonsAreShortenedAndDoNotLookLikeAnotherLine() {
    String reason = "\r\nERROR \u2028\u202E" + "x".repeat(100);
    EmbeddedChannel channel = open(quiet, null);
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.close(true, 1000, reason)));
    ChannelEnd.check(channel);
    String shown =
        "1000 (OK) \\u000d\\u000aERROR \\u2028\\u202e" + "x".repeat(8) + "..." + "x".repeat(24);
    String end = quiet.lines.get(1);
    assertTrue(end.endsWith("]: received " + shown + "; then sent " + shown), end);
  }

  // LOG-03: such as that of a Connection
  @Test
  void theIdentifierOfTheConnectionIsShownIfAHandlerKnowsIt() {
    EmbeddedChannel channel = new EmbeddedChannel(new Identified());
    WebSocketPipeline.client().logger(quiet).build().addLast(channel.pipeline());
    channel.unsafe().close(channel.voidPromise());
    ChannelEnd.check(channel);
    assertTrue(quiet.lines.get(0).endsWith("] the identifier"), quiet.lines.get(0));
    assertTrue(quiet.lines.get(1).contains("] the identifier: "), quiet.lines.get(1));
  }

  private static final class Identified extends ChannelHandlerAdapter
      implements ConnectionIdSource {
    @Override
    public Object connectionId() {
      return "the identifier";
    }
  }

  // LOG-05
  @Test
  void fragmentsAreShownAsWhatTheirMessageIs() {
    assertEquals(
        "TEXT 'ca' [2 bytes, continued]",
        describe(new TextWebSocketFrame(false, 0, ascii("ca")), true));
    assertEquals(
        "CONT 'fe' [2 bytes]",
        describe(new ContinuationWebSocketFrame(true, 0, ascii("fe")), true));
    assertEquals(
        "CONT 6665 [2 bytes]",
        describe(new ContinuationWebSocketFrame(true, 0, ascii("fe")), false));
    assertEquals("TEXT [0 bytes]", describe(new TextWebSocketFrame(""), true));
    assertEquals("BINARY 66 [1 byte]", describe(new BinaryWebSocketFrame(ascii("f")), false));
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static String describe(WebSocketFrame frame, boolean isText) {
    try {
      return LogLines.of(frame, isText);
    } finally {
      frame.release();
    }
  }

  // OPT-32: test_cont_text_truncated, test_binary_truncated
  @Test
  void payloadsAreAbbreviatedTo75Characters() {
    String text = "a".repeat(60) + "b".repeat(100_000) + "c".repeat(60);
    assertEquals(
        "TEXT '" + "a".repeat(48) + "..." + "c".repeat(24) + "' [100120 bytes]",
        describe(new TextWebSocketFrame(text), true));
    assertEquals(
        "BINARY " + "61".repeat(24) + "..." + "63".repeat(12) + " [100120 bytes]",
        describe(new BinaryWebSocketFrame(ascii(text)), false));
    String exact = "x".repeat(75);
    assertEquals("TEXT '" + exact + "' [75 bytes]", describe(new TextWebSocketFrame(exact), true));
    String longest = describe(new TextWebSocketFrame("\u20ac".repeat(40_000)), true);
    assertTrue(longest.length() <= 75 + "TEXT '' [120000 bytes]".length(), longest);
    byte[] payload = new byte[125];
    assertEquals(
        "PONG " + "0".repeat(48) + "..." + "0".repeat(24) + " [125 bytes]",
        describe(new PongWebSocketFrame(Unpooled.wrappedBuffer(payload)), false));
  }

  // LOG-04, LOG-05: what servers share among connections is handed over as bytes
  @Test
  void framesOfABroadcastAreShownAsOthers() {
    EmbeddedChannel channel = open(log, null);
    channel.writeOutbound(Unpooled.wrappedBuffer(WireFrame.text(false, "hello")));
    channel.writeOutbound(Unpooled.wrappedBuffer(WireFrame.of(true, 0, 2, false, new byte[300])));
    byte[] large = new byte[70_000];
    channel.writeOutbound(Unpooled.wrappedBuffer(WireFrame.of(true, 0, 2, false, large)));
    byte[] compressed = {(byte) 0xCA, 0x49, 0x04, 0x00};
    channel.writeOutbound(Unpooled.wrappedBuffer(WireFrame.of(true, 4, 1, false, compressed)));
    String zeros = "0".repeat(48) + "..." + "0".repeat(24);
    assertEquals(
        List.of(
            "INFO connection open",
            "DEBUG > TEXT 'hello' [5 bytes]",
            "DEBUG > BINARY " + zeros + " [300 bytes]",
            "DEBUG > BINARY " + zeros + " [70000 bytes]",
            "DEBUG > TEXT ca490400 [4 bytes, compressed]"),
        lines());
    channel.releaseOutbound();
    ChannelEnd.check(channel);
  }

  // LOG-04: empty writes tell when all before them are flushed
  @Test
  void whatIsNoFrameIsNotLogged() {
    EmbeddedChannel channel = open(log, null);
    channel.writeOutbound(Unpooled.EMPTY_BUFFER, channel.alloc().buffer());
    assertEquals(List.of("INFO connection open"), lines());
    ChannelEnd.check(channel);
  }

  @Test
  void whatAPeerSendsDoesNotLookLikeAnotherLine() {
    assertEquals(
        "TEXT 'a\\u000d\\u000aERROR' [8 bytes]",
        describe(new TextWebSocketFrame("a\r\nERROR!".substring(0, 8)), true));
  }

  // OPT-32
  @Test
  void headersAreAbbreviatedAndCredentialsLeftOut() {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chat");
    request.headers().add("Host", "h").add("COOKIE", "secret").add("Authorization", "Basic secret");
    request.headers().add("X", "y".repeat(1000));
    assertEquals(
        "GET /chat HTTP/1.1, Host: h, COOKIE: (not shown), Authorization: (not shown), X: "
            + "y".repeat(48)
            + "..."
            + "y".repeat(24),
        LogLines.of(request));
  }

  // OPT-32: and costs nothing where nobody wants it
  @Test
  void withoutDebugNothingStandsInTheWay() {
    EmbeddedChannel channel = open(quiet, null);
    assertNull(channel.pipeline().get(FrameLogHandler.class));
    WebSocketFrameCodec codec = channel.pipeline().get(WebSocketFrameCodec.class);
    assertTrue(codec.receiveData((fin, rsv, opcode, buffer, index, length) -> {}));
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.text(true, "hello")));
    ChannelEnd.check(channel);

    EmbeddedChannel logged = open(log, null);
    assertNotNull(logged.pipeline().get(FrameLogHandler.class));
    assertFalse(
        logged
            .pipeline()
            .get(WebSocketFrameCodec.class)
            .receiveData((fin, rsv, opcode, buffer, index, length) -> {}));
    ChannelEnd.check(logged);
  }

  // LOG-01, OPT-33: failures go to the same logger, with their cause
  @Test
  void howItFailedIsLogged() {
    EmbeddedChannel channel = open(log, null);
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0}));
    ChannelEnd.check(channel);
    List<String> lines = lines();
    assertTrue(lines.get(1).startsWith("DEBUG failed: "), lines::toString);
    assertTrue(lines.get(2).startsWith("DEBUG > CLOSE 1002 (protocol error)"), lines::toString);
    assertTrue(lines.get(3).startsWith("INFO connection closed: sent 1002"), lines::toString);
    assertEquals(4, lines.size(), lines::toString);
  }

  // OPT-33: test_{client,server}_default_logger, test_{client,server}_custom_logger
  @Test
  void loggersHaveTheNameOfTheRoleUnlessReplaced() {
    assertEquals(
        "io.github.websocketnetty.server", WebSocketPipeline.server().build().logger().getName());
    assertEquals(
        "io.github.websocketnetty.client", WebSocketPipeline.client().build().logger().getName());
    assertEquals(log, WebSocketPipeline.client().logger(log).build().logger());
    assertEquals(Side.CLIENT, WebSocketPipeline.client().logger(log).build().side());
  }
}
