package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.EventExecutor;

/**
 * One step of sending, which is its own future. Owns its payload until that is taken or the step
 * fails. Made by any thread; once handed to the gate the event loop's.
 */
class Send extends LoopFuture<Void> {
  /** What is to be done. */
  enum Kind {
    /** A whole message. */
    MESSAGE,
    /** A fragment, not the last. */
    FRAGMENT,
    /** The empty last fragment. */
    FINISH,
    /** A message of a fragment for each item of an iterable: {@link IterableSend}. */
    ITEMS,
    /** Gives a message in fragments up. */
    ABORT,
    /** Holds the place of a {@link BroadcastSend}. */
    BROADCAST
  }

  final Kind kind;
  final MessageType type;
  final FragmentedMessage message; // null for a whole message
  final Throwable cause; // why a message is given up
  final Boolean compress; // null unless it was chosen

  /** Null until it was written. */
  ChannelFuture written;

  private final int bytes;
  private ByteBuf payload;
  private SendBudget budget;

  Send(
      EventExecutor loop,
      Kind kind,
      MessageType type,
      FragmentedMessage message,
      ByteBuf payload,
      Throwable cause,
      Boolean compress) {
    super(loop);
    if (payload.refCnt() == 0) {
      throw new IllegalReferenceCountException(0);
    }
    this.kind = kind;
    this.type = type;
    this.message = message;
    this.payload = payload;
    this.cause = cause;
    this.compress = compress;
    bytes = payload.readableBytes();
  }

  /** Throws if the payload was released: the connection must not suffer from that. */
  static Send message(EventExecutor loop, MessageType type, ByteBuf payload, Boolean compress) {
    return new Send(loop, Kind.MESSAGE, type, null, payload, null, compress);
  }

  static Send fragment(EventExecutor loop, FragmentedMessage message, ByteBuf payload) {
    return new Send(loop, Kind.FRAGMENT, message.type, message, payload, null, message.compress);
  }

  static Send finish(EventExecutor loop, FragmentedMessage message) {
    return new Send(loop, Kind.FINISH, message.type, message, Unpooled.EMPTY_BUFFER, null, null);
  }

  static Send abort(EventExecutor loop, FragmentedMessage message, Throwable cause) {
    return new Send(loop, Kind.ABORT, message.type, message, Unpooled.EMPTY_BUFFER, cause, null);
  }

  /**
   * Returns whether this may be refused for want of room: the end of a message must get through.
   */
  boolean isBounded() {
    return kind != Kind.FINISH && kind != Kind.ABORT;
  }

  boolean isLastFrame() {
    return kind != Kind.FRAGMENT;
  }

  /** Returns why there is no room for this, or null, after which the room is taken. */
  SendQueueFullException reserve(SendBudget room) {
    SendQueueFullException full = room.reserve(bytes);
    if (full == null) {
      budget = room;
    }
    return full;
  }

  /** Hands the payload over; it does not wait any more. */
  ByteBuf takePayload() {
    freeRoom();
    ByteBuf taken = payload;
    payload = null;
    return taken;
  }

  /** Releases the payload, which will not be written; what is left is a future that waits. */
  void dropPayload() {
    if (payload != null) {
      payload.release();
      payload = null;
    }
    if (budget != null) {
      budget.freeBytes(bytes);
    }
  }

  void fail(Throwable failure) {
    if (payload != null) {
      takePayload().release();
    }
    completeExceptionally(failure);
  }

  private void freeRoom() {
    if (budget != null) {
      budget.free(bytes);
      budget = null;
    }
  }
}
