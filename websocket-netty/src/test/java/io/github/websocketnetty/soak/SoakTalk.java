package io.github.websocketnetty.soak;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Fragment;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.MessageReader;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.MessageWriter;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;

/** Sends and receives in every way there is. */
final class SoakTalk {
  private final Connection connection;
  private final SplittableRandom random;
  private final SoakTally tally;
  private final SoakThreads threads;

  SoakTalk(Connection connection, SplittableRandom random, SoakTally tally, SoakThreads threads) {
    this.connection = connection;
    this.random = random;
    this.tally = tally;
    this.threads = threads;
  }

  /**
   * Sends a message.
   *
   * @param isLast whether it may be one that is overtaken by those behind: with items that come
   *     from elsewhere a message has its place when the first of them is there
   */
  CompletableFuture<Void> send(Message message, boolean isLast) {
    byte[] bytes = message.bytes();
    tally.message(bytes.length);
    boolean isText = message.type() == MessageType.TEXT;
    return switch (random.nextInt(isLast ? 8 : 6)) {
      case 0 -> isText ? connection.send(message.text()) : connection.send(bytes);
      case 1 -> connection.send(message);
      case 2 -> connection.send(message, random.nextBoolean());
      case 3 -> isText ? connection.sendText(bytes) : connection.send(ByteBuffer.wrap(bytes));
      case 4 -> isText ? connection.sendText(buffer(bytes)) : connection.send(buffer(bytes));
      case 5 -> stream(message.type(), bytes, isText ? message.text() : null);
      case 6 -> sendParts(isText, message);
      default -> publish(isText, message);
    };
  }

  private ByteBuf buffer(byte[] bytes) {
    return connection.channel().alloc().buffer().writeBytes(bytes);
  }

  /** Without a part nothing would be sent. */
  private CompletableFuture<Void> sendParts(boolean isText, Message message) {
    return isText
        ? connection.sendText(List.of(message.text(), ""), threads.executor())
        : connection.sendBinary(halves(message.bytes()));
  }

  private static List<byte[]> halves(byte[] bytes) {
    int half = bytes.length / 2;
    return List.of(Arrays.copyOf(bytes, half), Arrays.copyOfRange(bytes, half, bytes.length));
  }

  private CompletableFuture<Void> stream(MessageType type, byte[] bytes, String text) {
    MessageWriter writer = connection.sendStreaming(type, random.nextBoolean());
    if (text != null) {
      tally.awaited(writer.write(text.substring(0, text.length() / 2)));
      tally.awaited(writer.write(text.substring(text.length() / 2)));
    } else {
      halves(bytes).forEach(half -> tally.awaited(writer.write(half)));
    }
    return writer.finish();
  }

  private CompletableFuture<Void> publish(boolean isText, Message message) {
    if (isText) {
      SubmissionPublisher<String> parts = new SubmissionPublisher<>(threads.executor(), 4);
      CompletableFuture<Void> sent = connection.sendText(parts);
      parts.submit(message.text());
      parts.close();
      return sent;
    }
    SubmissionPublisher<byte[]> parts = new SubmissionPublisher<>(threads.executor(), 4);
    CompletableFuture<Void> sent = connection.sendBinary(parts);
    parts.submit(message.bytes());
    parts.close();
    return sent;
  }

  /** Receives the echo of a message. */
  CompletableFuture<Void> receive(Message expected) {
    byte[] bytes = expected.bytes();
    CompletableFuture<byte[]> received =
        switch (random.nextInt(5)) {
          case 0 -> connection.recvBytes();
          case 1 -> readAll(connection.recvStreaming(), new ByteArrayOutputStream());
          case 2 -> patient(connection.recvBytes().orTimeout(1, TimeUnit.MILLISECONDS));
          case 3 -> cancelled(connection.recvBytes());
          default -> connection.recv().thenApply(message -> ofType(expected.type(), message));
        };
    return tally.awaited(
        received.thenAccept(
            echo -> {
              assertEcho(bytes, echo);
              tally.message(echo.length);
            }));
  }

  private static byte[] ofType(MessageType type, Message message) {
    if (message.type() != type) {
      throw new AssertionError(message + " is not of type " + type);
    }
    return message.bytes();
  }

  static void assertEcho(byte[] sent, byte[] echo) {
    assertArrayEquals(sent, echo);
  }

  /** After a timeout nothing is lost. */
  private CompletableFuture<byte[]> patient(CompletableFuture<byte[]> receive) {
    return receive
        .handle(
            (value, failure) ->
                failure instanceof java.util.concurrent.TimeoutException
                    ? connection.recvBytes()
                    : receive)
        .thenCompose(next -> next);
  }

  private CompletableFuture<byte[]> cancelled(CompletableFuture<byte[]> receive) {
    return receive.cancel(false) ? connection.recvBytes() : receive;
  }

  private CompletableFuture<byte[]> readAll(MessageReader reader, ByteArrayOutputStream all) {
    return reader.next().thenCompose(fragment -> readOn(reader, all, fragment));
  }

  private CompletableFuture<byte[]> readOn(
      MessageReader reader, ByteArrayOutputStream all, Fragment fragment) {
    all.writeBytes(fragment.bytes());
    return fragment.isLast()
        ? CompletableFuture.completedFuture(all.toByteArray())
        : readAll(reader, all);
  }
}
