package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ExtensionHandlerFactory;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.ClientExtension;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.DeflateParameters;
import io.github.websocketnetty.protocol.Extension;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.ServerExtension;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelDuplexHandler;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What is out of range is refused where it is given, with the option's name and the value. */
class ArgumentRangesTest {
  private static final Duration NEGATIVE = Duration.ofSeconds(-3);

  private static void assertRefused(String name, Object value, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call, name).getMessage();
    assertTrue(message.contains(name), message);
    assertTrue(message.contains(String.valueOf(value)), message);
  }

  @Test
  void optionsOfConnections() {
    ConnectionOptions.Builder options = ConnectionOptions.builder();
    assertRefused("pingInterval", NEGATIVE, () -> options.pingInterval(NEGATIVE));
    assertRefused("pingTimeout", NEGATIVE, () -> options.pingTimeout(NEGATIVE));
    assertRefused("closeTimeout", NEGATIVE, () -> options.closeTimeout(NEGATIVE));
    assertRefused("maxQueue", -5, () -> options.maxQueue(-5));
    assertRefused("maxQueue", 7, () -> options.maxQueue(5, 7));
    assertRefused("maxQueue", -7, () -> options.maxQueue(5, -7));
    assertRefused("maxQueueBytes", -5, () -> options.maxQueueBytes(-5));
    assertRefused("writeLimit", -5, () -> options.writeLimit(-5));
    assertRefused("writeLimit", 7, () -> options.writeLimit(5, 7));
    assertRefused("writeLimit", -7, () -> options.writeLimit(5, -7));
    assertRefused("maxPendingSendBytes", -5, () -> options.maxPendingSendBytes(-5));
    assertRefused("maxMessageSize", -5, () -> options.maxMessageSize(-5));
    assertRefused("maxFragmentSize", -5, () -> options.maxFragmentSize(-5));
    assertRefused("maxFragments", 0, () -> options.maxFragments(0));
    options.build(); // nothing of that was taken
  }

  @Test
  void optionsOfPipelines() {
    WebSocketPipeline.Builder options = WebSocketPipeline.server();
    assertRefused("pingInterval", NEGATIVE, () -> options.keepalive(NEGATIVE, Duration.ZERO));
    assertRefused("pingTimeout", NEGATIVE, () -> options.keepalive(Duration.ZERO, NEGATIVE));
    assertRefused("closeTimeout", NEGATIVE, () -> options.closeTimeout(NEGATIVE));
    assertRefused("maxMessageSize", -5, () -> options.maxMessageSize(-5));
    assertRefused("maxFragmentSize", -5, () -> options.maxFragmentSize(-5));
    assertRefused("maxFragments", 0, () -> options.maxFragments(0));
    options.build();
    assertRefused("closeTimeout", NEGATIVE, () -> new WebSocketCloseHandler(Side.SERVER, NEGATIVE));
    assertRefused(
        "pingInterval", NEGATIVE, () -> new WebSocketKeepaliveHandler(NEGATIVE, Duration.ZERO));
    assertRefused(
        "pingTimeout", NEGATIVE, () -> new WebSocketKeepaliveHandler(Duration.ZERO, NEGATIVE));
  }

  @Test
  void optionsOfServersHandshakes() {
    ServerHandshakeOptions.Builder options = ServerHandshakeOptions.builder();
    assertRefused("openTimeout", NEGATIVE, () -> options.openTimeout(NEGATIVE));
    assertRefused("path", "echo", () -> options.path("echo"));
    assertRefused("path", "", () -> options.path(""));
    assertRefused("path", "/echo?a=b", () -> options.path("/echo?a=b"));
    assertRefused("path", "/echo#a", () -> options.path("/echo#a"));
    assertRefused("pathPrefix", "echo", () -> options.pathPrefix("echo"));
    assertRefused("pathPrefix", "/echo?", () -> options.pathPrefix("/echo?"));
    assertRefused("maxRequestLine", 15, () -> options.maxRequestLine(15));
    assertRefused("maxHeaderLine", 63, () -> options.maxHeaderLine(63));
    assertRefused("maxHeaders", 0, () -> options.maxHeaders(0));
    assertRefused("subprotocol", "a b", () -> options.subprotocols(List.of("chat", "a b")));
    assertRefused("subprotocol", "", () -> options.subprotocols(List.of("")));
    assertRefused("header", "a b", () -> options.header("a b", "value"));
    assertRefused("X-Split", "a", () -> options.header("X-Split", "a\r\nb"));
    assertRefused("header", "Upgrade", () -> options.header("Upgrade", "h2c"));
    assertRefused("Server", "a", () -> options.serverHeader("a\nb"));
    options.build();
  }

  @Test
  void optionsOfClientsHandshakes() {
    ClientHandshakeOptions.Builder options =
        ClientHandshakeOptions.builder(URI.create("ws://localhost/"));
    assertRefused("openTimeout", NEGATIVE, () -> options.openTimeout(NEGATIVE));
    assertRefused("maxStatusLine", 15, () -> options.maxStatusLine(15));
    assertRefused("maxHeaderLine", 63, () -> options.maxHeaderLine(63));
    assertRefused("maxHeaders", 0, () -> options.maxHeaders(0));
    assertRefused("subprotocol", "a b", () -> options.subprotocols(List.of("chat", "a b")));
    assertRefused("subprotocol", "chat", () -> options.subprotocols(List.of("chat", "chat")));
    assertRefused("header", "", () -> options.header("", "value"));
    assertRefused("X-Split", "a", () -> options.header("X-Split", "a\r\nb"));
    assertRefused("Origin", "a", () -> options.origin("a\r\nb"));
    assertRefused("User-Agent", "a", () -> options.userAgentHeader("a\nb"));
    options.build();
  }

  private record Named(String name) implements ServerExtension {
    @Override
    public Extension accept(Extension offer, List<Extension> accepted) {
      return offer;
    }
  }

  private record Offered(Extension offer) implements ClientExtension {
    @Override
    public boolean accept(Extension answer, List<Extension> accepted) {
      return true;
    }
  }

  private static void assertNull(String name, Executable call) {
    String message = assertThrows(NullPointerException.class, call, name).getMessage();
    assertTrue(String.valueOf(message).contains(name), message);
  }

  @Test
  void namesAndOffersOfExtensions() {
    ExtensionHandlerFactory handlers = (side, agreed) -> new ChannelDuplexHandler();
    ServerHandshakeOptions.Builder server = ServerHandshakeOptions.builder();
    assertRefused("name", "x y", () -> server.extension(new Named("x y")));
    assertRefused("name", "x y", () -> server.extension(new Named("x y"), handlers));
    assertNull("name", () -> server.extension(new Named(null)));
    assertNull("name", () -> server.extension(new Named(null), handlers));
    server.build();
    ClientHandshakeOptions.Builder client =
        ClientHandshakeOptions.builder(URI.create("ws://localhost/"));
    assertNull("offer", () -> client.extension(new Offered(null)));
    assertNull("offer", () -> client.extension(new Offered(null), handlers));
    client.build();
  }

  @Test
  void elementsOfLists() {
    List<String> names = Arrays.asList("chat", null);
    assertNull("subprotocols", () -> ServerHandshakeOptions.builder().subprotocols(names));
    assertNull(
        "subprotocols",
        () -> ClientHandshakeOptions.builder(URI.create("ws://localhost/")).subprotocols(names));
    assertNull("parameters", () -> new Extension("x", Arrays.asList((Extension.Parameter) null)));
  }

  @Test
  void optionsOfCompression() {
    DeflateOptions.Builder options = DeflateOptions.builder();
    assertRefused("peerWindowBits", 7, () -> options.peerWindowBits(7));
    assertRefused("peerWindowBits", 16, () -> options.peerWindowBits(16));
    assertRefused("windowBits", 7, () -> options.windowBits(7));
    assertRefused("windowBits", 16, () -> options.windowBits(16));
    assertRefused("level", -2, () -> options.level(-2));
    assertRefused("level", 10, () -> options.level(10));
    assertRefused("threshold", -1, () -> options.threshold(-1));
    assertRefused("liveContexts", -1, () -> options.liveContexts(-1));
    assertRefused("parkedHistory", -1, () -> options.parkedHistory(-1));
    assertRefused("parkedHistory", 32_769, () -> options.parkedHistory(32_769));
    options.build();
  }

  @Test
  void agreementsOnCompression() {
    assertRefused("level", -2, () -> new DeflateAgreement(true, true, -2, 0));
    assertRefused("level", 10, () -> new DeflateAgreement(true, true, 10, 0));
    assertRefused("threshold", -1, () -> new DeflateAgreement(true, true, 6, -1));
    assertRefused("peerWindowBits", 7, () -> agreement(7, 15, 0, 0));
    assertRefused("peerWindowBits", 16, () -> agreement(16, 15, 0, 0));
    assertRefused("windowBits", 7, () -> agreement(15, 7, 0, 0));
    assertRefused("windowBits", 16, () -> agreement(15, 16, 0, 0));
    assertRefused("liveContexts", -1, () -> agreement(15, 15, -1, 0));
    assertRefused("parkedHistory", -1, () -> agreement(15, 15, 0, -1));
    assertRefused("parkedHistory", 32_769, () -> agreement(15, 15, 0, 32_769));
  }

  private static DeflateAgreement agreement(int peerBits, int bits, int contexts, int history) {
    return new DeflateAgreement(true, true, 6, 0, peerBits, bits, contexts, history);
  }

  @Test
  void parametersOfCompression() {
    int any = DeflateParameters.ANY;
    assertRefused("serverMaxWindowBits", 7, () -> new DeflateParameters(true, true, 7, 0));
    assertRefused("serverMaxWindowBits", 16, () -> new DeflateParameters(true, true, 16, 0));
    assertRefused("serverMaxWindowBits", any, () -> new DeflateParameters(true, true, any, 0));
    assertRefused("clientMaxWindowBits", 7, () -> new DeflateParameters(true, true, 0, 7));
    assertRefused("clientMaxWindowBits", 16, () -> new DeflateParameters(true, true, 0, 16));
    assertRefused("clientMaxWindowBits", -2, () -> new DeflateParameters(true, true, 0, -2));
  }

  @Test
  void closeCodesOfViolations() {
    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
      assertRefused("close code", code, () -> new ProtocolException(code, "not so"));
    }
  }

  @Test
  void reservedBits() {
    FrameLimits limits = FrameLimits.DEFAULT;
    for (int bits : new int[] {-1, 8, 16}) {
      assertRefused("reserved bits", bits, () -> new FrameParser(Side.SERVER, limits, true, bits));
      assertRefused(
          "reserved bits", bits, () -> new WebSocketFrameCodec(Side.SERVER, limits, true, bits));
      WebSocketFrameCodec codec = new WebSocketFrameCodec(Side.SERVER, limits, true, 0);
      assertRefused("reserved bits", bits, () -> codec.allowExtensions(bits));
      assertFalse(codec.hasExtensions());
    }
  }

  @Test
  void optionsOfServersAndClients() {
    WebSocketServer.Builder server = WebSocketServer.builder();
    assertRefused("threads", -1, () -> server.threads(-1));
    assertRefused("path", "echo", () -> server.route("echo", opened -> null));
    server.anyPath(opened -> null);
    assertRefused("port", -1, () -> server.bind(-1));
    assertRefused("port", 65_536, () -> server.bind(65_536));
    WebSocketClient.Builder client = WebSocketClient.builder();
    assertRefused("maxRedirects", -1, () -> client.maxRedirects(-1));
    assertRefused("proxy", "ftp", () -> client.proxy(URI.create("ftp://proxy/")));
    WebSocketClient closed = client.build();
    ReconnectingClient.Builder reconnecting =
        ReconnectingClient.builder(closed, URI.create("ws://localhost/"), opened -> null);
    assertRefused("lasting", NEGATIVE, () -> reconnecting.lasting(NEGATIVE));
    closed.close().join();
  }
}
