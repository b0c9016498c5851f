package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.support.EagerServer;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TestCertificate;
import io.github.websocketnetty.support.TestProxy;
import io.github.websocketnetty.support.WireFrame;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's endpoint gets the frames that arrive together with the response, and answers them. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class ClientEndpointTest {
  /** Reserved opcode 3, which ends the connection with 1002. */
  private static final byte[] VIOLATION = WireFrame.of(3, false, new byte[0]);

  private static final List<String> ECHO_THEN_1002 = List.of("1 one", "1 two", "8 1002");

  private final RecordedLog log = new RecordedLog(false);
  private final WebSocketClient client = client(WebSocketClient.builder());

  private WebSocketClient client(WebSocketClient.Builder builder) {
    return builder.options(ConnectionOptions.builder().logger(log).build()).build();
  }

  @AfterEach
  void close() throws Exception {
    await(client.close());
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> await(future)).getCause();
  }

  private static URI uri(EagerServer server, String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  private static CompletableFuture<Void> echo(Connection connection) {
    return connection.forEachAsync(connection::send);
  }

  private static byte[] text(String text) {
    return WireFrame.text(false, text);
  }

  private static EagerServer violating() throws Exception {
    return new EagerServer(text("one"), text("two"), VIOLATION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/redirect"})
  void messagesBeforeAViolationAreEchoed(String path) throws Exception {
    try (EagerServer server = violating()) {
      Connection connection = await(client.connect(uri(server, path), ClientEndpointTest::echo));
      assertEquals(ECHO_THEN_1002, server.received());
      await(connection.waitClosed());
      assertEquals(1, server.opened());
    }
  }

  @Test
  void messagesBeforeAViolationAreEchoedThroughAProxy() throws Exception {
    try (EagerServer server = violating();
        TestProxy proxy = new TestProxy(server.port())) {
      WebSocketClient proxied =
          client(WebSocketClient.builder().proxy(URI.create("http://127.0.0.1:" + proxy.port())));
      await(proxied.connect(uri(server, "/"), ClientEndpointTest::echo));
      assertEquals(ECHO_THEN_1002, server.received());
      await(proxied.close());
    }
  }

  @Test
  void messagesBeforeAViolationAreEchoedOverTls() throws Exception {
    try (EagerServer server =
        new EagerServer(
            TestCertificate.context().getServerSocketFactory(),
            true,
            text("one"),
            text("two"),
            VIOLATION)) {
      WebSocketClient secure = client(WebSocketClient.builder().tls(TestCertificate.client()));
      await(
          secure.connect(
              URI.create("wss://localhost:" + server.port() + "/"), ClientEndpointTest::echo));
      assertEquals(ECHO_THEN_1002, server.received());
      await(secure.close());
    }
  }

  @Test
  void messagesBeforeAViolationAreEchoedByAReconnectingClient() throws Exception {
    try (EagerServer server = violating()) {
      ReconnectingClient reconnecting =
          ReconnectingClient.builder(client, uri(server, "/"), ClientEndpointTest::echo).start();
      assertEquals(ECHO_THEN_1002, server.received());
      await(reconnecting.stop());
    }
  }

  @Test
  void optionsOfTheHandshakeAreTaken() throws Exception {
    try (EagerServer server = new EagerServer(text("one"), WireFrame.close(false, 1000, ""))) {
      List<String> messages = new ArrayList<>();
      Connection connection =
          await(
              client.connect(
                  ClientHandshakeOptions.builder(uri(server, "/")).header("X-Test", "1").build(),
                  opened -> opened.forEach(message -> messages.add(message.text()))));
      await(connection.waitClosed());
      assertEquals("1", connection.request().orElseThrow().headers().get("X-Test"));
      assertEquals(List.of("one"), messages);
      assertEquals(List.of("8 1000"), server.received());
    }
  }

  @Test
  void futureCompletesOnTheLoopBehindTheEndpointAndBeforeTheFirstMessage() throws Exception {
    try (EagerServer server = new EagerServer(text("one"))) {
      List<String> order = new ArrayList<>(); // of one thread, the event loop's
      CompletableFuture<Void> received = new CompletableFuture<>();
      CompletableFuture<Void> ready = new CompletableFuture<>();
      CompletableFuture<Connection> connecting =
          client.connect(
              uri(server, "/"),
              opened -> {
                assertTrue(opened.channel().eventLoop().inEventLoop());
                ready.join(); // until the stage below is there
                order.add("endpoint");
                return opened.forEach(
                    message -> {
                      order.add(message.text());
                      received.complete(null);
                    });
              });
      connecting.thenRun(() -> order.add("future"));
      ready.complete(null);
      await(received);
      assertEquals(List.of("endpoint", "future", "one"), order);
      await(await(connecting).close());
    }
  }

  @Test
  void endpointThatIsDoneClosesWith1000() throws Exception {
    try (EagerServer server = new EagerServer(WireFrame.close(false, 1000, ""))) {
      Connection connection = await(client.connect(uri(server, "/"), opened -> null));
      await(connection.waitClosed());
      assertEquals(List.of("8 1000"), server.received());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endpointThatFailsIsLoggedAndClosesWith1011(boolean throwing) throws Exception {
    try (EagerServer server = new EagerServer()) {
      IllegalArgumentException failure = new IllegalArgumentException("expected");
      Connection connection =
          await(
              client.connect(
                  uri(server, "/"),
                  opened -> {
                    if (throwing) {
                      throw failure;
                    }
                    return CompletableFuture.failedFuture(failure);
                  }));
      await(connection.waitClosed());
      assertEquals(List.of("8 1011"), server.received());
      assertTrue(
          log.records.stream().anyMatch(line -> line.contains("handler failed")),
          log.records.toString());
    }
  }

  @Test
  void endpointIsNotCalledWhereThereIsNoConnection() throws Exception {
    WebSocketServer refusing =
        await(WebSocketServer.builder().route("/other", ClientEndpointTest::echo).bind(0));
    Failing endpoint = new Failing();
    CompletableFuture<Connection> connecting =
        client.connect(URI.create("ws://127.0.0.1:" + refusing.port() + "/"), endpoint);
    assertInstanceOf(InvalidStatusException.class, failure(connecting));
    assertFalse(endpoint.called);
    await(refusing.close());
  }

  private static final class Failing implements Endpoint {
    private volatile boolean called;

    @Override
    public CompletableFuture<?> serve(Connection connection) {
      called = true;
      return CompletableFuture.failedFuture(new AssertionError("called"));
    }
  }

  @Test
  void connectingThatIsCancelledWhileTheEndpointIsCalledClosesTheConnection() throws Exception {
    try (EagerServer server = new EagerServer(WireFrame.close(false, 1000, ""))) {
      CompletableFuture<CompletableFuture<Connection>> self = new CompletableFuture<>();
      CompletableFuture<Connection> used = new CompletableFuture<>();
      CompletableFuture<Connection> connecting =
          client.connect(
              uri(server, "/"),
              opened -> {
                assertTrue(self.join().cancel(false));
                used.complete(opened);
                return opened.waitClosed();
              });
      self.complete(connecting);
      await(await(used).waitClosed());
      assertEquals(CloseCode.NORMAL_CLOSURE, used.join().closeCode().orElseThrow());
      assertThrows(CancellationException.class, connecting::join);
    }
  }

  // PROTO-26, RECV-30
  @Test
  void blockingEndpointReceivesAllBeforeAViolationButAnswersTooLate() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try (EagerServer server = violating()) {
      List<String> messages = new ArrayList<>();
      CompletableFuture<Throwable> sending = new CompletableFuture<>();
      client.connect(
          uri(server, "/"),
          Endpoint.blocking(
              threads,
              ws -> {
                await(ws.connection().waitClosed());
                messages.add(ws.recvText());
                messages.add(ws.recvText());
                sending.complete(
                    assertThrows(ConnectionClosedErrorException.class, () -> ws.send("late")));
              }));
      assertEquals(List.of("8 1002"), server.received());
      ConnectionClosedErrorException late =
          assertInstanceOf(ConnectionClosedErrorException.class, await(sending));
      assertEquals(CloseCode.PROTOCOL_ERROR, late.sent().orElseThrow().code());
      assertEquals(List.of("one", "two"), messages);
    } finally {
      threads.shutdown();
    }
  }

  // PROTO-26, RECV-30
  @ParameterizedTest
  @CsvSource({"2, true", "2, false", "300, true"})
  void messagesBeforeAViolationAreReceivedHoweverLate(int count, boolean waits) throws Exception {
    List<String> sent = IntStream.range(0, count).mapToObj(i -> "message " + i).toList();
    byte[] all = WireFrame.join(sent.stream().map(ClientEndpointTest::text).toArray(byte[][]::new));
    try (EagerServer server =
        new EagerServer(ServerSocketFactory.getDefault(), waits, all, VIOLATION)) {
      Connection connection = await(client.connect(uri(server, "/")));
      if (count == 2) {
        await(connection.waitClosed()); // with more the violation was not read yet
      }
      List<String> messages = new ArrayList<>();
      Throwable end = failure(connection.forEach(message -> messages.add(message.text())));
      assertEquals(sent, messages);
      assertEquals(
          1002,
          assertInstanceOf(ConnectionClosedErrorException.class, end).sent().orElseThrow().code());
    }
  }

  @Test
  void missingEndpointIsRefused() {
    URI uri = URI.create("ws://localhost/");
    assertEquals(
        "endpoint",
        assertThrows(NullPointerException.class, () -> client.connect(uri, null)).getMessage());
  }
}
