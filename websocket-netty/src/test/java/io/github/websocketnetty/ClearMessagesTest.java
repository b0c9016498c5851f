package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.HandshakeException;
import io.github.websocketnetty.protocol.InvalidStatusException;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RawPeer;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TestCertificate;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.EOFException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody reads who connects to the wrong port, or to a server that does not want it. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class ClearMessagesTest {
  private final RecordedLog log = new RecordedLog();
  private final WebSocketClient client =
      WebSocketClient.builder().options(ConnectionOptions.builder().logger(log).build()).build();
  private WebSocketServer server;

  @AfterEach
  void closeAll() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    if (server != null) {
      server.close().get(30, TimeUnit.SECONDS);
    }
  }

  private void start(boolean tls) throws Exception {
    WebSocketServer.Builder builder =
        WebSocketServer.builder()
            .options(ConnectionOptions.builder().logger(log).build())
            .route("/chat", Connection::waitClosed);
    if (tls) {
      builder.tls(TestCertificate.server());
    }
    server =
        builder
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  private Throwable failure(String uri) {
    CompletableFuture<Connection> connecting = client.connect(URI.create(uri));
    Throwable failure =
        assertThrows(ExecutionException.class, () -> connecting.get(30, TimeUnit.SECONDS))
            .getCause();
    String text = SecretsTest.textOf(failure);
    assertFalse(text.matches("(?s).*[0-9a-f]{40}.*"), text);
    return failure;
  }

  private void assertLogged(String start) throws Exception {
    closeAll(); // the server may log it after the client has seen the end
    assertTrue(log.records.stream().anyMatch(l -> l.startsWith(start)), log.records::toString);
    assertTrue(log.lines.stream().noneMatch(line -> line.matches(".*[0-9a-f]{40}.*")));
    assertTrue(log.failures.isEmpty(), log.failures::toString);
  }

  @Test
  void wssToAPlainPort() throws Exception {
    start(false);
    String uri = "wss://localhost:" + server.port() + "/chat";
    Throwable failure = assertInstanceOf(NotSslRecordException.class, failure(uri));
    assertEquals(uri + " does not speak TLS, its answer is HTTP without TLS", failure.getMessage());
    assertLogged("INFO connection rejected (TLS on a port without TLS) [id");
  }

  @Test
  void wsToATlsPort() throws Exception {
    start(true);
    String uri = "ws://localhost:" + server.port() + "/chat";
    assertEquals(
        "connection closed while reading HTTP status line or headers of "
            + uri
            + ", which may want wss",
        failure(uri).getCause().getMessage());
    assertLogged("INFO connection rejected (what arrived is not TLS) [id");
  }

  // A fatal alert: protocol_version, unexpected_message; and a record that is cut
  @ParameterizedTest
  @ValueSource(strings = {"15030300020246", "1503010002020a", "15", "160303"})
  void wsToAServerThatAnswersWithTls(String answer) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      String uri = "ws://duke:sesame@localhost:" + other.getLocalPort() + "/?token=sesame";
      CompletableFuture<Throwable> failing = CompletableFuture.supplyAsync(() -> failure(uri));
      try (Socket socket = other.accept()) {
        socket.getInputStream().read();
        socket.getOutputStream().write(HexFormat.of().parseHex(answer));
        HandshakeException failure =
            assertInstanceOf(HandshakeException.class, failing.get(30, TimeUnit.SECONDS));
        assertEquals(
            "the answer of ws://localhost:"
                + other.getLocalPort()
                + "/?token=... looks like TLS, try wss",
            failure.getMessage());
        assertFalse(Retries.isRetryable(failure));
      }
    }
  }

  // Whatever else a server says or does in place of an answer
  @ParameterizedTest
  @CsvSource({
    "ws, ''",
    "ws, hello",
    "ws, '\u0016hello\r\n\r\n'",
    "ws, 'SSH-2.0-OpenSSH_9.6\r\n\r\n'",
    "ws, 'HTTP/1.0 404 Not Found\r\n\r\n'",
    "ws, 'HTTP/1.1 999 What\r\n\r\n'",
    "ws, 'HTTP/1.1 101 Switching Protocols\r\nUpgr'",
    "ws, 'HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nshort'",
    "wss, ''",
    "wss, hello",
  })
  void anAnswerThatIsNoneIsToldWithTheUri(String scheme, String answer) throws Exception {
    try (ServerSocket other = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      String place = "://localhost:" + other.getLocalPort() + "/?token=";
      String uri = scheme + place.replace("//", "//duke:sesame@") + "sesame";
      CompletableFuture<Throwable> failing = CompletableFuture.supplyAsync(() -> failure(uri));
      try (Socket socket = other.accept()) {
        InputStream request = socket.getInputStream();
        request.read(new byte[4096]); // all of it, so that closing is no reset
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      }
      Throwable failure = failing.get(30, TimeUnit.SECONDS);
      assertTrue(failure.getMessage().contains(scheme + place + "..."), failure::toString);
      assertFalse(failure.getMessage().contains("looks like TLS"), failure::toString);
      assertFalse(failure.getMessage().contains("HTTP without TLS"), failure::toString);
      SecretsTest.assertNoSecret(SecretsTest.textOf(failure));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 1", "HTTP/1.1 101 Switching Protocols\r\nUpgr"})
  void anAnswerThatIsCutIsAskedForAgain(String answer) throws Exception {
    for (String scheme : answer.isEmpty() ? List.of("ws", "wss") : List.of("ws")) {
      try (ServerSocket other = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
        String uri = scheme + "://localhost:" + other.getLocalPort() + "/";
        CompletableFuture<Throwable> failing = CompletableFuture.supplyAsync(() -> failure(uri));
        try (Socket socket = other.accept()) {
          InputStream request = socket.getInputStream();
          request.read(new byte[4096]);
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
        Throwable failure = failing.get(30, TimeUnit.SECONDS);
        assertTrue(Retries.isRetryable(failure), failure::toString);
        assertInstanceOf(EOFException.class, failure.getCause());
      }
    }
  }

  @Test
  void aStatusIsToldWithItsPhraseAndTheUri() throws Exception {
    start(false);
    String place = "localhost:" + server.port() + "/nowhere?token=";
    InvalidStatusException failure =
        assertInstanceOf(
            InvalidStatusException.class, failure("ws://duke:sesame@" + place + "sesame"));
    assertEquals(
        "server rejected WebSocket connection: HTTP 404 Not Found at ws://" + place + "...",
        failure.getMessage());
  }

  @Test
  void aCertificateThatIsRefusedIsToldWithTheUri() throws Exception {
    start(true);
    String uri = "wss://localhost:" + server.port() + "/chat";
    Throwable failure = assertInstanceOf(SSLException.class, failure(uri));
    assertTrue(failure.getMessage().startsWith("TLS with " + uri + " failed: "), failure::toString);
    assertFalse(Retries.isRetryable(failure));
  }

  // The same where it is the proxy that speaks no TLS.
  @Test
  void anHttpsProxyThatIsNone() throws Exception {
    start(false);
    WebSocketClient proxied =
        WebSocketClient.builder()
            .options(ConnectionOptions.builder().logger(log).build())
            .proxy(URI.create("https://duke:sesame@localhost:" + server.port()))
            .build();
    CompletableFuture<Connection> connecting =
        proxied.connect(URI.create("wss://duke:sesame@host/"));
    Throwable failure =
        assertThrows(ExecutionException.class, () -> connecting.get(30, TimeUnit.SECONDS));
    proxied.close().get(30, TimeUnit.SECONDS);
    String text = SecretsTest.textOf(failure);
    assertFalse(text.matches("(?s).*[0-9a-f]{40}.*"), text);
    assertTrue(text.contains("the proxy does not speak TLS"), text);
    for (Throwable logged : log.failures) {
      assertFalse(SecretsTest.textOf(logged).matches("(?s).*[0-9a-f]{40}.*"));
    }
  }

  @Test
  void hostsAndAddressesAreTold() {
    assertTrue(failure("ws://127.0.0.1:1/").getMessage().contains("127.0.0.1:1"));
    assertTrue(failure("ws://host.invalid/").getMessage().contains("host.invalid"));
  }

  // The server must not wait for the end of a line that never comes
  @Test
  void aClientOfTlsIsAnsweredAtOnceByAPlainServer() throws Exception {
    start(false);
    try (RawPeer peer = RawPeer.connect(server.address())) {
      peer.write(HexFormat.of().parseHex("1603010005010000010303"));
      assertTrue(peer.head().startsWith("HTTP/1.1 400 Bad Request\r\n"));
    }
  }
}
