package io.github.websocketnetty.faults;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What runs on a host of the faulty network: a client if it is given the address of a server, else
 * a server. Writes a line for whatever becomes of what it is told to do by the lines it reads.
 */
final class FaultyHost {
  /** How often it pings. */
  static final Duration PING = Duration.ofMillis(500);

  /** How long it waits for a sign of life then, and for the end of a closing handshake. */
  static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** Nothing that compression could make smaller. */
  private static final byte[] CHUNK = new byte[64 << 10];

  static {
    new Random(7).nextBytes(CHUNK);
  }

  private static final long PATIENT_CHUNKS = 64;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final WebSocketClient hasty = client(PING, TIMEOUT);
  private final WebSocketClient patient = client(Duration.ZERO, PATIENCE);
  private final String server;
  private Connection connection;

  private FaultyHost(String server) {
    this.server = server;
  }

  /** Serves, or obeys until the end of the input. */
  public static void main(String[] arguments) throws Exception {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    if (arguments.length == 0) {
      say("ports " + server(PING).port() + " " + server(Duration.ZERO).port());
      orders.readLine();
    } else {
      FaultyHost client = new FaultyHost(arguments[0]);
      say("ready");
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        client.obey(order.split(" "));
      }
    }
    System.exit(0);
  }

  private static synchronized void say(String line) {
    System.out.println(line);
  }

  private static WebSocketServer server(Duration ping) throws Exception {
    return WebSocketServer.builder()
        .options(
            ConnectionOptions.builder()
                .pingInterval(ping)
                .pingTimeout(TIMEOUT)
                .closeTimeout(ping.isZero() ? PATIENCE : TIMEOUT)
                .build())
        .handshake(
            ServerHandshakeOptions.builder()
                .processRequest(request -> request.uri().equals("/late") ? later() : null)
                .build())
        .route("/echo", open -> told(open).forEachAsync(open::send))
        .route("/sink", open -> sink(told(open)))
        .route("/late", Connection::waitClosed)
        .bind(0)
        .get();
  }

  /** The answer to a handshake takes its time, in which the cable is cut. */
  private static <T> CompletableFuture<T> later() {
    say("asked");
    return new CompletableFuture<T>().completeOnTimeout(null, 700, TimeUnit.MILLISECONDS);
  }

  /** Tells how many messages came, when all have come. */
  private static CompletableFuture<Void> sink(Connection open) {
    AtomicLong received = new AtomicLong();
    return open.forEach(
            message -> {
              if (received.incrementAndGet() == 1) {
                say("begun");
              }
            })
        .whenComplete((done, failure) -> say("received " + received));
  }

  /** Tells how the server's end of a connection ends. */
  private static Connection told(Connection open) {
    open.waitClosed().thenRun(() -> open.recv().whenComplete((none, end) -> tell("served", end)));
    return open;
  }

  private static WebSocketClient client(Duration ping, Duration closeTimeout) {
    return WebSocketClient.builder()
        .options(
            ConnectionOptions.builder()
                .pingInterval(ping)
                .pingTimeout(TIMEOUT)
                .closeTimeout(closeTimeout)
                .build())
        .build();
  }

  private void obey(String[] order) throws IOException {
    switch (order[0]) {
      case "open" -> open(hasty, order[1], PATIENCE);
      case "openPatiently" -> open(patient, order[1], PATIENCE);
      case "openHastily" -> open(hasty, order[1], TIMEOUT);
      case "send" -> send(0, Long.MAX_VALUE);
      case "sendAll" -> send(0, PATIENT_CHUNKS);
      case "recv" -> connection.recv().whenComplete((message, end) -> tell("recv", end));
      case "ping" -> connection.ping().whenComplete((latency, end) -> tell("ping", end));
      case "close" ->
          connection
              .close()
              .thenCompose(closed -> connection.recv())
              .whenComplete((none, end) -> tell("close", end));
      default -> throw new IOException(Arrays.toString(order));
    }
  }

  private void open(WebSocketClient client, String portAndPath, Duration openTimeout) {
    ClientHandshakeOptions handshake =
        ClientHandshakeOptions.builder(URI.create("ws://" + server + ":" + portAndPath))
            .openTimeout(openTimeout)
            .build();
    client
        .connect(handshake)
        .whenComplete(
            (opened, failure) -> {
              connection = opened;
              tell("open", failure);
            });
  }

  /** Sends one chunk behind the other, until one fails. */
  private void send(long sent, long count) {
    if (sent == count) {
      say("sent all");
      return;
    }
    if (sent == PATIENT_CHUNKS) {
      say("sending");
    }
    connection
        .send(CHUNK)
        .whenCompleteAsync(
            (done, failure) -> {
              if (failure == null) {
                send(sent + 1, count);
              } else {
                tell("send", failure);
              }
            });
  }

  private static void tell(String what, Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException) {
      cause = cause.getCause();
    }
    say(
        what
            + " "
            + (cause == null
                ? "ok"
                : cause.getClass().getSimpleName() + ": " + cause.getMessage()));
  }
}
