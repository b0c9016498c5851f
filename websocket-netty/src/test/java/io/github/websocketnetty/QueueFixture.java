package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.CloseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A receive queue with a source that notes what it is told. */
final class QueueFixture implements ReceiveQueue.Source {
  final ManualLoop loop = new ManualLoop();
  final ReceiveQueue queue;
  final List<String> told = new ArrayList<>();

  /** Whether TCP is gone. */
  boolean hasEnded;

  /** Runs inside {@link #resume}. */
  Runnable onResume = () -> {};

  QueueFixture() {
    this(ConnectionOptions.defaults());
  }

  QueueFixture(ConnectionOptions options) {
    queue = new ReceiveQueue(options, loop, this);
  }

  static QueueFixture withMarks(int high, int low) {
    return new QueueFixture(ConnectionOptions.builder().maxQueue(high, low).build());
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static ConnectionClosedException closedWell() {
    return new ConnectionClosedOkException(
        "sent 1000 (OK); then received 1000 (OK)",
        CloseStatus.NORMAL,
        CloseStatus.NORMAL,
        false,
        null,
        false);
  }

  static ConnectionClosedException closedBadly(Throwable cause) {
    return new ConnectionClosedErrorException(
        "no close frame received or sent", null, null, null, cause, false);
  }

  void text(String text) {
    put(MessageType.TEXT, true, utf8(text));
  }

  void binary(String hex) {
    put(MessageType.BINARY, true, hex(hex));
  }

  /** The beginning of a text message. */
  void begin(String text) {
    put(MessageType.TEXT, false, utf8(text));
  }

  void more(String text) {
    put(null, false, utf8(text));
  }

  void last(String text) {
    put(null, true, utf8(text));
  }

  void put(MessageType type, boolean fin, byte[] payload) {
    loop.run(() -> queue.put(type, fin, payload));
  }

  void end(ConnectionClosedException failure) {
    loop.run(() -> queue.end(failure));
  }

  /** Returns the text of a message that must be there. */
  String received() {
    return of(queue.recv()).text();
  }

  /** Returns the value of a future that must be complete. */
  static <T> T of(CompletableFuture<T> future) {
    assertTrue(future.isDone(), "nothing received");
    return future.join();
  }

  /** Returns why a future failed, as it must have. */
  static Throwable failureOf(CompletableFuture<?> future) {
    assertTrue(future.isCompletedExceptionally(), "has not failed");
    return assertThrows(CompletionException.class, future::join).getCause();
  }

  static void assertFailedWith(Throwable expected, CompletableFuture<?> future) {
    assertSame(expected, failureOf(future));
  }

  @Override
  public void pause() {
    tell("pause");
  }

  @Override
  public void resume() {
    tell("resume");
    onResume.run();
  }

  @Override
  public boolean hasEnded() {
    return hasEnded;
  }

  @Override
  public void overflow() {
    tell("overflow");
  }

  @Override
  public void fail(int closeCode, String reason) {
    told.add("fail " + closeCode + " " + reason);
  }

  @Override
  public void streaming(boolean on) {
    tell("streaming " + on);
  }

  private void tell(String what) {
    assertTrue(loop.inEventLoop(), what + " elsewhere than on the event loop");
    told.add(what);
  }
}
