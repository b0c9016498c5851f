package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What counts as sent: close frames that were handed to the transport, and no others. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class SentCloseFrameTest {
  /** Why a connection closes, with what code. */
  enum Why {
    CLOSE(1001, peer -> peer.connection.close(1001, "")),
    ANSWER(4000, peer -> peer.peerSends(peer.close(4000, ""))),
    VIOLATION(1002, peer -> peer.peerSends(peer.frame(true, 3))),
    NO_TEXT(1007, peer -> peer.peerSends(peer.frame(true, Opcode.TEXT, (byte) 0xFF))),
    TOO_LARGE(1009, peer -> peer.peerSends(peer.fragment(true, Opcode.TEXT, "x".repeat(200)))),
    TOO_SLOW(
        1008,
        peer ->
            Connections.broadcast(
                List.of(peer.connection), TextMessage.of("all"), SlowReceivers.CLOSE)),
    SILENCE(
        1011,
        peer -> {
          peer.advance(20, TimeUnit.SECONDS);
          peer.advance(20, TimeUnit.SECONDS);
        }),
    ENDPOINT(
        1011,
        peer ->
            EndpointRun.run(
                connection -> {
                  throw new IllegalStateException("user's");
                },
                peer.connection)),
    GIVEN_UP(
        1011,
        peer -> {
          MessageWriter writer = peer.connection.sendStreaming(MessageType.TEXT);
          writer.write("half");
          writer.abort();
        });

    private final int code;
    private final Consumer<ConnectionFixture> act;

    Why(int code, Consumer<ConnectionFixture> act) {
      this.code = code;
      this.act = act;
    }
  }

  private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

  private final ConnectionFixture peer;

  SentCloseFrameTest(Side side) {
    peer =
        new ConnectionFixture(
            side, ConnectionOptions.builder().maxMessageSize(100).closeTimeout(CLOSE_TIME).build());
  }

  @AfterEach
  void end() {
    peer.end();
  }

  private ConnectionClosedException closed(CompletableFuture<?> future) {
    return assertInstanceOf(ConnectionClosedException.class, failure(future));
  }

  // CLOSE-12, SEND-32
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"TOO_SLOW", "GIVEN_UP"})
  void whatLeftWasSent(Why why) {
    CompletableFuture<Message> waiting = peer.connection.recv();
    why.act.accept(peer);
    peer.run();
    peer.tcpIsLost();
    assertEquals(why.code, closed(waiting).sent().map(CloseStatus::code).orElse(0));
  }

  // CLOSE-12, SEND-32: behind data that is not read, at the deadline
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "GIVEN_UP")
  void whatWaitedAtTheDeadlineWasNotSent(Why why) {
    CompletableFuture<Message> waiting = peer.connection.recv();
    peer.peerStopsReading();
    CompletableFuture<Void> blocked = peer.connection.send(new byte[100_000]);
    why.act.accept(peer);
    peer.advance(10, TimeUnit.SECONDS);
    assertNothingSent(closed(waiting));
    assertNothingSent(closed(blocked));
    int received = why == Why.ANSWER ? 4000 : 1006;
    assertEquals(received, peer.connection.closeCode().orElse(0));
  }

  // CLOSE-12: behind data, and TCP is lost
  @ParameterizedTest
  @EnumSource
  void whatWaitedWhenTcpWasLostWasNotSent(Why why) {
    CompletableFuture<Message> waiting = peer.connection.recv();
    if (why != Why.GIVEN_UP) {
      peer.peerStopsReading();
      peer.connection.send(new byte[100_000]);
      why.act.accept(peer);
    } else {
      MessageWriter writer = peer.connection.sendStreaming(MessageType.TEXT);
      writer.write("half");
      peer.peerStopsReading();
      writer.write("x".repeat(100_000));
      writer.abort();
    }
    peer.tcpIsLost();
    assertNothingSent(closed(waiting));
  }

  private static void assertNothingSent(ConnectionClosedException closed) {
    assertEquals(Optional.empty(), closed.sent(), closed.getMessage());
    assertNull(closed.receivedThenSent().orElse(null));
  }
}
