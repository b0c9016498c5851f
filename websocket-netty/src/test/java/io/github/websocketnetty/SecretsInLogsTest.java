package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.BasicAuthentication;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.RecordedLog;
import io.github.websocketnetty.support.TestProxy;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Neither side logs passwords, cookies or tokens, at any level, whether all goes well or not. */
@Tag("sockets")
@Timeout(60)
@ExtendWith(LeakFailure.class)
class SecretsInLogsTest {
  private final RecordedLog serverLog = new RecordedLog();
  private final RecordedLog clientLog = new RecordedLog();
  private final List<String> failures = new CopyOnWriteArrayList<>(); // also of event loops
  private final BasicAuthentication users = BasicAuthentication.of("realm", "duke", "sesame");
  private WebSocketServer server;
  private WebSocketClient client;

  @BeforeEach
  void start() throws Exception {
    server =
        WebSocketServer.builder()
            .options(ConnectionOptions.builder().logger(serverLog).build())
            .handshake(ServerHandshakeOptions.builder().processRequest(this::answer).build())
            .route("/", connection -> connection.forEachAsync(connection::send))
            .route("/fails", SecretsInLogsTest::fail)
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeAll() throws Exception {
    client.close().get(30, TimeUnit.SECONDS);
    server.close().get(30, TimeUnit.SECONDS);
  }

  private static CompletionStage<?> fail(Connection connection) {
    throw new IllegalStateException("of the endpoint");
  }

  /** Redirects {@code /redirect}, and asks all others who they are. */
  private CompletionStage<FullHttpResponse> answer(HttpRequest request) {
    if (!request.uri().startsWith("/redirect")) {
      return users.process(request);
    }
    FullHttpResponse response = ServerHandshake.respond(302, "", Instant.EPOCH);
    response
        .headers()
        .add("Location", "//duke:sesame@127.0.0.1:" + server.port() + "/?access_token=sesame")
        .add("Set-Cookie", "sid=sesame; Path=/");
    return CompletableFuture.completedFuture(response);
  }

  private void connect(WebSocketClient.Builder builder, String uri) throws Exception {
    client = builder.options(ConnectionOptions.builder().logger(clientLog).build()).build();
    ClientHandshakeOptions handshake =
        ClientHandshakeOptions.builder(URI.create(uri))
            .header("Cookie", "session=sesame")
            .header("Proxy-Authorization", "Bearer sesame")
            .header("Referer", "https://duke:sesame@page/?token=sesame")
            .build();
    try {
      Connection connection = client.connect(handshake).get(30, TimeUnit.SECONDS);
      connection.logger().info("opened {}", connection);
      connection.close().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      failures.add(SecretsTest.textOf(e));
    }
  }

  private void assertNoSecrets() {
    for (RecordedLog log : List.of(serverLog, clientLog)) {
      log.lines.forEach(SecretsTest::assertNoSecret);
      log.failures.forEach(failure -> SecretsTest.assertNoSecret(SecretsTest.textOf(failure)));
    }
    failures.forEach(SecretsTest::assertNoSecret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "duke:sesame@127.0.0.1:P/?access_token=sesame",
        "duke:sesame@127.0.0.1:P/fails?access_token=sesame",
        "duke:sesame@127.0.0.1:P/nowhere?access_token=sesame",
        "duke:sesame@127.0.0.1:P/redirect?access_token=sesame",
        "duke:open%20sesame@127.0.0.1:P/?access_token=sesame",
        "duke:sesame@127.0.0.1:1/?access_token=sesame",
        "duke:sesame@host.invalid/?access_token=sesame",
      })
  void connectionsThatOpenAndThatFail(String rest) throws Exception {
    connect(WebSocketClient.builder(), "ws://" + rest.replace("P", "" + server.port()));
    assertNoSecrets();
  }

  // The server does not speak TLS, and shows what it got instead.
  @Test
  void tlsThatIsNone() throws Exception {
    connect(WebSocketClient.builder(), "wss://duke:sesame@127.0.0.1:" + server.port() + "/");
    assertTrue(failures.size() == 1);
    assertNoSecrets();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5h", "socks5", "socks4a", "socks4"})
  void proxiesThatLeadOn(String scheme) throws Exception {
    try (TestProxy proxy = new TestProxy(server.port())) {
      URI uri = URI.create(scheme + "://duke:sesame@127.0.0.1:" + proxy.port());
      connect(
          WebSocketClient.builder().proxy(uri),
          "ws://duke:sesame@127.0.0.1:" + server.port() + "/?access_token=sesame");
    }
    assertNoSecrets();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://duke:sesame@other/\r\n\r\n",
        "hello\r\n\r\n"
      })
  void proxiesThatRefuse(String answer) throws Exception {
    try (TestProxy proxy = new TestProxy(ServerSocketFactory.getDefault(), 1, answer)) {
      URI uri = URI.create("http://duke:sesame@127.0.0.1:" + proxy.port());
      connect(WebSocketClient.builder().proxy(uri), "ws://duke:sesame@127.0.0.1:1/");
    }
    assertTrue(failures.size() == 1);
    assertNoSecrets();
  }

  @Test
  void aProxyThatIsNotThere() throws Exception {
    URI uri = URI.create("http://duke:sesame@127.0.0.1:1");
    connect(WebSocketClient.builder().proxy(uri), "ws://duke:sesame@127.0.0.1:1/");
    assertTrue(failures.size() == 1);
    assertNoSecrets();
  }

  @Test
  void aClientThatReconnects() throws Exception {
    client =
        WebSocketClient.builder()
            .options(ConnectionOptions.builder().logger(clientLog).build())
            .build();
    CompletableFuture<Void> waited = new CompletableFuture<>();
    ReconnectingClient reconnecting =
        ReconnectingClient.builder(
                client,
                URI.create("ws://duke:sesame@127.0.0.1:1/?access_token=sesame"),
                Connection::waitClosed)
            .listener(
                new ReconnectingClient.Listener() {
                  @Override
                  public void waiting(int attempt, Throwable cause, java.time.Duration delay) {
                    failures.add(SecretsTest.textOf(cause));
                    waited.complete(null);
                  }
                })
            .start();
    waited.get(30, TimeUnit.SECONDS);
    failures.add(reconnecting.toString());
    reconnecting.stop().get(30, TimeUnit.SECONDS);
    assertNoSecrets();
  }
}
