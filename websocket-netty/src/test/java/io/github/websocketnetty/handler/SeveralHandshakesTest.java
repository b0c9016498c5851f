package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More than one handshake handler in a pipeline, and none that can have a request. */
@ExtendWith(LeakCheck.class)
class SeveralHandshakesTest {
  private final EmbeddedChannel channel = HttpArrangement.channel();
  private final Outcome outcome = new Outcome();
  private final List<String> served = new ArrayList<>();

  @AfterEach
  void finish() {
    if (channel.isOpen() && channel.pipeline().firstContext() != null) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
  }

  private static ServerHandshakeOptions options(String path) {
    return ServerHandshakeOptions.builder().path(path).passOtherRequests(true).build();
  }

  private static WebSocketServerHandshakeHandler server(String path) {
    return new WebSocketServerHandshakeHandler(options(path), pipeline());
  }

  private static WebSocketPipeline pipeline() {
    return WebSocketPipeline.server().keepalive(Duration.ZERO, Duration.ZERO).build();
  }

  private WebSocketServerHandler endpoint(String path) {
    ConnectionOptions options = ConnectionOptions.builder().pingInterval(Duration.ZERO).build();
    return new WebSocketServerHandler(
        options(path),
        options,
        connection -> {
          served.add(path);
          return connection.forEachAsync(connection::send);
        });
  }

  private void request(String path) {
    String request = ServerHandshakeFixture.REQUEST.replace("/echo", path);
    channel.writeInbound(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII));
    String written = Outcome.written(channel);
    assertTrue(written.startsWith("HTTP/1.1 101 "), written);
  }

  private void waitLongerThanOpeningMayTake() {
    channel.advanceTimeBy(1, TimeUnit.MINUTES);
    channel.runScheduledPendingTasks();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/first", "/second", "/third"})
  void eachOfSeveralHandlersOpensConnectionsOfItsPath(String path) {
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(), server("/first"), server("/second"), server("/third"), outcome);
    request(path);
    assertNull(channel.pipeline().get(WebSocketServerHandshakeHandler.class), "left behind it");
    waitLongerThanOpeningMayTake();
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.text(true, "late")));
    assertEquals(List.of("completed", "text late"), outcome.events);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/first", "/second"})
  void onlyTheEndpointOfThePathIsCalled(String path) {
    channel
        .pipeline()
        .addLast(new HttpServerCodec(), endpoint("/first"), endpoint("/second"), outcome);
    request(path);
    assertEquals(List.of(path), served);
    waitLongerThanOpeningMayTake();
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.text(true, "late")));
    assertTrue(Outcome.written(channel).endsWith("late"));
    assertEquals(List.of("completed"), outcome.events);
  }

  @Test
  void endpointBehindAHandlerOfAnotherPathLeavesItsFramesAlone() {
    channel
        .pipeline()
        .addLast(new HttpServerCodec(), server("/first"), endpoint("/second"), outcome);
    request("/first");
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.text(true, "frame")));
    assertEquals(List.of("completed", "text frame"), outcome.events);
    assertEquals(List.of(), served);
  }

  @Test
  void handlerBehindNettysOwnLeavesItsConnectionsAlone() {
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new HttpObjectAggregator(1024),
            new WebSocketServerProtocolHandler("/first"),
            server("/second"),
            outcome);
    request("/first");
    waitLongerThanOpeningMayTake();
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.text(true, "late")));
    assertEquals(List.of("text late"), outcome.events);
  }

  @Test
  void handlerThatIsAddedBehindAnOpenConnectionIsRefused() {
    channel.pipeline().addLast(new HttpServerCodec(), server("/first"), outcome);
    request("/first");
    addBehindTheOthers(server("/first"));
    WebSocketClientHandshakeHandler client = client();
    addBehindTheOthers(client);
    assertInstanceOf(IllegalStateException.class, client.handshakeFuture().cause());
    waitLongerThanOpeningMayTake();
    channel.writeInbound(Unpooled.copiedBuffer(WireFrame.text(true, "late")));
    assertEquals(List.of("completed", "text late"), outcome.events);
  }

  private void addBehindTheOthers(ChannelHandler handler) {
    channel.pipeline().addBefore(channel.pipeline().context(outcome).name(), null, handler);
    Throwable refusal = outcome.errors.remove(0).getCause();
    assertTrue(refusal.getMessage().contains("when the opening handshake was over"), "" + refusal);
  }

  private static WebSocketClientHandshakeHandler client() {
    return new WebSocketClientHandshakeHandler(
        ClientHandshakeOptions.forUri(URI.create("ws://h/")), WebSocketPipeline.client().build());
  }

  @Test
  void secondHandlerOfAClientIsRefused() {
    WebSocketClientHandshakeHandler first = client();
    WebSocketClientHandshakeHandler second = client();
    channel.pipeline().addLast(new HttpClientCodec(), first, second, outcome);
    // Netty fires what the second one throws through the pipeline, where the first one is.
    assertEquals(second.handshakeFuture().cause(), first.handshakeFuture().cause().getCause());
    assertInstanceOf(IllegalStateException.class, second.handshakeFuture().cause());
    String written = Outcome.written(channel);
    assertEquals(written.indexOf("GET "), written.lastIndexOf("GET "), written);
  }

  @Test
  void requestThatNothingParsesEndsTheConnection() {
    channel.pipeline().addLast(server("/echo"), outcome);
    channel.writeInbound(
        Unpooled.copiedBuffer(ServerHandshakeFixture.REQUEST, StandardCharsets.US_ASCII));
    assertFalse(channel.isOpen());
    assertEquals(List.of(), outcome.events);
  }

  @Test
  void connectionOnWhichNothingParsesRequestsEndsInTime() {
    channel.pipeline().addLast(server("/echo"), outcome);
    waitLongerThanOpeningMayTake();
    assertFalse(channel.isOpen());
  }

  @Test
  void connectionThatWasUpgradedToSomethingElseIsLeftAlone() {
    channel.pipeline().addLast(new HttpServerCodec(), server("/echo"), outcome);
    channel.pipeline().remove(HttpServerCodec.class);
    channel.writeInbound(Unpooled.copiedBuffer("other", StandardCharsets.US_ASCII));
    waitLongerThanOpeningMayTake();
    assertTrue(channel.isOpen());
    assertNull(channel.pipeline().get(WebSocketServerHandshakeHandler.class));
    channel.checkException();
  }
}
