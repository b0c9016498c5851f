package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;

/**
 * Takes in what is sent: bounds it, brings it to the event loop in order, and decides what each
 * step means for its message. {@link SendOutlet} writes it.
 *
 * <p>Sends of other threads come through an inbox, a burst at a time, and are flushed together.
 * Completing a future runs the user's code, which may call any method here: before each such call
 * the state is whole.
 */
final class SendGate extends SendOutlet implements Runnable {
  /** How the gate reaches the channel. Event loop only, except {@link #alloc}. */
  interface Output {
    /** Writes without flushing; takes the payload over. A null type continues a message. */
    ChannelFuture write(MessageType typeOrNullForContinuation, boolean fin, ByteBuf payload);

    /** Returns whether the channel stays writable if so many bytes of payload are written. */
    boolean hasRoom(int bytes);

    /**
     * Writes a whole message as {@link #write} does, with nobody waiting for that.
     *
     * @param typeOrNullForFrame null if the payload is a frame as it stands on the wire
     * @param outlet has {@link SendOutlet#lost} called if it fails; the same each time
     */
    void writeQuietly(MessageType typeOrNullForFrame, ByteBuf payload, SendOutlet outlet);

    /** Writes the first frame of a message that is to be compressed, or is not to be. */
    default ChannelFuture write(MessageType type, boolean fin, ByteBuf payload, boolean compress) {
      return write(type, fin, payload);
    }

    void flush();

    /** Any thread may ask, but only the event loop can rely on it. */
    boolean isWritable();

    /** Fails the connection, unless that has happened; {@link SendGate#end} follows. */
    void fail(int closeCode, String reason, Throwable cause);

    /** What gives the fragments of a message failed, and nothing else will say so. Any thread. */
    default void sourceFailed(Throwable failure) {}

    /** A handler in front of us failed while it sent, such as that of an extension. */
    default void handlerFailed(Throwable failure) {}

    /** Any thread. */
    ByteBufAllocator alloc();
  }

  private static final AtomicReferenceFieldUpdater<SendGate, SendInbox> INBOX =
      AtomicReferenceFieldUpdater.newUpdater(SendGate.class, SendInbox.class, "inbox");
  private static final AtomicReferenceFieldUpdater<SendGate, SendBudget> BUDGET =
      AtomicReferenceFieldUpdater.newUpdater(SendGate.class, SendBudget.class, "budget");
  private static final AtomicReferenceFieldUpdater<SendGate, SendBudget> OPEN_BUDGET =
      AtomicReferenceFieldUpdater.newUpdater(SendGate.class, SendBudget.class, "openBudget");

  private final ConnectionOptions options;
  private final EventExecutor loop;

  // Each null until it is needed, by whatever thread.
  private volatile SendInbox inbox;
  private volatile SendBudget budget;

  /**
   * The room for the message that is being sent in fragments; apart, lest those that wait for its
   * end keep the end from coming.
   */
  private volatile SendBudget openBudget;

  SendGate(ConnectionOptions options, EventExecutor loop, Output output) {
    super(output);
    this.options = options;
    this.loop = loop;
  }

  /** Any thread. */
  EventExecutor loop() {
    return loop;
  }

  /** Sends a message; takes the payload over, whatever happens. Any thread. */
  CompletableFuture<Void> send(MessageType type, ByteBuf payload) {
    if (loop.inEventLoop() && isInboxEmpty() && isClear(payload)) {
      return writeNow(loop, type, payload);
    }
    return submit(Send.message(loop, type, payload, null));
  }

  /** Sends a message, compressed or not; takes the payload over, whatever happens. Any thread. */
  CompletableFuture<Void> send(MessageType type, ByteBuf payload, boolean compress) {
    return submit(Send.message(loop, type, payload, compress));
  }

  /** Starts a message in fragments. Any thread. */
  FragmentWriter writer(MessageType type) {
    return new FragmentWriter(this, loop, output().alloc(), new FragmentedMessage(type, null));
  }

  /** Starts a message in fragments, compressed or not. Any thread. */
  FragmentWriter writer(MessageType type, boolean compress) {
    return new FragmentWriter(this, loop, output().alloc(), new FragmentedMessage(type, compress));
  }

  /** Sends a message of a fragment for each item, in its place from the call on. Any thread. */
  <T> CompletableFuture<Void> sendAll(
      MessageType type, Iterable<T> items, Function<T, ByteBuf> encode) {
    Objects.requireNonNull(items, "fragments");
    WatchedFuture<Void> result = new WatchedFuture<>(loop);
    IterableSend<T> send = new IterableSend<>(loop, type, items, encode, result);
    result.whenComplete(
        (done, failure) -> {
          if (failure != null && !send.isDone()) {
            submit(Send.abort(loop, send.message, failure)); // cancelled
          }
        });
    result.ownAttached();
    send.whenComplete((done, failure) -> FragmentSender.settle(result, failure));
    submit(send);
    return result;
  }

  /**
   * Sends a message of a fragment for each item, in its place when the first item is there. Any
   * thread.
   */
  <T> CompletableFuture<Void> sendAll(
      MessageType type, Iterable<T> items, Executor executor, Function<T, ByteBuf> encode) {
    Objects.requireNonNull(items, "fragments");
    Objects.requireNonNull(executor, "executor");
    if (executor == loop) {
      return sendAll(type, items, encode);
    }
    FragmentSender<T> sender = sender(type, encode);
    new FragmentPump<>(items, executor, sender).start();
    return endingWithConnection(sender);
  }

  /** Sends a message of a fragment for each item. Any thread. */
  <T> CompletableFuture<Void> sendAll(
      MessageType type, Flow.Publisher<T> items, Function<T, ByteBuf> encode) {
    FragmentSender<T> sender = sender(type, encode);
    new FragmentSubscriber<>(loop, sender).subscribeTo(items);
    return endingWithConnection(sender);
  }

  /** The end of the connection fails a message whose source gives nothing more, too. Any thread. */
  private <T> CompletableFuture<Void> endingWithConnection(FragmentSender<T> sender) {
    WatchedFuture<Void> result = sender.result();
    if (result.isDone()) {
      return result;
    }
    Send end = Send.message(loop, MessageType.BINARY, Unpooled.EMPTY_BUFFER, null); // never written
    end.whenComplete((nothing, closed) -> sender.fail(closed));
    Runnable watch =
        () -> {
          if (!result.isDone()) {
            failAtEnd(end);
          }
        };
    if (!onLoop(watch)) {
      ConnectionClosedException closed = failure();
      end.fail(
          closed != null ? closed : new RejectedExecutionException("the event loop has ended"));
    }
    result.whenComplete((done, failure) -> onLoop(() -> forget(end)));
    result.ownAttached();
    return result;
  }

  /** Returns false if there is no event loop any more. */
  private boolean onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException shutDown) {
      return false;
    }
  }

  private <T> FragmentSender<T> sender(MessageType type, Function<T, ByteBuf> encode) {
    WatchedFuture<Void> result = new WatchedFuture<>(loop);
    return new FragmentSender<>(
        writer(type),
        encode,
        result,
        thrown -> sourceFailed(result, thrown),
        output()::sourceFailed);
  }

  /** Puts a step in order behind the earlier ones of this thread. Any thread. */
  Send submit(Send send) {
    if (send.isBounded() && !isAccepted(send)) {
      return send;
    }
    if (loop.inEventLoop()) {
      acceptInTurn(send);
      proceed();
    } else {
      inbox().put(send);
    }
    return send;
  }

  /**
   * Takes a step in: what this thread caused others to send comes first, what the completion of
   * that brings last. {@link #proceed} must follow. Event loop.
   */
  void acceptInTurn(Send send) {
    if (isInboxEmpty()) {
      accept(send);
    } else {
      inbox().putUnscheduled(send);
      takeInbox();
    }
  }

  /**
   * Puts a broadcast in order behind the earlier sends of this thread; {@link #run} must follow on
   * the event loop. Any other thread.
   *
   * @return false if it was refused
   */
  boolean keepPlace(BroadcastSend send) {
    boolean isAccepted = isAccepted(send);
    if (isAccepted) {
      inbox().putUnscheduled(send);
    }
    return isAccepted;
  }

  /** Puts a step behind those that were taken in; {@link #proceed} must follow. Event loop. */
  void submitInTurn(Send send) {
    if (isAccepted(send)) {
      accept(send);
    }
  }

  /** Fails the connection because its peer reads too slowly. Event loop. */
  void failSlow() {
    // The close frame may never leave, so the cause says why, too.
    ProtocolException cause =
        new ProtocolException(CloseCode.POLICY_VIOLATION, "receives too slowly");
    output().fail(cause.closeCode(), cause.getMessage(), cause);
  }

  boolean isWritable() {
    return output().isWritable();
  }

  private boolean isAccepted(Send send) {
    RuntimeException refusal = send.kind == Send.Kind.ITEMS ? null : failure();
    FragmentedMessage message = send.message;
    if (refusal == null) {
      refusal = send.reserve(message != null && message.isBegun ? openBudget() : budget());
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
    return pendingBytes(budget) + pendingBytes(openBudget);
  }

  private static long pendingBytes(SendBudget room) {
    return room == null ? 0 : room.bytes();
  }

  /** Event loop. */
  void writabilityChanged() {
    if (output().isWritable()) {
      proceed();
    }
  }

  /** Flushes what was put off. Event loop. */
  void readCompletes() {
    readEnds();
    proceed();
  }

  /**
   * Writes out what waits, writable or not, for the close frame that follows and flushes. What is
   * sent from now on fails at the end, and so do messages in fragments that lack theirs. Event
   * loop.
   *
   * @return false if one of those has begun, so that a close frame would stand inside it
   */
  boolean beginClose() {
    takeInbox();
    return closeOutlet(options.maxPendingSendBytes());
  }

  /** Fails all that waits. Event loop. */
  void end(ConnectionClosedException failure) {
    endOutlet(failure);
    takeInbox();
  }

  /** Sees to it that {@link #run} is called after this call. Any thread. */
  @Override
  void schedule() {
    inbox().schedule();
  }

  /** The task that takes in what other threads sent. Event loop. */
  @Override
  public void run() {
    inbox().taskBegins();
    readEnds(); // a task runs between reads, even if nobody said that the read is complete
    takeInbox();
    proceed();
  }

  /** Event loop. */
  void takeInbox() {
    SendInbox sent = inbox;
    if (sent == null) {
      return;
    }
    for (Send send = sent.poll(); send != null; send = sent.poll()) {
      accept(send);
    }
  }

  /** There is no event loop any more. Any thread. */
  void loopIsGone(RejectedExecutionException rejected) {
    SendInbox sent = inbox();
    for (Send send = sent.poll(); send != null; send = sent.poll()) {
      ConnectionClosedException closed = failure();
      send.fail(closed != null ? closed : rejected);
    }
  }

  /** Returns whether there is nothing that other threads sent and that was not taken in. */
  boolean isInboxEmpty() {
    SendInbox sent = inbox;
    return sent == null || sent.isEmpty();
  }

  private SendInbox inbox() {
    if (inbox == null) {
      INBOX.compareAndSet(this, null, new SendInbox(loop, this));
    }
    return inbox;
  }

  private SendBudget budget() {
    if (budget == null) {
      BUDGET.compareAndSet(this, null, new SendBudget(options.maxPendingSendBytes()));
    }
    return budget;
  }

  private SendBudget openBudget() {
    if (openBudget == null) {
      OPEN_BUDGET.compareAndSet(this, null, new SendBudget(options.maxPendingSendBytes()));
    }
    return openBudget;
  }

  private void accept(Send send) {
    switch (send.kind) {
      case FRAGMENT -> acceptFragment(send);
      case FINISH -> finish(send);
      case ABORT -> abort(send);
      case BROADCAST -> ((BroadcastSend) send).offer();
      case ITEMS -> acceptItems((IterableSend<?>) send);
      default -> add(send);
    }
  }

  private void acceptFragment(Send send) {
    if (send.message.isOver) {
      send.fail(new IllegalStateException("message is over"));
      return;
    }
    send.message.hasFragments = true;
    add(send);
  }

  /** No items are sent at any time. */
  private void acceptItems(IterableSend<?> send) {
    if (failure() == null) {
      add(send);
      return;
    }
    try {
      ByteBuf item = send.next();
      if (item == null) {
        send.complete(null);
        return;
      }
      item.release();
    } catch (Throwable thrown) {
      sourceFailed(send.result(), thrown);
      send.completeExceptionally(thrown);
    }
    send.fail(failure());
  }

  private void finish(Send send) {
    FragmentedMessage message = send.message;
    boolean isNothingToEnd = message.isOver || !(message.hasFragments || message.isTooLate);
    message.isOver = true;
    if (isNothingToEnd) {
      send.complete(null);
    } else {
      add(send);
    }
  }

  private void abort(Send send) {
    FragmentedMessage message = send.message;
    boolean isHarmless = message.isOver || !message.isBegun;
    message.isOver = true;
    if (!isHarmless) {
      failFor(send);
      return;
    }
    if (!message.isBegun) {
      List<Send> unwritten = remove(message);
      unwritten.forEach(each -> each.fail(new IllegalStateException("message was given up")));
    }
    send.complete(null);
  }
}
