package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.EventExecutor;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * Where messages wait until they may be written: in order, one fragmented message at a time, only
 * while the channel is writable, and bounded.
 *
 * <p>Sends of other threads come through an inbox, a burst at a time, and are flushed together. A
 * step of sending ends in one of four ways: written while the channel stays writable, which
 * completes it at once; written beyond the write limit, which makes it <em>unsettled</em> until the
 * channel is writable again or the bytes are gone; not to be written any more, which makes it
 * <em>doomed</em> to fail when the connection has ended; or refused.
 *
 * <p>Completing a future runs the user's code, which may call any method here: before each such
 * call the state is whole, and a nested {@link #run} leaves the work to the outer one.
 */
final class SendGate {
  /** How the gate reaches the channel. Event loop only, except {@link #alloc}. */
  interface Output {
    /** Writes without flushing; takes the payload over. A null type continues a message. */
    ChannelFuture write(MessageType typeOrNullForContinuation, boolean fin, ByteBuf payload);

    void flush();

    /** Any thread may ask, but only the event loop can rely on it. */
    boolean isWritable();

    /** Fails the connection, unless that has happened; {@link SendGate#end} follows. */
    void fail(int closeCode, String reason, Throwable cause);

    /** Any thread. */
    ByteBufAllocator alloc();
  }

  /** After so many, other tasks of the event loop have their turn. */
  private static final int WRITES_PER_TURN = 4096;

  private final EventExecutor loop;
  private final Output output;
  private final SendInbox inbox;
  private final SendBudget budget;

  /**
   * The room for the message that is being sent in fragments; apart, lest those that wait for its
   * end keep the end from coming.
   */
  private final SendBudget openBudget;

  /** Set on the event loop, read by any thread. */
  private volatile ConnectionClosedException failure;

  // From here on: event loop only.
  private final SendLine line = new SendLine();
  private final ArrayDeque<Send> unsettled = new ArrayDeque<>();
  private final List<Send> doomed = new ArrayList<>();
  private boolean isReading;
  private boolean isUnflushed;
  private boolean isRunning;
  private boolean isClosing;

  SendGate(ConnectionOptions options, EventExecutor loop, Output output) {
    this.loop = loop;
    this.output = output;
    budget = new SendBudget(options.maxPendingSendBytes());
    openBudget = new SendBudget(options.maxPendingSendBytes());
    inbox = new SendInbox(loop, this::runTask, this::loopIsGone);
  }

  /** Sends a message; takes the payload over, whatever happens. Any thread. */
  CompletableFuture<Void> send(MessageType type, ByteBuf payload) {
    return submit(Send.message(loop, type, payload));
  }

  /** Starts a message in fragments. Any thread. */
  MessageWriter writer(MessageType type) {
    return new FragmentWriter(this, loop, output.alloc(), type);
  }

  /** Sends a message of a fragment for each item. Any thread. */
  <T> CompletableFuture<Void> sendAll(
      MessageType type, Iterable<T> items, Executor executor, Function<T, ByteBuf> encode) {
    FragmentSender<T> sender = sender(type, encode);
    new FragmentPump<>(items, executor, sender).start();
    return sender.result();
  }

  /** Sends a message of a fragment for each item. Any thread. */
  <T> CompletableFuture<Void> sendAll(
      MessageType type, Flow.Publisher<T> items, Function<T, ByteBuf> encode) {
    FragmentSender<T> sender = sender(type, encode);
    new FragmentSubscriber<>(loop, sender).subscribeTo(items);
    return sender.result();
  }

  private <T> FragmentSender<T> sender(MessageType type, Function<T, ByteBuf> encode) {
    FragmentWriter writer = new FragmentWriter(this, loop, output.alloc(), type);
    return new FragmentSender<>(writer, encode, new LoopFuture<>(loop));
  }

  /** Puts a step in order behind the earlier ones of this thread. Any thread. */
  Send submit(Send send) {
    if (send.isBounded() && !isAccepted(send)) {
      return send;
    }
    if (loop.inEventLoop()) {
      takeInbox(); // what this thread caused others to send comes first
      accept(send);
      run();
    } else {
      inbox.put(send);
    }
    return send;
  }

  private boolean isAccepted(Send send) {
    RuntimeException refusal = failure;
    FragmentedMessage message = send.message;
    if (refusal == null) {
      refusal = send.reserve(message != null && message.isBegun ? openBudget : budget);
    } else if (message != null) {
      message.isTooLate = true;
    }
    if (refusal != null) {
      send.fail(refusal);
    }
    return refusal == null;
  }

  /** Returns the payload bytes that were accepted and not written. Any thread. */
  long pendingBytes() {
    return budget.bytes() + openBudget.bytes();
  }

  void writabilityChanged() {
    if (output.isWritable()) {
      run();
    }
  }

  /** From now on flushes are put off, unless the write limit is reached. */
  void readBegins() {
    isReading = true;
  }

  void readCompletes() {
    isReading = false;
    run();
  }

  /**
   * Writes out what waits, writable or not, for the close frame that follows and flushes. What is
   * sent from now on fails at the end, and so do messages in fragments that lack theirs.
   *
   * @return false if one of those has begun, so that a close frame would stand inside it
   */
  boolean beginClose() {
    takeInbox();
    if (isClosing) {
      return !line.isOpen();
    }
    isClosing = true;
    if (!line.isStuck()) {
      line.removeIncomplete().forEach(this::doom);
      for (Send next = line.next(); next != null; next = line.next()) {
        write(next);
      }
    }
    stop();
    return !line.isOpen();
  }

  /** Fails all that waits. */
  void end(ConnectionClosedException closed) {
    if (failure != null) {
      return;
    }
    failure = closed;
    stop();
    List<Send> waiting = new ArrayList<>(unsettled);
    waiting.addAll(doomed);
    unsettled.clear();
    doomed.clear();
    for (Send send : waiting) {
      if (send.written != null && send.written.isSuccess()) {
        send.complete(null);
      } else {
        send.fail(closed);
      }
    }
    takeInbox();
  }

  private void runTask() {
    inbox.taskBegins();
    isReading = false; // a task runs between reads, even if nobody said that the read is complete
    takeInbox();
    run();
  }

  private void takeInbox() {
    for (Send send = inbox.poll(); send != null; send = inbox.poll()) {
      accept(send);
    }
  }

  private void loopIsGone(RejectedExecutionException rejected) {
    for (Send send = inbox.poll(); send != null; send = inbox.poll()) {
      ConnectionClosedException closed = failure;
      send.fail(closed != null ? closed : rejected);
    }
  }

  private void accept(Send send) {
    switch (send.kind) {
      case FRAGMENT -> acceptFragment(send);
      case FINISH -> finish(send);
      case ABORT -> abort(send);
      default -> admit(send);
    }
  }

  private void acceptFragment(Send send) {
    if (send.message.isOver) {
      send.fail(new IllegalStateException("message is over"));
      return;
    }
    send.message.hasFragments = true;
    admit(send);
  }

  private void finish(Send send) {
    FragmentedMessage message = send.message;
    boolean isNothingToEnd = message.isOver || !(message.hasFragments || message.isTooLate);
    message.isOver = true;
    if (isNothingToEnd) {
      send.complete(null);
    } else {
      admit(send);
    }
  }

  private void admit(Send send) {
    if (failure != null) {
      send.fail(failure);
    } else if (isClosing) {
      doom(send);
    } else {
      line.add(send);
    }
  }

  private void abort(Send send) {
    FragmentedMessage message = send.message;
    if (message.isOver || !message.isBegun) {
      message.isOver = true;
      List<Send> unwritten = message.isBegun ? List.of() : line.remove(message);
      unwritten.forEach(each -> each.fail(new IllegalStateException("message was given up")));
      send.complete(null);
      return;
    }
    message.isOver = true;
    if (failure != null || isClosing) {
      admit(send);
      return;
    }
    doomed.add(send);
    fail("error in fragmented message", send.cause);
  }

  /** Writes what may be written, and flushes. */
  private void run() {
    if (isRunning) {
      return;
    }
    isRunning = true;
    int writesLeft = WRITES_PER_TURN;
    try {
      do {
        while (canSettle()) {
          settle(unsettled.poll());
        }
        for (; writesLeft > 0 && canWrite(); writesLeft--) {
          write(line.next());
        }
        flush();
      } while (canSettle() || writesLeft > 0 && canWrite());
    } finally {
      isRunning = false;
    }
    if (canWrite()) {
      inbox.schedule();
    }
  }

  private boolean canSettle() {
    return !unsettled.isEmpty() && output.isWritable();
  }

  private boolean canWrite() {
    return !isClosing && line.hasNext() && output.isWritable();
  }

  private void flush() {
    if (isUnflushed && (!isReading || !output.isWritable())) {
      isUnflushed = false;
      output.flush();
    }
  }

  private void write(Send send) {
    FragmentedMessage message = send.message;
    boolean isContinuation = message != null && message.isBegun;
    if (message != null) {
      message.isBegun = true;
    }
    isUnflushed = true;
    try {
      send.written =
          output.write(isContinuation ? null : send.type, send.isLastFrame(), send.takePayload());
    } catch (RuntimeException thrown) {
      lose(send, thrown);
      return;
    }
    if (send.written.isDone() || output.isWritable()) {
      settle(send);
    } else if (failure != null) {
      send.fail(failure); // ended while it was written
    } else {
      unsettled.add(send);
      send.written.addListener(done -> settleEarly(send));
    }
  }

  /** The bytes are gone, one way or the other, before the channel became writable. */
  private void settleEarly(Send send) {
    if (unsettled.remove(send)) {
      settle(send);
    }
  }

  private void settle(Send send) {
    Throwable cause = send.written.cause();
    if (cause == null) {
      send.complete(null);
    } else {
      lose(send, cause);
    }
  }

  /** The write failed: so will the connection, and what the user is told is how that ended. */
  private void lose(Send send, Throwable cause) {
    if (failure != null) {
      send.fail(failure);
      return;
    }
    doomed.add(send);
    if (isClosing) {
      return;
    }
    if (cause instanceof ClosedChannelException) {
      stop(); // it has ended or is about to
    } else {
      fail("error while sending", cause);
    }
  }

  private void fail(String reason, Throwable cause) {
    stop();
    output.fail(CloseCode.INTERNAL_ERROR, reason, cause);
  }

  /** Writes nothing from now on. */
  private void stop() {
    isClosing = true;
    line.removeAll().forEach(this::doom);
  }

  private void doom(Send send) {
    send.dropPayload();
    doomed.add(send);
  }
}
