package io.github.websocketnetty.examples;

import static io.github.websocketnetty.examples.support.RawFrame.close;
import static io.github.websocketnetty.examples.support.RawFrame.ping;
import static io.github.websocketnetty.examples.support.RawFrame.pong;
import static io.github.websocketnetty.examples.support.RawFrame.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.ConnectionOptions;
import io.github.websocketnetty.examples.support.EchoServers;
import io.github.websocketnetty.examples.support.LeakFailure;
import io.github.websocketnetty.examples.support.RawClient;
import io.github.websocketnetty.examples.support.RawFrame;
import io.github.websocketnetty.examples.support.ServerKind;
import io.github.websocketnetty.handler.ServerHandshakeOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass(name = "{0}")
@EnumSource
@ExtendWith(LeakFailure.class)
class EchoServerTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  @Parameter ServerKind kind;

  @BeforeEach
  void checkKind() {
    kind.assumeAvailable();
  }

  @Test
  void closingSaysGoodbyeToEveryConnection() throws Exception {
    EchoServer server = start(Duration.ofSeconds(10));
    try (RawClient unopened = RawClient.connect(server.address().getPort());
        RawClient first = open(server);
        RawClient second = open(server)) {
      first.send(text("still here"));
      first.expect(text("still here"));
      CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
      for (RawClient client : new RawClient[] {first, second}) {
        client.expect(close(1001, ""));
        client.send(close(1001, ""));
        client.expectEnd();
      }
      unopened.expectEnd();
      first.close();
      second.close();
      closing.get();
    }
  }

  @Test
  void closedServerRefusesConnections() throws IOException {
    EchoServer server = start(SHORT);
    server.close();
    assertThrows(IOException.class, () -> open(server));
  }

  @Test
  void closingDoesNotWaitForAClientThatNeverAnswers() throws IOException {
    EchoServer server = start(SHORT);
    try (RawClient silent = open(server)) {
      server.close();
      silent.expect(close(1001, ""));
    }
  }

  @Test
  void closingDoesNotWaitForAClientThatNeverReads() throws IOException {
    EchoServer server = start(SHORT);
    try (RawClient stuck = open(server)) {
      stuck.sendUntilStuck(text("*".repeat(1 << 19)).bytes());
      server.close();
    }
  }

  @Test
  void clientThatDoesNotReadIsNotReadFromEither() throws IOException {
    byte[] message = text("*".repeat(1 << 19)).bytes();
    try (EchoServer server = start(LONG);
        RawClient slow = open(server);
        RawClient other = open(server)) {
      // A server that kept on reading would take it all.
      int sent = slow.sendUntilStuck(message);
      assertTrue(sent < 100 << 20, "the server has taken " + sent + " bytes");
      other.send(text("meanwhile"));
      other.expect(text("meanwhile"));
      for (int i = 0; i < sent / message.length; i++) {
        slow.expect(text("*".repeat(1 << 19)));
      }
      slow.send(Arrays.copyOfRange(message, sent % message.length, message.length));
      slow.expect(text("*".repeat(1 << 19)));
      slow.send(ping("awake"));
      slow.expect(pong("awake"));
      slow.closeNormally();
      other.closeNormally();
    }
  }

  @Test
  void manyClientsAreServedAtOnce() throws IOException {
    RawClient[] clients = new RawClient[100];
    try (EchoServer server = start(LONG)) {
      for (int i = 0; i < clients.length; i++) {
        clients[i] = open(server);
        clients[i].send(text("client " + i));
      }
      for (int i = 0; i < clients.length; i++) {
        clients[i].expect(text("client " + i));
        clients[i].closeNormally();
        clients[i].close();
      }
    }
  }

  // OPT-21
  @Test
  void clientThatStallsInsideItsRequestIsRefused() throws IOException {
    ServerHandshakeOptions impatient = ServerHandshakeOptions.builder().openTimeout(SHORT).build();
    try (EchoServer server = EchoServers.start(kind, impatient);
        RawClient stalled = RawClient.connect(server.address().getPort())) {
      stalled.send(RawClient.REQUEST.substring(0, 60));
      assertTrue(stalled.readHead().startsWith("HTTP/1.1 408 "));
      stalled.readToEnd();
    }
  }

  // CLOSE-10, CLOSE-12
  @Test
  void clientThatNeverEndsItsHalfIsResetAtTheTimeout() throws IOException {
    try (EchoServer server = start(SHORT);
        RawClient client = open(server)) {
      client.send(close(1000, ""));
      client.expect(close(1000, ""));
      client.expectEnd();
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 1_000_000; i++) {
              client.send(new byte[1000]);
            }
          });
    }
  }

  // KA-02
  @Test
  void clientThatAnswersIsPingedAgain() throws IOException {
    ConnectionOptions curious =
        ConnectionOptions.builder().pingInterval(SHORT).pingTimeout(LONG).build();
    try (EchoServer server = EchoServers.start(kind, curious);
        RawClient client = open(server)) {
      RawFrame first = client.read();
      client.send(pong(first.payload()));
      RawFrame second = client.read();
      assertTrue(first.opcode() == 9 && second.opcode() == 9 && !first.equals(second));
    }
  }

  // KA-05
  @Test
  void silentClientIsPingedAndThenClosed() throws IOException {
    ConnectionOptions impatient =
        ConnectionOptions.builder().pingInterval(SHORT).pingTimeout(SHORT).build();
    try (EchoServer server = EchoServers.start(kind, impatient);
        RawClient client = open(server)) {
      assertEquals(9, client.read().opcode());
      client.expectClose(1011);
    }
  }

  // KA-09
  @Test
  void clientThatNeverReadsIsDropped() throws IOException {
    ConnectionOptions impatient =
        ConnectionOptions.builder()
            .pingInterval(SHORT)
            .pingTimeout(SHORT)
            .closeTimeout(SHORT)
            .build();
    try (EchoServer server = EchoServers.start(kind, impatient);
        RawClient stuck = open(server)) {
      byte[] message = text("*".repeat(1 << 19)).bytes();
      // Once when the server takes no more, and then because it has gone.
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 10; i++) {
              stuck.sendUntilStuck(message);
            }
          });
    }
  }

  private EchoServer start(Duration closeTimeout) throws IOException {
    return EchoServers.start(kind, ConnectionOptions.builder().closeTimeout(closeTimeout).build());
  }

  private static RawClient open(EchoServer server) throws IOException {
    return RawClient.open(server.address().getPort());
  }
}
