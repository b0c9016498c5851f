package io.github.websocketnetty.conversation;

import io.github.websocketnetty.MessageType;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** A message that a party was told to send. */
final class Outgoing {
  /** How it is sent. */
  enum Kind {
    /** At once. */
    WHOLE,
    /** Through a writer, the first fragment of which has its place among others. */
    WRITTEN,
    /** From a source, in whatever place. */
    PUMPED
  }

  final MessageType type;
  final Kind kind;

  /** Whether the connection was closing already. */
  final boolean isLate;

  private final ByteArrayOutputStream content = new ByteArrayOutputStream();
  private int fragments;

  /** Completes when it is sent; null while a writer has not ended it. */
  CompletableFuture<?> result;

  /** Whether it was found on the wire. */
  boolean isHeard;

  Outgoing(MessageType type, Kind kind, byte[] content, boolean isLate) {
    this.isLate = isLate;
    this.type = type;
    this.kind = kind;
    this.content.writeBytes(content);
    fragments = kind == Kind.WRITTEN ? 0 : 1;
  }

  void add(byte[] more) {
    content.writeBytes(more);
    fragments++;
  }

  boolean is(FrameTap.Heard heard) {
    return type == heard.type()
        && (kind == Kind.WHOLE) == (heard.frames() == 1)
        && content.size() == heard.content().length
        && Arrays.equals(content.toByteArray(), heard.content());
  }

  /** Returns whether it has no fragment, so that nothing is to be sent. */
  boolean isEmpty() {
    return kind != Kind.WHOLE && fragments == 0;
  }

  int size() {
    return content.size();
  }

  int fragments() {
    return fragments;
  }

  boolean isSent() {
    return result != null && result.isDone() && !result.isCompletedExceptionally();
  }

  @Override
  public String toString() {
    return kind + " " + type + " of " + content.size() + " bytes";
  }
}
