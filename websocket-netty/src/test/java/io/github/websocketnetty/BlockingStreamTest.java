package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakFailure;
import io.github.websocketnetty.support.Transports;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages in fragments for threads that wait, on both sides. */
@Tag("sockets")
@Timeout(30)
@ExtendWith(LeakFailure.class)
@ParameterizedClass
@EnumSource
class BlockingStreamTest {
  private final ConnectionPair pair;
  private final BlockingConnection connection;
  private final Connection peer;

  BlockingStreamTest(Side side) throws Exception {
    pair = new ConnectionPair(side, Transports.NIO);
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

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] large() {
    byte[] bytes = new byte[500_000];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  /** "c😀é" with both long characters cut. */
  private void peerSendsCutText() {
    MessageWriter message = peer.sendStreaming(MessageType.TEXT);
    message.write(bytes('c', 0xF0, 0x9F));
    message.write(bytes(0x98));
    message.write(bytes(0x80, 0xC3));
    message.write(bytes(0xA9));
    message.finish();
  }

  // RECV-04, RECV-05
  @Test
  void aReaderIteratesOverTheFragments() {
    peerSendsCutText();
    List<String> texts = new ArrayList<>();
    List<Boolean> last = new ArrayList<>();
    try (BlockingConnection.Reader message = connection.recvStreaming()) {
      assertThrows(IllegalStateException.class, message::type);
      for (Fragment fragment : message) {
        texts.add(fragment.text());
        last.add(fragment.isLast());
        assertEquals(MessageType.TEXT, message.type());
      }
      assertThrows(IllegalStateException.class, message::next);
      assertThrows(NoSuchElementException.class, message.iterator()::next);
    }
    assertEquals(List.of("c", "", "😀", "é", ""), texts);
    assertEquals(List.of(false, false, false, false, true), last);
  }

  // RECV-14
  @Test
  void aFragmentThatTimesOutIsNotLost() throws Exception {
    try (BlockingConnection.Reader message = connection.recvStreaming()) {
      assertThrows(TimeoutException.class, () -> message.next(Duration.ZERO));
      peer.send("kept");
      assertEquals("kept", message.next(Duration.ofSeconds(10)).text());
    }
  }

  // RECV-15, RECV-16
  @Test
  void aReaderThatIsClosedDropsTheRest() {
    MessageWriter message = peer.sendStreaming(MessageType.TEXT);
    message.write("part");
    try (BlockingConnection.Reader reader = connection.recvStreaming()) {
      assertEquals("part", reader.next().text());
      reader.discard();
      Iterator<Fragment> none = reader.iterator();
      assertFalse(none.hasNext());
      assertThrows(NoSuchElementException.class, none::next);
    }
    message.write("dropped");
    message.finish();
    peer.send("next");
    assertEquals("next", connection.recvText());
  }

  @Test
  void closingAReaderWakesTheThreadThatWaits() throws Exception {
    BlockingConnection.Reader reader = connection.recvStreaming();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread waiting =
        new Thread(() -> thrown.complete(assertThrows(CancellationException.class, reader::next)));
    waiting.start();
    while (!isWaitingForAFuture(waiting)) {
      assertTrue(waiting.isAlive());
      Thread.onSpinWait();
    }
    reader.close();
    value(thrown);
    peer.send("next");
    assertEquals("next", connection.recvText());
  }

  /** Not for a lock: then its call may not have begun. */
  private static boolean isWaitingForAFuture(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(call -> call.getClassName().equals(CompletableFuture.class.getName()));
  }

  // RECV-17
  @Test
  void aMessageThatIsCutOffIsNeverWhole() {
    peer.sendStreaming(MessageType.BINARY).write(bytes(1, 2));
    BlockingConnection.Reader message = connection.recvStreaming();
    InputStream body = message.asInputStream();
    byte[] buffer = new byte[10];
    assertThrows(
        IOException.class,
        () -> {
          assertEquals(2, body.read(buffer));
          pair.lose();
          body.read(buffer);
        });
    assertThrows(ConnectionClosedErrorException.class, message::next);
    IOException cause = assertThrows(IOException.class, body::read);
    assertInstanceOf(ConnectionClosedErrorException.class, cause.getCause());
    assertThrows(ConnectionClosedErrorException.class, connection::recv);
  }

  @Test
  void aGoodCloseInsteadOfAMessageIsNoEmptyMessage() {
    peer.close();
    try (BlockingConnection.Reader message = connection.recvStreaming()) {
      assertTrue(message.iterator().hasNext());
      assertThrows(ConnectionClosedOkException.class, message.iterator()::next);
    }
  }

  @Test
  void aMessageIsReadAsAStreamOfBytes() throws Exception {
    byte[] sent = large();
    peer.send(sent);
    peer.send("next");
    try (BlockingConnection.Reader message = connection.recvStreaming();
        InputStream body = message.asInputStream()) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      assertEquals(sent[0] & 0xFF, body.read());
      assertTrue(body.available() > 0);
      assertEquals(0, body.read(new byte[0]));
      body.transferTo(file);
      assertArrayEquals(Arrays.copyOfRange(sent, 1, sent.length), file.toByteArray());
      assertEquals(-1, body.read());
      assertEquals(-1, body.read(new byte[1]));
      assertThrows(IndexOutOfBoundsException.class, () -> body.read(new byte[1], 1, 1));
    }
    assertEquals("next", connection.recvText());
  }

  @Test
  void aMessageIsReadAsCharacters() throws Exception {
    peerSendsCutText();
    peerSendsCutText();
    try (BlockingConnection.Reader message = connection.recvStreaming();
        Reader text = message.asReader()) {
      StringWriter all = new StringWriter();
      text.transferTo(all);
      assertEquals("c😀é", all.toString());
      assertEquals(-1, text.read());
    }
    try (BlockingConnection.Reader message = connection.recvStreaming();
        Reader text = message.asReader()) {
      assertFalse(text.ready());
      assertEquals('c', text.read());
      assertEquals(0, text.read(new char[0]));
      assertThrows(IllegalArgumentException.class, () -> text.skip(-1));
      assertEquals(2, text.skip(2));
      assertEquals('é', text.read());
      assertEquals(0, text.skip(1));
    }
  }

  @Test
  void charactersOfABinaryMessageAreRefused() {
    peer.send(bytes(1));
    try (BlockingConnection.Reader message = connection.recvStreaming()) {
      assertThrows(IllegalStateException.class, message.asReader()::read);
    }
  }

  @Test
  void aStreamThatIsClosedDropsTheRestAndRefusesToGoOn() throws Exception {
    peer.send(bytes(1, 2, 3));
    peer.send("text");
    InputStream body = connection.recvStreaming().asInputStream();
    assertEquals(1, body.read());
    body.close();
    assertEquals(0, body.available());
    assertThrows(IOException.class, body::read);
    Reader text = connection.recvStreaming().asReader();
    assertEquals('t', text.read());
    assertTrue(text.ready());
    text.close();
    assertFalse(text.ready());
    assertThrows(IOException.class, text::read);
    peer.send("next");
    assertEquals("next", connection.recvText());
  }

  @Test
  void fragmentsAreSentAsOneMessage() throws Exception {
    try (BlockingConnection.Writer message = connection.sendStreaming(MessageType.TEXT)) {
      message.write("ca");
      message.write(bytes('f', 0xC3));
      message.write(bytes(0, 0xA9), 1, 1);
      message.finish();
      message.finish();
      assertThrows(IllegalStateException.class, () -> message.write("late"));
    }
    assertEquals(TextMessage.of("café"), value(peer.recv()));
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  @Test
  void wrongFragmentsAreNotSent() throws Exception {
    try (BlockingConnection.Writer message = connection.sendStreaming(MessageType.BINARY)) {
      assertThrows(IllegalArgumentException.class, () -> message.write("text"));
      byte[] data = new byte[1];
      assertThrows(IndexOutOfBoundsException.class, () -> message.write(data, 1, 1));
    }
    connection.send("unharmed");
    assertEquals("unharmed", value(peer.recvText()));
  }

  @Test
  void aWriterThatIsClosedTooEarlyFailsTheConnection() throws Exception {
    try (BlockingConnection.Writer message = connection.sendStreaming(MessageType.TEXT)) {
      message.write("part");
    }
    connection.waitClosed();
    value(peer.waitClosed());
    assertEquals(OptionalInt.of(1011), peer.closeCode());
    assertEquals("error in fragmented message", peer.closeReason().orElseThrow());
  }

  @Test
  void aStreamOfBytesIsSentAsOneMessage() throws Exception {
    byte[] sent = large();
    CompletableFuture<byte[]> received = peer.recvBytes();
    try (BlockingConnection.Writer message = connection.sendStreaming(MessageType.BINARY);
        OutputStream body = new BufferedOutputStream(message.asOutputStream(), 1000)) {
      body.write(sent[0]);
      body.write(sent, 1, sent.length - 1);
      body.flush();
      message.finish();
    }
    assertArrayEquals(sent, value(received));
    assertEquals(ConnectionState.OPEN, connection.state());
  }

  @Test
  void aStreamSendsEachWriteAtOnceAndNothingForNothing() throws Exception {
    MessageReader received = peer.recvStreaming();
    BlockingConnection.Writer message = connection.sendStreaming(MessageType.BINARY);
    OutputStream body = message.asOutputStream();
    body.write(new byte[0]);
    body.write(7);
    assertArrayEquals(bytes(7), value(received.next()).bytes());
    body.write(bytes(1, 2, 3), 1, 1);
    assertArrayEquals(bytes(2), value(received.next()).bytes());
    assertThrows(IndexOutOfBoundsException.class, () -> body.write(new byte[1], 1, 1));
    body.close();
    value(peer.waitClosed());
    assertEquals(OptionalInt.of(1011), peer.closeCode());
    connection.waitClosed();
    IOException failure = assertThrows(IOException.class, () -> body.write(1));
    assertInstanceOf(ConnectionClosedErrorException.class, failure.getCause());
  }

  @Test
  void iterablesAreTakenOnTheCallingThread() throws Exception {
    List<Thread> threads = new ArrayList<>();
    Iterator<String> items = List.of("ca", "fé").iterator();
    Iterator<String> recording =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            threads.add(Thread.currentThread());
            return items.hasNext();
          }

          @Override
          public String next() {
            return items.next();
          }
        };
    MessageReader received = peer.recvStreaming();
    connection.sendText(() -> recording);
    assertEquals(Collections.nCopies(3, Thread.currentThread()), threads);
    assertEquals("ca", value(received.next()).text());
    assertEquals("fé", value(received.next()).text());
    assertTrue(value(received.next()).isLast());
    connection.sendBinary(List.of(bytes(1), bytes(2, 3)));
    assertEquals(BinaryMessage.of(bytes(1, 2, 3)), value(peer.recv()));
  }

  @Test
  void anIterableOfNothingSendsNothing() throws Exception {
    connection.sendText(List.of());
    connection.sendBinary(List.of());
    connection.send("next");
    assertEquals("next", value(peer.recvText()));
  }

  @Test
  void anIteratorThatFailsAtOnceHarmsNothing() throws Exception {
    RuntimeException failure = new RuntimeException("no first item");
    Iterable<String> items =
        () -> {
          throw failure;
        };
    assertSame(failure, assertThrows(RuntimeException.class, () -> connection.sendText(items)));
    assertThrows(
        IllegalArgumentException.class, () -> connection.sendText(List.of("\uD800", "never")));
    assertThrows(
        NullPointerException.class,
        () -> connection.sendText(Collections.singletonList((String) null)));
    connection.send("unharmed");
    assertEquals("unharmed", value(peer.recvText()));
  }

  @Test
  void anIteratorThatFailsLaterFailsTheConnection() throws Exception {
    RuntimeException failure = new RuntimeException("no second item");
    Iterator<byte[]> items =
        new Iterator<>() {
          private boolean isFirst = true;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public byte[] next() {
            if (!isFirst) {
              throw failure;
            }
            isFirst = false;
            return bytes(1);
          }
        };
    Iterable<byte[]> iterable = () -> items;
    assertSame(
        failure, assertThrows(RuntimeException.class, () -> connection.sendBinary(iterable)));
    connection.waitClosed();
    ConnectionClosedException closed =
        assertThrows(ConnectionClosedErrorException.class, connection::recv);
    assertEquals(1011, closed.sent().orElseThrow().code());
    assertSame(failure, closed.getCause());
  }
}
