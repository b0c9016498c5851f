package io.github.websocketnetty.conversation;

import io.github.websocketnetty.MessageType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A message that a party was told to send. */
final class Outgoing {
  /** How it is sent. */
  enum Kind {
    /** At once. */
    WHOLE,
    /** Through a writer, the first fragment of which has its place among others. */
    WRITTEN,
    /** From an iterable, which has its place from the call on. */
    ITERATED,
    /** From another source, in whatever place. */
    PUMPED
  }

  final MessageType type;
  final Kind kind;

  /** Whether the connection was closing already. */
  final boolean isLate;

  private final List<byte[]> fragments = new ArrayList<>();

  /** Completes when it is sent; null while a writer has not ended it. */
  CompletableFuture<?> result;

  /** Whether a broadcast has said that it is not sent. */
  boolean isSkipped;

  /** Whether its writer was told to give up. */
  boolean isAborted;

  /** Whether its source has come to its end. */
  boolean isEnded;

  /**
   * What it may stand behind although that was sent later: somebody sent it within the broadcast.
   * Null for nothing.
   */
  Outgoing latest;

  /** Whether it was found on the wire. */
  boolean isHeard;

  Outgoing(MessageType type, Kind kind, byte[] content, boolean isLate) {
    this.isLate = isLate;
    this.type = type;
    this.kind = kind;
    if (kind != Kind.WRITTEN) {
      fragments.add(content);
    }
  }

  void add(byte[] fragment) {
    fragments.add(fragment);
  }

  /** Takes a fragment back, which was not accepted. */
  void remove(byte[] refused) {
    fragments.removeIf(each -> each == refused);
  }

  private byte[] content() {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    fragments.forEach(content::writeBytes);
    return content.toByteArray();
  }

  boolean is(FrameTap.Heard heard) {
    return type == heard.type()
        && (kind == Kind.WHOLE) == (heard.frames() == 1)
        && size() == heard.content().length
        && Arrays.equals(content(), heard.content());
  }

  /** Returns whether it has no fragment, so that nothing is to be sent. */
  boolean isEmpty() {
    return fragments.isEmpty();
  }

  int size() {
    return fragments.stream().mapToInt(each -> each.length).sum();
  }

  int fragments() {
    return fragments.size();
  }

  /** Returns whether nobody will end it any more; what has begun must fail the connection. */
  boolean isGivenUp() {
    boolean hasFailed = result != null && result.isCompletedExceptionally();
    boolean hasSource = kind == Kind.PUMPED || kind == Kind.ITERATED;
    return isAborted || hasSource && hasFailed && !isEnded;
  }

  boolean isSent() {
    return result != null && result.isDone() && !result.isCompletedExceptionally();
  }

  @Override
  public String toString() {
    return kind + " " + type + " of " + size() + " bytes";
  }
}
