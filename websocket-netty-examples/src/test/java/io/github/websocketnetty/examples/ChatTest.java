package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.WebSocketClient;
import io.github.websocketnetty.WebSocketServer;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.InvalidStatusException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The chat without a browser. */
@Timeout(120)
@ExtendWith(LeakFailure.class)
class ChatTest {
  private final WebSocketClient client = WebSocketClient.create();
  private WebSocketServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        Chat.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws Exception {
    client.close().get(10, TimeUnit.SECONDS);
    server.close().get(10, TimeUnit.SECONDS);
  }

  private URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + server.port() + path);
  }

  private BlockingConnection join(String room, String name) {
    return client.connect(uri("ws", "/rooms/" + room + "/" + name)).join().blocking();
  }

  /** Returns the next message of a type. */
  private static String next(BlockingConnection person, String type) {
    while (true) {
      String message = person.recvText();
      if (message.startsWith("{\"type\":\"" + type + "\"")) {
        return message;
      }
    }
  }

  private static void assertSaid(BlockingConnection person, String name, String text) {
    String said = next(person, "said");
    assertTrue(said.endsWith(",\"name\":\"" + name + "\",\"text\":\"" + text + "\"}"), said);
  }

  @Test
  void whatOneWritesEverybodyInTheRoomSees() {
    try (BlockingConnection ann = join("tea", "Ann");
        BlockingConnection bob = join("tea", "B%C3%B6b");
        BlockingConnection cid = join("coffee", "Cid")) {
      ann.send("hello \"Böb\"\n\\");
      assertSaid(ann, "Ann", "hello \\\"Böb\\\"\\u000a\\\\");
      assertSaid(bob, "Ann", "hello \\\"Böb\\\"\\u000a\\\\");
      bob.send("hello Ann");
      assertSaid(ann, "Böb", "hello Ann");
      cid.send("anybody here?");
      assertSaid(cid, "Cid", "anybody here?");
      ann.send("bye");
      assertSaid(bob, "Böb", "hello Ann");
      assertSaid(bob, "Ann", "bye"); // and nothing from the other room
    }
  }

  @Test
  void whoIsThereIsTold() {
    try (BlockingConnection ann = join("tea", "Ann")) {
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\"]}", next(ann, "here"));
      BlockingConnection bob = join("tea", "Bob");
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\",\"Bob\"]}", next(ann, "here"));
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\",\"Bob\"]}", next(bob, "here"));
      bob.close();
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\"]}", next(ann, "here"));
    }
  }

  @Test
  void whoeverComesAgainSeesWhatWasSaid() {
    try (BlockingConnection ann = join("tea", "Ann")) {
      for (int i = 0; i <= 100; i++) {
        ann.send("message " + i);
      }
      for (int i = 0; i <= 100; i++) {
        assertSaid(ann, "Ann", "message " + i);
      }
    }
    try (BlockingConnection again = join("tea", "Ann")) {
      for (int i = 1; i <= 100; i++) {
        assertSaid(again, "Ann", "message " + i);
      }
    }
  }

  @Test
  void whoeverDoesNotReadIsSentAwayAndHoldsUpNobody() throws Exception {
    try (BlockingConnection ann = join("tea", "Ann");
        RawClient bob = RawClient.connect(server.port())) {
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\"]}", next(ann, "here"));
      bob.send(RawClient.REQUEST.replaceFirst("/\\S+", "/rooms/tea/Bob"));
      bob.expectSwitch();
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\",\"Bob\"]}", next(ann, "here"));
      String text = "x".repeat(4000);
      String message;
      do { // ends when no buffer has room any more
        ann.send(text);
        message = ann.recvText();
      } while (!message.startsWith("{\"type\":\"here\""));
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\"]}", message);
    }
  }

  @Test
  void peopleWhoseMachineDoesNotAnswerAreGone() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server.close().get(10, TimeUnit.SECONDS);
    server = Chat.start(anyPort, Duration.ofMillis(300)).get(10, TimeUnit.SECONDS);
    try (RawClient bob = RawClient.connect(server.port())) {
      bob.send(RawClient.REQUEST.replaceFirst("/\\S+", "/rooms/tea/Bob"));
      bob.expectSwitch(); // and does not answer pings
      bob.expect(text("{\"type\":\"here\",\"names\":[\"Bob\"]}"));
      bob.readToEnd();
    } catch (SocketException reset) {
      // An end as good as any.
    }
    // She comes when he is gone: her machine need not answer within those milliseconds.
    try (BlockingConnection ann = join("tea", "Ann")) {
      String here = next(ann, "here");
      while (here.contains("Bob")) { // whose end may just be being told
        here = next(ann, "here");
      }
      assertEquals("{\"type\":\"here\",\"names\":[\"Ann\"]}", here);
    }
  }

  @Test
  void everybodyLearnsTheirLatency() {
    try (BlockingConnection ann = join("tea", "Ann")) {
      String latency = next(ann, "latency");
      assertTrue(latency.matches("\\{\"type\":\"latency\",\"ms\":\\d+\\.[\\dE-]+}"), latency);
    }
  }

  @Test
  void longNamesAndTextsAreRefused() {
    BlockingConnection ann = join("tea", "A".repeat(41));
    ConnectionClosedException end = assertThrows(ConnectionClosedException.class, ann::recv);
    assertEquals(1008, end.received().orElseThrow().code());
    BlockingConnection bob = join("tea", "Bob");
    bob.send("x".repeat(4097));
    end = assertThrows(ConnectionClosedException.class, () -> next(bob, "said"));
    assertEquals(1009, end.received().orElseThrow().code());
  }

  @Test
  void pageComesFromTheSamePort() throws Exception {
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(uri("http", "/?x")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, page.statusCode());
    assertEquals("text/html; charset=utf-8", page.headers().firstValue("Content-Type").get());
    assertTrue(page.body().startsWith("<!DOCTYPE html>"));
    assertEquals(404, status("/other", null));
  }

  @Test
  void pagesOfOthersAreRefused() {
    assertEquals(403, status("/rooms/tea/Ann", "https://evil.example"));
    assertEquals(101, status("/rooms/tea/Ann", "http://127.0.0.1:" + server.port()));
  }

  private int status(String path, String origin) {
    ClientHandshakeOptions handshake =
        ClientHandshakeOptions.builder(uri("ws", path)).origin(origin).build();
    try {
      return client.connect(handshake).join().response().orElseThrow().status().code();
    } catch (CompletionException e) {
      return assertInstanceOf(InvalidStatusException.class, e.getCause())
          .response()
          .status()
          .code();
    }
  }
}
