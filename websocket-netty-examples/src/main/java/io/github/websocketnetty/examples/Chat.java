package io.github.websocketnetty.examples;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.TextMessage;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ServerHandshake;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A chat with rooms: one WebSocket for each person, and the page for the browser on the same port.
 */
final class Chat {
  private static final int MAX_ROOMS = 1000;
  private static final int MAX_NAME = 40;
  private static final int MAX_TEXT_BYTES = 4096;
  private static final int MAX_PENDING_BYTES = 4 << 20; // room for all that newcomers are told
  private static final Duration PING_INTERVAL = Duration.ofSeconds(10);
  private static final double NANOS_PER_MILLI = 1_000_000;

  private static final Executor IN_TWO_SECONDS =
      CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS);

  private final byte[] page = read("chat.html");

  /** By name; rooms in which nobody is are forgotten when there are too many. */
  private final Map<String, Room> rooms =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Room> eldest) {
          return size() > MAX_ROOMS && eldest.getValue().isEmpty();
        }
      };

  /** Starts a chat. */
  static CompletableFuture<WebSocketServer> start(InetSocketAddress address) {
    return start(address, PING_INTERVAL);
  }

  /**
   * Starts a chat.
   *
   * @param pingInterval the time between pings, and the time in which a pong must come: people
   *     whose machine sleeps or has no network are seen in the room at most twice as long
   */
  static CompletableFuture<WebSocketServer> start(
      InetSocketAddress address, Duration pingInterval) {
    Chat chat = new Chat();
    return WebSocketServer.builder()
        .handshake(ServerHandshakeOptions.builder().processRequest(chat::answer).build())
        .options(
            ConnectionOptions.builder()
                .maxMessageSize(MAX_TEXT_BYTES)
                .pingInterval(pingInterval)
                .pingTimeout(pingInterval)
                .maxPendingSendBytes(MAX_PENDING_BYTES)
                .build())
        .route("/rooms/{room}/{name}", chat::serve)
        .bind(address);
  }

  private CompletionStage<?> serve(Connection connection, Map<String, String> path) {
    String name = path.get("name");
    if (name.length() > MAX_NAME || path.get("room").length() > MAX_NAME) {
      return connection.close(CloseCode.POLICY_VIOLATION, "names have at most 40 characters");
    }
    Room room = join(connection, path.get("room"), name);
    connection.waitClosed().thenRun(() -> room.leave(connection));
    measure(connection);
    return connection.forEach(
        message -> {
          if (message instanceof TextMessage said) {
            room.say(name, said.text());
          }
        });
  }

  private Room join(Connection connection, String roomName, String name) {
    synchronized (rooms) { // until somebody is in it, a room may be forgotten
      Room room = rooms.computeIfAbsent(roomName, unknown -> new Room());
      room.join(connection, name);
      return room;
    }
  }

  /** Tells a person how long a ping takes, until the connection is closed. */
  private static void measure(Connection connection) {
    connection
        .ping()
        .thenAccept(
            latency -> {
              connection.send(
                  Json.object("type", "latency", "ms", latency.toNanos() / NANOS_PER_MILLI));
              IN_TWO_SECONDS.execute(() -> measure(connection));
            });
  }

  /** Answers requests that are no WebSocket's; to others it says nothing. */
  private CompletionStage<FullHttpResponse> answer(HttpRequest request) {
    boolean isForPage = ServerHandshake.pathOf(request.uri()).equals("/");
    if (isForPage && request.method().equals(HttpMethod.GET)) {
      return CompletableFuture.completedFuture(page());
    }
    if (!isFromOwnPage(request.headers())) {
      return CompletableFuture.completedFuture(
          ServerHandshake.respond(403, "Not from here\n", Clock.systemUTC().instant()));
    }
    return null;
  }

  /** Pages of others must not chat in the name of those who look at them. */
  private static boolean isFromOwnPage(HttpHeaders headers) {
    String origin = headers.get(HttpHeaderNames.ORIGIN);
    String host = headers.get(HttpHeaderNames.HOST);
    return origin == null || origin.equals("http://" + host) || origin.equals("https://" + host);
  }

  private FullHttpResponse page() {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(page));
    response
        .headers()
        .add(HttpHeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
        .add(HttpHeaderNames.CACHE_CONTROL, "no-cache")
        .add("X-Content-Type-Options", "nosniff");
    return response;
  }

  private static byte[] read(String resource) {
    try (InputStream input = Chat.class.getResourceAsStream(resource)) {
      return input.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
