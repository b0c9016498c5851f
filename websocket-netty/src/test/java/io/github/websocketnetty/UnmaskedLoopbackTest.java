package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.support.LeakFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A client that does not mask, at servers that allow it and that do not. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class UnmaskedLoopbackTest {
  private static final ConnectionOptions UNMASKED =
      ConnectionOptions.builder().performMasking(false).allowMaskMismatch(true).build();

  private final WebSocketClient client = WebSocketClient.builder().options(UNMASKED).build();
  private WebSocketServer server;
  private volatile Message received;

  @AfterEach
  void close() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  private Connection connectToEcho(ConnectionOptions options) throws Exception {
    Endpoint echo =
        connection ->
            connection.forEachAsync(
                message -> {
                  received = message;
                  return connection.send(message);
                });
    server =
        WebSocketServer.builder()
            .options(options)
            .anyPath(echo)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    URI uri = URI.create("ws://127.0.0.1:" + server.port() + "/");
    return client.connect(uri).get(30, TimeUnit.SECONDS);
  }

  @Test
  void serverThatAllowsItUnderstandsAClientThatDoesNotMask() throws Exception {
    Connection connection = connectToEcho(UNMASKED);
    connection.send("unmasked");
    assertEquals("unmasked", connection.recvText().get(30, TimeUnit.SECONDS));
  }

  // PROTO-02
  @Test
  void serverThatDoesNotAllowItClosesWith1002() throws Exception {
    Connection connection = connectToEcho(ConnectionOptions.defaults());
    connection.send("unmasked");
    connection.waitClosed().get(30, TimeUnit.SECONDS);
    assertEquals(1002, connection.closeCode().getAsInt());
    assertNull(received);
  }
}
