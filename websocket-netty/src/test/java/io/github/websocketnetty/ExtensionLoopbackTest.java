package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.TransformingExtension;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A server and a client that use an extension of others. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class ExtensionLoopbackTest {
  private final WebSocketClient client = WebSocketClient.create();
  private WebSocketServer server;

  @AfterEach
  void close() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  // EXT-01, EXT-03
  @Test
  void extensionIsUsedByServerAndClient() throws Exception {
    TransformingExtension invert = TransformingExtension.invert(1);
    server =
        WebSocketServer.builder()
            .handshake(ServerHandshakeOptions.builder().extension(invert.server(), invert).build())
            .anyPath(connection -> connection.forEachAsync(connection::send))
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    Connection connection =
        client
            .connect(
                ClientHandshakeOptions.builder(URI.create("ws://127.0.0.1:" + server.port() + "/"))
                    .extension(invert.client(), invert)
                    .build())
            .get(30, TimeUnit.SECONDS);
    assertEquals(
        List.of("x-invert, permessage-deflate"),
        connection.response().orElseThrow().headers().getAll("Sec-WebSocket-Extensions"));
    connection.send("grüß ".repeat(100));
    assertEquals("grüß ".repeat(100), connection.recvText().get(30, TimeUnit.SECONDS));
    connection.ping().get(30, TimeUnit.SECONDS);
    connection.close(4000, "done").get(30, TimeUnit.SECONDS);
    assertEquals(4000, connection.closeCode().orElseThrow());
    // Each end adds its handlers on its own event loop, in either order.
    assertEquals(
        List.of("CLIENT x-invert", "SERVER x-invert"), invert.made.stream().sorted().toList());
  }
}
