package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RecordedLog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server and a client say about a connection, and to whom. */
@Tag("sockets")
@Timeout(180)
@ExtendWith(LeakFailure.class)
class LoggingTest {
  private final RecordedLog serverLog = new RecordedLog();
  private final RecordedLog clientLog = new RecordedLog();

  private static ConnectionOptions options(RecordedLog log) {
    return ConnectionOptions.builder().logger(log).build();
  }

  private static void assertLogged(RecordedLog log, String start, String part) {
    assertTrue(
        log.records.stream().anyMatch(line -> line.startsWith(start) && line.contains(part)),
        () -> start + "..." + part + " is missing in\n" + String.join("\n", log.records));
  }

  // OPT-33: test_logger; LOG-03, LOG-04; with debug output all frames take another way
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everythingAboutAConnectionGoesToTheLoggerOfItsOptions(boolean compresses) throws Exception {
    WebSocketServer server =
        WebSocketServer.builder()
            .options(options(serverLog))
            .anyPath(
                connection -> {
                  connection.logger().info("endpoint called");
                  return connection.forEachAsync(connection::send);
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    WebSocketClient client = WebSocketClient.builder().options(options(clientLog)).build();
    ClientHandshakeOptions.Builder handshake =
        ClientHandshakeOptions.builder(URI.create("ws://127.0.0.1:" + server.port() + "/path"))
            .header("Cookie", "password");
    if (!compresses) {
      handshake.compression(null);
    }
    Connection connection = client.connect(handshake.build()).get(30, TimeUnit.SECONDS);
    String text = "to be seen ".repeat(50);
    connection.send(text);
    assertEquals(text, connection.recvText().get(30, TimeUnit.SECONDS));
    connection.logger().info("of the user");
    connection.close().get(30, TimeUnit.SECONDS);
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);

    String listening = "server listening on 127.0.0.1:" + server.port();
    assertEquals("INFO " + listening, serverLog.records.get(0));
    assertLogged(serverLog, "DEBUG [id", "< GET /path HTTP/1.1");
    assertLogged(serverLog, "DEBUG [id", "> HTTP/1.1 101 Switching Protocols");
    assertLogged(serverLog, "INFO connection open [id", "");
    assertLogged(
        serverLog, "INFO connection closed [id", ": received 1000 (OK); then sent 1000 (OK)");
    assertLogged(serverLog, "INFO ", " endpoint called");
    assertLogged(serverLog, "DEBUG [id", "< TEXT 'to be seen ");
    assertLogged(serverLog, "DEBUG [id", "> TEXT 'to be seen ");
    assertEquals("INFO server closed", serverLog.records.get(serverLog.records.size() - 1));

    assertLogged(clientLog, "INFO connection open [id", "] " + connection.id());
    assertLogged(
        clientLog,
        "INFO connection closed [id",
        "] " + connection.id() + ": sent 1000 (OK); then received 1000 (OK)");
    assertLogged(clientLog, "DEBUG [id", "> GET /path HTTP/1.1");
    assertLogged(clientLog, "DEBUG [id", "< HTTP/1.1 101 Switching Protocols");
    assertLogged(clientLog, "DEBUG [id", "> TEXT 'to be seen ");
    assertLogged(clientLog, "INFO " + connection.id(), " of the user");
    assertLogged(clientLog, "DEBUG [id", "> CLOSE 1000 (OK) [2 bytes]");
    for (RecordedLog log : List.of(serverLog, clientLog)) {
      assertTrue(log.lines.stream().noneMatch(line -> line.contains("password")));
      assertTrue(log.lines.stream().allMatch(line -> line.length() < 1000), "no line is long");
      assertTrue(
          log.lines.stream().noneMatch(line -> line.contains(" 0 bytes")), "no frame is empty");
      assertEquals(List.of(), log.failures);
    }
  }

  // LOG-03: what the user logs about a connection is found by the same identifier
  @Test
  void atInfoTheOpeningAndTheEndOfAConnectionAreLoggedWithItsIdentifier() throws Exception {
    RecordedLog log = new RecordedLog(false);
    CompletableFuture<Connection> served = new CompletableFuture<>();
    WebSocketServer server =
        WebSocketServer.builder()
            .options(options(log))
            .anyPath(
                connection -> {
                  connection.logger().info("endpoint called");
                  served.complete(connection);
                  return connection.waitClosed();
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
    WebSocketClient client = WebSocketClient.builder().options(options(clientLog)).build();
    URI uri = URI.create("ws://127.0.0.1:" + server.port());
    Connection connection = client.connect(uri).get(30, TimeUnit.SECONDS);
    connection.close(4001, "enough\n").get(30, TimeUnit.SECONDS);
    client.close().get(30, TimeUnit.SECONDS);
    Connection theirs = served.get(30, TimeUnit.SECONDS);
    theirs.waitClosed().get(30, TimeUnit.SECONDS); // its end may come later than the client's
    server.close().get(30, TimeUnit.SECONDS);

    String status = "4001 (private use) enough\\u000a";
    List<String> lines =
        log.records.stream().map(line -> line.replaceFirst("\\[id: [^\\]]*]", "[..]")).toList();
    assertEquals(
        List.of(
            "INFO server listening on 127.0.0.1:" + server.port(),
            "INFO connection open [..] " + theirs.id(),
            "INFO " + theirs.id() + " endpoint called",
            "INFO connection closed [..] "
                + theirs.id()
                + ": received "
                + status
                + "; then sent "
                + status,
            "INFO server closing",
            "INFO server closed"),
        lines);
  }

  // OPT-33: test_{client,server}_default_logger
  @Test
  void serverAndClientHaveLoggersOfTheirOwn() {
    ConnectionOptions defaults = ConnectionOptions.defaults();
    assertEquals("io.github.websocketnetty.server", defaults.logger(Side.SERVER).getName());
    assertEquals("io.github.websocketnetty.client", defaults.logger(Side.CLIENT).getName());
    ConnectionOptions own = options(serverLog).toBuilder().build();
    assertEquals(serverLog, own.logger(Side.SERVER));
    assertEquals(serverLog, own.logger(Side.CLIENT));
  }
}
