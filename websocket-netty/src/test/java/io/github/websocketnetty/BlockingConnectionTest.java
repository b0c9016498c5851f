package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.BlockingOperationException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** What threads that wait see of a connection, of both sides. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@CsvSource({"CLIENT, NIO", "SERVER, NIO", "CLIENT, EPOLL", "SERVER, EPOLL"})
class BlockingConnectionTest {
  private final ConnectionPair pair;
  private final BlockingConnection connection;
  private final Connection peer;

  BlockingConnectionTest(Side side, Transports transport) throws Exception {
    pair = new ConnectionPair(side, transport);
    connection = pair.connection.blocking();
    peer = pair.peer;
  }

  @AfterEach
  void end() throws Exception {
    pair.end();
  }

  private static <T> T value(CompletableFuture<T> future) throws Exception {
    return future.get(10, TimeUnit.SECONDS);
  }

  @Test
  void messagesAreReceivedInOrder() throws Exception {
    peer.send("one");
    peer.send(new byte[] {2});
    peer.send(new byte[] {'3'});
    peer.send("four");
    assertEquals(TextMessage.of("one"), connection.recv());
    assertEquals(BinaryMessage.of(new byte[] {2}), connection.recv(Duration.ofSeconds(10)));
    assertEquals("3", connection.recvText());
    assertArrayEquals(new byte[] {'f', 'o', 'u', 'r'}, connection.recvBytes());
    peer.send("five");
    peer.send("six");
    assertEquals("five", connection.recvText(Duration.ofDays(1_000_000)));
    assertArrayEquals(
        "six".getBytes(StandardCharsets.UTF_8), connection.recvBytes(Duration.ofSeconds(10)));
  }

  @Test
  void aReceiveWaitsWhileOthersSend() throws Exception {
    CompletableFuture<Message> received = CompletableFuture.supplyAsync(connection::recv);
    connection.send("question");
    assertEquals("question", value(peer.recvText()));
    assertFalse(received.isDone());
    peer.send("answer");
    assertEquals("answer", value(received).text());
  }

  @Test
  void everyKindOfMessageIsSent() throws Exception {
    byte[] cafe = "café".getBytes(StandardCharsets.UTF_8);
    connection.send("café");
    connection.send(cafe);
    connection.send(ByteBuffer.wrap(cafe));
    connection.send(Unpooled.copiedBuffer(cafe));
    connection.send(TextMessage.of("café"));
    connection.sendText(cafe);
    connection.sendText(Unpooled.copiedBuffer(cafe));
    connection.sendBinary("café");
    for (String type : "TEXT BINARY BINARY BINARY TEXT TEXT TEXT BINARY".split(" ")) {
      Message message = value(peer.recv());
      assertEquals(MessageType.valueOf(type), message.type());
      assertEquals("café", message.text());
    }
  }

  @Test
  void iterationEndsWhenTheConnectionIsClosedWell() {
    peer.send("one");
    peer.send("two");
    peer.close();
    List<String> received = new ArrayList<>();
    for (Message message : connection) {
      received.add(message.text());
    }
    assertEquals(List.of("one", "two"), received);
    Iterator<Message> again = connection.iterator();
    assertFalse(again.hasNext());
    assertThrows(NoSuchElementException.class, again::next);
  }

  @Test
  void anotherIterationGoesOnBehindTheFirst() {
    peer.send("one");
    peer.send("two");
    peer.close();
    for (Message message : connection) {
      assertEquals("one", message.text());
      break;
    }
    Iterator<Message> second = connection.iterator();
    assertTrue(second.hasNext());
    assertTrue(second.hasNext());
    assertEquals("two", second.next().text());
    assertFalse(second.hasNext());
  }

  @Test
  void iterationThrowsWhenTheConnectionIsLost() {
    peer.send("one");
    Iterator<Message> messages = connection.iterator();
    assertEquals("one", messages.next().text());
    pair.lose();
    assertThrows(ConnectionClosedErrorException.class, messages::hasNext);
    assertThrows(ConnectionClosedErrorException.class, messages::next);
  }

  // RECV-07
  @Test
  void aReceiveThatTimesOutLosesNothing() throws Exception {
    assertThrows(TimeoutException.class, () -> connection.recv(Duration.ofMillis(1)));
    assertThrows(TimeoutException.class, () -> connection.recvText(Duration.ZERO));
    assertThrows(TimeoutException.class, () -> connection.recvBytes(Duration.ofNanos(-1)));
    MessageWriter message = peer.sendStreaming(MessageType.TEXT);
    message.write("ca");
    pair.settle();
    assertThrows(TimeoutException.class, () -> connection.recv(Duration.ofMillis(1)));
    message.write("fé");
    message.finish();
    pair.settle();
    assertEquals("café", connection.recvText(Duration.ZERO));
  }

  @Test
  void whatIsThrownAtTheEndShowsTheCaller() {
    connection.send("warm");
    peer.close(4000, "bye");
    connection.waitClosed();
    ConnectionClosedException first =
        assertThrows(ConnectionClosedErrorException.class, connection::recv);
    ConnectionClosedException second =
        assertThrows(ConnectionClosedErrorException.class, () -> connection.send("late"));
    assertNotSame(first, second);
    for (ConnectionClosedException each : List.of(first, second)) {
      assertTrue(
          Arrays.stream(each.getStackTrace())
              .anyMatch(frame -> frame.getClassName().equals(getClass().getName())));
      assertEquals(4000, each.received().orElseThrow().code());
      assertEquals(4000, each.sent().orElseThrow().code());
      assertEquals(true, each.receivedThenSent().orElseThrow());
    }
    ConnectionClosedException shared =
        assertInstanceOf(
            ConnectionClosedException.class,
            assertThrows(
                    ExecutionException.class, () -> value(connection.connection().send("late")))
                .getCause());
    assertEquals(shared.getMessage(), first.getMessage());
    assertSame(shared.getCause(), first.getCause());
    assertThrows(ConnectionClosedErrorException.class, connection::ping);
    assertThrows(ConnectionClosedErrorException.class, connection::pong);
    assertThrows(ConnectionClosedErrorException.class, () -> connection.recv(Duration.ZERO));
  }

  @Test
  void twoReceivesAtOnceAreRefused() {
    try (BlockingConnection.Reader first = connection.recvStreaming()) {
      assertThrows(ConcurrencyException.class, connection::recv);
      assertThrows(ConcurrencyException.class, connection::recvStreaming);
      ConcurrencyException refused =
          assertThrows(ConcurrencyException.class, connection.iterator()::hasNext);
      assertEquals(Waiter.class.getName(), refused.getStackTrace()[0].getClassName());
      assertThrows(IllegalStateException.class, first::type);
    }
    peer.send("unharmed");
    assertEquals("unharmed", connection.recvText());
  }

  @Test
  void wrongArgumentsLeaveTheConnectionAlone() throws Exception {
    assertThrows(IllegalArgumentException.class, () -> connection.send("\uD800"));
    assertThrows(IllegalArgumentException.class, () -> connection.ping(new byte[126]));
    assertThrows(IllegalArgumentException.class, () -> connection.pong(new byte[126]));
    assertThrows(IllegalArgumentException.class, () -> connection.close(1006, ""));
    connection.send("unharmed");
    assertEquals("unharmed", value(peer.recvText()));
  }

  @Test
  void pingReturnsTheLatency() throws Exception {
    Duration latency = connection.ping();
    assertFalse(latency.isNegative() || latency.isZero());
    assertFalse(connection.ping(new byte[] {1}).isNegative());
    assertFalse(connection.ping(Duration.ofSeconds(10)).isNegative());
    connection.pong();
    connection.pong(new byte[] {2});
    assertFalse(connection.latency().isZero());
  }

  @Test
  void aPingThatTimesOutFreesItsPayload() throws Exception {
    pair.hold();
    byte[] payload = {1};
    assertThrows(TimeoutException.class, () -> connection.ping(payload, Duration.ofMillis(1)));
    assertThrows(TimeoutException.class, () -> connection.ping(Duration.ofMillis(1)));
    CompletableFuture<Duration> running = connection.connection().ping(payload);
    ConcurrencyException refused =
        assertThrows(ConcurrencyException.class, () -> connection.ping(payload));
    assertEquals(Waiter.class.getName(), refused.getStackTrace()[0].getClassName());
    pair.release();
    value(running);
    assertFalse(connection.ping(payload, Duration.ofSeconds(10)).isNegative());
  }

  @Test
  void closeWaitsForTheEnd() {
    connection.close();
    assertEquals(ConnectionState.CLOSED, connection.state());
    assertEquals(OptionalInt.of(1000), connection.closeCode());
    connection.close();
    connection.close(3000, "too late");
    connection.waitClosed();
    assertEquals("", connection.closeReason().orElseThrow());
  }

  @Test
  void closeSaysWhy() throws Exception {
    try (BlockingConnection closing = connection) {
      closing.close(3000, "why");
    }
    value(peer.waitClosed());
    assertEquals(OptionalInt.of(3000), peer.closeCode());
    assertEquals("why", peer.closeReason().orElseThrow());
  }

  @Test
  void whatIsKnownAboutTheConnectionIsThere() {
    Connection whole = connection.connection();
    assertSame(pair.connection, whole);
    assertEquals(whole.id(), connection.id());
    assertEquals(ConnectionState.OPEN, connection.state());
    assertEquals(Duration.ZERO, connection.latency());
    assertEquals(OptionalInt.empty(), connection.closeCode());
    assertTrue(connection.closeReason().isEmpty());
    assertEquals(whole.request(), connection.request());
    assertTrue(connection.request().isPresent());
    assertEquals(101, connection.response().orElseThrow().status().code());
    assertTrue(connection.subprotocol().isEmpty());
    assertSame(whole.logger(), connection.logger());
    assertEquals(peer.remoteAddress(), connection.localAddress());
    assertEquals(peer.localAddress(), connection.remoteAddress());
    assertSame(whole.channel(), connection.channel());
    assertEquals("Blocking" + whole, connection.toString());
  }

  private void assertRefusedOnTheLoop(Executable... calls) throws Exception {
    for (Executable call : calls) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      Runnable task =
          () -> {
            try {
              call.execute();
              thrown.complete(null);
            } catch (Throwable failure) {
              thrown.complete(failure);
            }
          };
      connection.channel().eventLoop().execute(task);
      assertInstanceOf(BlockingOperationException.class, value(thrown));
    }
  }

  @Test
  void noReceiveBeginsOnTheEventLoop() throws Exception {
    Duration second = Duration.ofSeconds(1);
    peer.send("queued");
    pair.settle();
    assertRefusedOnTheLoop(
        connection::recv,
        () -> connection.recv(second),
        connection::recvText,
        () -> connection.recvText(second),
        connection::recvBytes,
        () -> connection.recvBytes(second),
        connection.iterator()::hasNext);
    assertEquals("queued", connection.recvText());
    try (BlockingConnection.Reader reader = connection.recvStreaming()) {
      assertRefusedOnTheLoop(
          reader::next,
          () -> reader.next(second),
          reader.iterator()::next,
          reader.asInputStream()::read,
          reader.asReader()::read);
    }
  }

  @Test
  void noSendBeginsOnTheEventLoop() throws Exception {
    ByteBuf binary = Unpooled.copiedBuffer(new byte[] {1});
    ByteBuf text = Unpooled.copiedBuffer(new byte[] {'a'});
    BlockingConnection.Writer writer = connection.sendStreaming(MessageType.TEXT);
    assertRefusedOnTheLoop(
        () -> connection.send("no"),
        () -> connection.send(new byte[1]),
        () -> connection.send(ByteBuffer.allocate(1)),
        () -> connection.send(binary),
        () -> connection.send(TextMessage.of("no")),
        () -> connection.sendText(new byte[1]),
        () -> connection.sendText(text),
        () -> connection.sendBinary("no"),
        () -> connection.sendText(List.of("no")),
        () -> connection.sendBinary(List.of(new byte[1])),
        () -> writer.write("no"),
        () -> writer.write(new byte[1]),
        () -> writer.write(new byte[1], 0, 1),
        () -> writer.asOutputStream().write(1),
        writer::finish);
    assertEquals(0, binary.refCnt());
    assertEquals(0, text.refCnt());
    connection.send("unharmed");
    assertEquals("unharmed", value(peer.recvText()));
  }

  @Test
  void noPingAndNoCloseBeginOnTheEventLoop() throws Exception {
    Duration second = Duration.ofSeconds(1);
    assertRefusedOnTheLoop(
        connection::ping,
        () -> connection.ping(second),
        () -> connection.ping(new byte[1]),
        () -> connection.ping(new byte[1], second),
        connection::pong,
        () -> connection.pong(new byte[1]),
        connection::close,
        () -> connection.close(4000, "no"),
        connection::waitClosed);
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  @Test
  void whatDoesNotWaitIsFreeOnTheEventLoop() throws Exception {
    CompletableFuture<Void> done =
        CompletableFuture.runAsync(
            () -> {
              connection.recvStreaming().close();
              connection.sendStreaming(MessageType.TEXT).close();
            },
            connection.channel().eventLoop());
    value(done);
    peer.send("unharmed");
    assertEquals("unharmed", connection.recvText());
  }
}
