package io.github.websocketnetty.conversation;

import io.github.websocketnetty.Message;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.MessageWriter;
import io.github.websocketnetty.SendQueueFullException;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What a party was told to send. */
final class Outbox {
  /** What sources have at most. */
  static final int MOST_ITEMS = 5;

  /** Of the application, within a message. */
  static final class Trouble extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final Predicate<Throwable> MAY_FAIL =
      failure ->
          failure instanceof SendQueueFullException
              || failure instanceof CancellationException
              || "message was given up".equals(failure.getMessage())
              || failure instanceof Trouble;

  private final Party party;
  private final List<Outgoing> messages = new ArrayList<>();
  private final List<CompletableFuture<?>> results = new ArrayList<>();
  private final List<CompletableFuture<?>> partial = new ArrayList<>();
  private int announced;
  private int biggest;
  private int mostFragments = 1;
  private MessageWriter writer;
  private MessageType writerType;
  private Outgoing written;

  Outbox(Party party) {
    this.party = party;
  }

  List<Outgoing> messages() {
    return messages;
  }

  /** Returns the bytes of the biggest message. */
  int biggest() {
    return biggest;
  }

  /** Returns the frames of all messages, or more. */
  int mostFrames() {
    return (results.size() + announced) * (1 + mostFragments);
  }

  /** Returns the fragments of the message that has most. */
  int mostFragments() {
    return mostFragments;
  }

  /** Sends a message at once. */
  void whole(MessageType type, byte[] content, Supplier<CompletableFuture<Void>> send) {
    biggest = Math.max(biggest, content.length);
    Outgoing message = message(type, Outgoing.Kind.WHOLE, content); // before what it causes
    message.result = ask("send of " + message, send.get());
  }

  private Outgoing message(MessageType type, Outgoing.Kind kind, byte[] content) {
    boolean isLate = party.connection.state() != ConnectionState.OPEN;
    Outgoing message = new Outgoing(type, kind, content, isLate);
    messages.add(message);
    return message;
  }

  /** Takes note of a message that somebody is about to broadcast to this party's connection. */
  Outgoing announce(Message message) {
    announced++;
    biggest = Math.max(biggest, message.size());
    return message(message.type(), Outgoing.Kind.WHOLE, message.bytes());
  }

  /** The broadcast has come back. */
  void announced(Outgoing message) {
    message.latest = messages.get(messages.size() - 1);
  }

  private CompletableFuture<Void> ask(String what, CompletableFuture<Void> result) {
    return ask(what, result, MAY_FAIL);
  }

  /** Takes note of what may be cancelled. */
  <T> CompletableFuture<T> ask(
      String what, CompletableFuture<T> result, Predicate<Throwable> mayFail) {
    results.add(result);
    party.ask(what, result, mayFail);
    return result;
  }

  /**
   * Sends a message from a source.
   *
   * @param kind how it takes its place
   * @param isWhole whether it has an end, and anything before
   * @param send what the source runs at its end is handed to it
   */
  void pumped(
      Outgoing.Kind kind,
      MessageType type,
      byte[] content,
      boolean isWhole,
      Function<Runnable, CompletableFuture<Void>> send) {
    biggest = Math.max(biggest, content.length);
    mostFragments = Math.max(mostFragments, MOST_ITEMS);
    if (!isWhole) {
      partial.add(ask("send of a message that is not sent whole", send.apply(() -> {})));
      return;
    }
    Outgoing message = message(type, kind, content);
    message.result = ask("send of " + message, send.apply(() -> message.isEnded = true));
  }

  void open(MessageType type, MessageWriter opened) {
    writer = opened;
    writerType = type;
    written = null;
  }

  MessageType writerType() {
    return writerType;
  }

  boolean isWriting() {
    return writer != null;
  }

  void write(String text) {
    byte[] content = Content.utf8(text);
    if (written == null) {
      written = message(writerType, Outgoing.Kind.WRITTEN, new byte[0]);
    }
    Outgoing message = written;
    message.add(content); // before what it causes
    CompletableFuture<Void> result =
        writerType == MessageType.TEXT ? writer.write(text) : writer.write(content);
    biggest = Math.max(biggest, message.size());
    mostFragments = Math.max(mostFragments, message.fragments());
    if (result.isCompletedExceptionally()) {
      message.remove(content);
    }
    if (message.isEmpty() && message == written) {
      messages.remove(message); // its place is that of the first fragment that is accepted
      written = null;
    }
    ask("write of " + content.length + " bytes", result);
  }

  void finish() {
    Outgoing message = written;
    MessageWriter finished = writer;
    writer = null; // within the call it is over already
    CompletableFuture<Void> result = finished.finish();
    ask("finish", result);
    if (message != null) {
      message.result = result;
    }
  }

  void abort() {
    MessageWriter aborted = writer;
    writer = null;
    if (written != null) {
      written.isAborted = true;
    }
    aborted.abort();
  }

  /** Returns whether a message in fragments that is not whole on the wire may have an end yet. */
  boolean mayGoOn(FrameTap tap) {
    return partial.stream().anyMatch(each -> !each.isDone())
        || messages.stream().anyMatch(each -> mayGoOn(each, tap));
  }

  private static boolean mayGoOn(Outgoing message, FrameTap tap) {
    return message.kind != Outgoing.Kind.WHOLE
        && !message.isGivenUp()
        && !(message.size() >= Content.UNIQUE && tap.messages().stream().anyMatch(message::is));
  }

  /** Cancels the latest sends but so many. */
  void cancel(int back) {
    int index = results.size() - 1 - back;
    if (index >= 0) {
      results.get(index).cancel(false);
    }
  }
}
