package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The extension of the page works, and is left out with peers that do not know it. */
@Timeout(60)
class RotationTest {
  private final WebSocketClient client = WebSocketClient.create();
  private WebSocketServer server;
  private URI uri;

  @BeforeEach
  void bind() throws Exception {
    server =
        Rotation.server(new ConnectionEcho())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    uri = URI.create("ws://127.0.0.1:" + server.port() + "/");
  }

  @AfterEach
  void close() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  private void assertEchoes(ClientHandshakeOptions options, String extensions) throws Exception {
    Connection connection = client.connect(options).get(30, TimeUnit.SECONDS);
    assertEquals(
        extensions, connection.response().orElseThrow().headers().get("Sec-WebSocket-Extensions"));
    connection.send("größer ".repeat(500));
    assertEquals("größer ".repeat(500), connection.recvText().get(30, TimeUnit.SECONDS));
    connection.sendText(List.of("frag", "ments"));
    assertEquals("fragments", connection.recvText().get(30, TimeUnit.SECONDS));
    connection.close().get(30, TimeUnit.SECONDS);
    assertEquals(1000, connection.closeCode().orElseThrow());
  }

  @Test
  void messagesPassBothEnds() throws Exception {
    assertEchoes(Rotation.client(uri), "x-rotate; by=13, permessage-deflate");
  }

  @Test
  void clientWithoutTheExtensionIsServed() throws Exception {
    assertEchoes(ClientHandshakeOptions.forUri(uri), "permessage-deflate");
  }

  @Test
  void offerThatMeansNothingIsDeclined() throws Exception {
    assertEchoes(
        ClientHandshakeOptions.builder(uri)
            .extension(new Rotation.OfClient(100), Rotation.HANDLERS)
            .build(),
        "permessage-deflate");
  }
}
