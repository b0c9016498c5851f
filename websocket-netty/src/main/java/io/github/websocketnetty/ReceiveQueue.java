package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * The received frames between the event loop, which puts them, and the application, which receives
 * them on any thread, one receive at a time.
 *
 * <p>The lock is this object's monitor. It is held for a few field accesses, never while calling
 * out or completing a future.
 *
 * <p>Frames are added on the event loop only. So while it sees none it may hand a message that
 * arrives to a loop without the lock: within a read of the transport a loop waits as the {@code
 * eager} one, and as the {@code waiter} like everybody else from the end of the read on.
 */
final class ReceiveQueue extends ReadFlow {
  /** Where the frames come from. Never called under the lock. */
  interface Source {
    /** Too much waits: stop. On the event loop. */
    void pause();

    /** Go on. On the event loop. */
    void resume();

    /** Returns whether nothing more can be read. On the event loop, also under the lock. */
    boolean hasEnded();

    /** More came at the end than may wait: no more is wanted. On the event loop. */
    void overflow();

    /** Fail the connection; {@link ReceiveQueue#end} follows. Any thread. */
    void fail(int closeCode, String reason);

    /**
     * The action of a loop threw or failed, and nothing else will say so.
     *
     * @param isLast whether nothing is received any more because of that
     */
    default void actionFailed(Throwable failure, boolean isLast) {}

    /** Whether large frames shall come in parts, because a reader is at work. On the event loop. */
    void streaming(boolean on);
  }

  private static final AtomicReferenceFieldUpdater<ReceiveQueue, MessageLoop> EAGER =
      AtomicReferenceFieldUpdater.newUpdater(ReceiveQueue.class, MessageLoop.class, "eager");

  /**
   * What one read may bring before others have their turn. Messages may cost far more than the
   * bytes that stand for them on the wire: they are decompressed, copied, answered.
   */
  private static final int TURN_BYTES = 1 << 20;

  /** What a frame counts besides its payload. */
  private static final int FRAME_COST = 256;

  // Guarded by the lock; what is volatile is also read without it on the event loop.
  private FrameQueue frames = FrameQueue.NONE;
  private List<RefusedReceive> refused = List.of();
  private volatile Receiver waiter;
  private volatile FragmentReader reader;
  private boolean isDropping;
  private boolean isClosing;
  private int dropped;
  private ConnectionClosedException end;

  /** Written on the event loop; others look at it to see that they come second. */
  private volatile MessageLoop eager;

  /** Event loop only. */
  private boolean isReading;

  /** Event loop only. */
  private int turnLeft = TURN_BYTES;

  ReceiveQueue(ConnectionOptions options, EventExecutor loop, Source source) {
    super(options, loop, source);
  }

  /** A read of the transport brings frames. On the event loop. */
  void readBegins() {
    isReading = true;
    turnLeft = TURN_BYTES;
  }

  /** All that the read brought was put. On the event loop. */
  void readCompletes() {
    isReading = false;
    waitLikeOthers();
  }

  /**
   * Adds a frame and hands over what a waiting receive asked for. On the event loop; after the end
   * it does nothing.
   *
   * @param type null for a continuation
   * @param payload taken over
   */
  void put(MessageType type, boolean fin, byte[] payload) {
    turnLeft -= Math.min(payload.length, TURN_BYTES) + FRAME_COST;
    if (turnLeft < 0) {
      turnLeft = TURN_BYTES;
      rest();
    }
    boolean isWhole = fin && type != null;
    MessageLoop first = eager;
    if (first != null && isWhole && isUnused() && !first.isDone()) {
      EAGER.lazySet(this, null);
      first.deliver(type, payload);
      return;
    }
    waitLikeOthers();
    Receiver ready = null;
    Frame taken = null;
    boolean isTooMuch = false;
    synchronized (this) {
      if (isDropped(type, fin)) {
        isTooMuch = dropped == 1 && !isClosing;
      } else if (isWhole && isWaitedFor()) {
        ready = detach();
      } else {
        add(new Frame(type, fin, payload));
        ready = detachReady();
        taken = ready == null ? null : ready.take().from(frames);
        updateFlow();
      }
    }
    tell();
    if (isTooMuch) {
      source().overflow();
    } else if (taken != null) {
      ready.deliver(taken);
    } else if (ready != null) {
      ready.deliver(type, payload);
    }
  }

  /**
   * From now on reads go on whatever waits, since the peer's close frame may be behind; from the
   * first frame beyond the marks on all is dropped. On the event loop.
   */
  void closing() {
    synchronized (this) {
      isClosing = true;
      neverPause();
    }
    tell();
  }

  /**
   * Ends the queue: whole messages stay readable, and those who wait or come later fail. On the
   * event loop; the second time it does nothing.
   */
  void end(ConnectionClosedException failure) {
    waitLikeOthers();
    Receiver waiting;
    List<RefusedReceive> doomed;
    synchronized (this) {
      if (end != null) {
        return;
      }
      end = failure;
      endFlow();
      waiting = detach();
      if (waiting != null) {
        waiting.take().ended(frames, failure);
      }
      doomed = refused;
      refused = List.of(); // nothing is added after the end
    }
    doomed.forEach(each -> each.fail(failure));
    if (waiting != null) {
      waiting.fail(failure);
    }
  }

  CompletableFuture<Message> recv() {
    return receive(WholeMessage.BY_TYPE);
  }

  CompletableFuture<String> recvText() {
    return receive(WholeMessage.TEXT);
  }

  CompletableFuture<byte[]> recvBytes() {
    return receive(WholeMessage.BYTES);
  }

  /**
   * Starts receiving in fragments.
   *
   * @throws ConcurrencyException if another receive waits
   */
  MessageReader stream() {
    FragmentReader started = new FragmentReader(this);
    synchronized (this) {
      if (isBusy()) {
        throw WholeMessage.busy("recvStreaming");
      }
      reader = started;
      updateFlow();
    }
    tell();
    return started;
  }

  /** Returns the number of frames that no receive has asked for. */
  synchronized int frames() {
    return waitingFrames();
  }

  /** Returns the payload bytes of the frames that no receive has asked for. */
  synchronized long bytes() {
    return waitingBytes();
  }

  /** Returns how the connection ended, or null. Any thread. */
  synchronized ConnectionClosedException failure() {
    return end;
  }

  /** Returns how many frames were dropped while closing. */
  synchronized int dropped() {
    return dropped;
  }

  /** Takes now or waits. */
  <T> CompletableFuture<T> receive(Take<T> take) {
    ReceiveFuture<T> future = new ReceiveFuture<>(loop(), this, take);
    Frame taken = null;
    RuntimeException failure;
    synchronized (this) {
      failure = take.refusal(isTakenByLoop() || waiter != null, reader != null);
      if (failure == null && take.isReady(frames)) {
        future.isTaken = true;
        taken = take.from(frames);
      } else if (failure == null && end != null) {
        failure = end;
        take.ended(frames, end);
      } else if (failure == null) {
        waiter = future;
      }
      updateFlow();
    }
    tell();
    if (failure != null) {
      future.fail(failure);
    } else if (taken != null) {
      future.deliver(taken);
    }
    return future;
  }

  /**
   * Takes the next message for a loop, which waits or has failed if there is none. On the event
   * loop.
   *
   * @return null if there is none
   */
  Frame next(MessageLoop next) {
    if (isReading && eager == null && isUnused()) {
      next.waits();
      EAGER.lazySet(this, next);
      return null;
    }
    Frame taken = null;
    RuntimeException failure;
    synchronized (this) {
      failure = isBusy() ? WholeMessage.busy("recv") : null;
      if (failure == null && frames.hasMessage()) {
        taken = frames.takeMessage();
      } else if (failure == null && end != null) {
        failure = end;
        frames.clear();
      } else if (failure == null && !next.isDone()) { // who completes it looks for it afterwards
        waiter = next;
        next.waits();
      }
      updateFlow();
    }
    tell();
    if (failure != null) {
      next.fail(failure);
    }
    return taken;
  }

  /** Makes room for another receive. Whoever cancels a loop; what it was handed stays with it. */
  void withdraw(MessageLoop cancelled) {
    synchronized (this) {
      if (waiter != cancelled) {
        return; // as the eager one it is passed over
      }
      waiter = null;
      updateFlow();
    }
    tell();
  }

  /**
   * Makes room for another receive, if nothing was taken for this one; all frames stay.
   *
   * @return whether the future may be completed from outside
   */
  boolean withdraw(ReceiveFuture<?> future) {
    synchronized (this) {
      if (future.isTaken) {
        return false;
      }
      if (waiter == future) {
        waiter = null;
        updateFlow();
      }
    }
    tell();
    return true;
  }

  /** Fails the connection for data that cannot be delivered; the receive fails when it is over. */
  void refuse(ReceiveFuture<?> future, ProtocolException invalid) {
    RefusedReceive refusal = new RefusedReceive(future, invalid);
    ConnectionClosedException failure;
    synchronized (this) {
      failure = end;
      if (failure == null) {
        future.isTaken = false;
        refused = refused.isEmpty() ? new ArrayList<>(1) : refused;
        refused.add(refusal);
      }
    }
    if (failure == null) {
      source().fail(invalid.closeCode(), invalid.getMessage());
    } else {
      refusal.fail(failure);
    }
  }

  /** Drops what is left of the reader's message, now and as it arrives. */
  void discard(FragmentReader discarded) {
    Receiver waiting;
    synchronized (this) {
      if (reader != discarded) {
        return;
      }
      waiting = detach();
      isDropping = discarded.abandon() && !frames.dropMessage();
      reader = null;
      updateFlow();
    }
    tell();
    if (waiting instanceof ReceiveFuture<?> next) {
      next.drop();
    }
  }

  /** Frees the place of the reader, whose message is over. Under the lock. */
  void readerDone() {
    reader = null;
  }

  /** The eager loop waits for all to see, or fails if another came meanwhile. */
  private void waitLikeOthers() {
    MessageLoop waiting = eager;
    if (waiting == null) {
      return;
    }
    EAGER.lazySet(this, null);
    boolean isTooLate;
    synchronized (this) {
      isTooLate = isBusy();
      if (!isTooLate && !waiting.isDone()) { // who completes it looks for it afterwards
        waiter = waiting;
      }
    }
    if (isTooLate) {
      waiting.fail(WholeMessage.busy("recv"));
    }
  }

  /** Returns whether a message may go straight to a loop. On the event loop, without the lock. */
  private boolean isUnused() {
    // In this order: whoever frees a place has written the rest before.
    return waiter == null
        && reader == null
        && frames.isEmpty()
        && !isDropping
        && dropped == 0
        && end == null;
  }

  private boolean isBusy() {
    return waiter != null || reader != null || isTakenByLoop();
  }

  private boolean isTakenByLoop() {
    MessageLoop waiting = eager;
    return waiting != null && !waiting.isDone();
  }

  private boolean isDropped(MessageType type, boolean fin) {
    if (end != null) {
      return true;
    }
    if (isDropping) {
      isDropping = !fin;
      return true;
    }
    // Nothing is kept behind a gap. A message that has begun has limits of its own.
    boolean isBeyond = isFull() && (isClosing || type != null && source().hasEnded());
    if (dropped > 0 || isBeyond) {
      dropped++;
      return true;
    }
    return false;
  }

  /** Returns whether a message that arrives whole need not stand in the queue. */
  private boolean isWaitedFor() {
    return waiter != null && frames.isEmpty() && waiter.take() instanceof WholeMessage;
  }

  private void add(Frame frame) {
    if (frames == FrameQueue.NONE) {
      frames = new FrameQueue();
    }
    frames.add(frame);
  }

  private Receiver detachReady() {
    return waiter != null && waiter.take().isReady(frames) ? detach() : null;
  }

  private Receiver detach() {
    Receiver detached = waiter;
    waiter = null;
    if (detached != null) {
      detached.detached();
    }
    return detached;
  }

  private void updateFlow() {
    updateFlow(waitingFrames(), waitingBytes(), reader != null);
  }

  /** What a receive waits for is on its way to it, else a long message would block itself. */
  private int waitingFrames() {
    return waiter == null ? frames.size() : 0;
  }

  private long waitingBytes() {
    return waiter == null ? frames.bytes() : 0;
  }
}
