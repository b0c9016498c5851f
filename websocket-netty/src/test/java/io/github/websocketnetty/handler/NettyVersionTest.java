package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketClientHandler;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.WebSocketServerHandler;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.Side;
import io.netty.util.Version;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.function.Executable;

/**
 * The build runs this with other versions of Netty than its own, as the system properties say that
 * the executions of its pom set.
 */
@Tag("netty-version")
class NettyVersionTest {
  private static final DeflateAgreement COMPRESSION = new DeflateAgreement(true, true, 6, 256);

  @Test
  @EnabledIfSystemProperty(named = "netty.expected", matches = ".*")
  void theVersionToBeTriedIsInUse() {
    String expected = System.getProperty("netty.expected");
    List<String> modules = List.of("common", "buffer", "transport", "codec-http", "handler");
    for (String module : modules) {
      assertEquals(expected, Version.identify().get("netty-" + module).artifactVersion(), module);
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "netty.isLowest", matches = "true")
  void theLowestVersionIsTheOneThatIsTold() {
    assertEquals(NettyVersion.LOWEST + ".Final", System.getProperty("netty.expected"));
  }

  @Test
  @EnabledIfSystemProperty(named = "netty.isTooOld", matches = "true")
  void everyEntryTellsThatNettyIsTooOld() {
    Stream<Executable> entries =
        Stream.of(
            WebSocketServer::builder,
            WebSocketClient::builder,
            WebSocketClient::create,
            ConnectionOptions::defaults,
            () -> ConnectionOptions.builder().build(),
            WebSocketPipeline::server,
            WebSocketPipeline::client,
            () -> new WebSocketServerHandler("/", connection -> null),
            () -> new WebSocketClientHandler(URI.create("ws://h/")),
            () -> new WebSocketFrameCodec(Side.SERVER),
            () -> new WebSocketDeflateHandler(COMPRESSION, FrameLimits.DEFAULT, true),
            WebSocketMessageAggregator::new,
            WebSocketTextValidator::new,
            () -> new WebSocketCloseHandler(Side.SERVER, Duration.ofSeconds(1)),
            () -> new WebSocketKeepaliveHandler(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    String message =
        "websocket-netty needs Netty \\d+\\.\\d+\\.\\d+ or a later 4\\.2, but the class path has"
            + " Netty "
            + Pattern.quote(System.getProperty("netty.expected"))
            + ": .*";
    entries.forEach(
        entry -> {
          String told = assertThrows(IllegalStateException.class, entry).getMessage();
          assertEquals(told.replaceFirst(message, ""), "", told);
        });
  }
}
