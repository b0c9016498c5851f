package io.github.websocketnetty;

import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The received frames between the event loop, which puts them, and the application, which receives
 * them on any thread, one receive at a time.
 *
 * <p>The lock is held for a few field accesses, never while calling out or completing a future.
 */
final class ReceiveQueue {
  /** Where the frames come from. Never called under the lock. */
  interface Source {
    /** Too much waits: stop. On the event loop. */
    void pause();

    /** Go on. On the event loop. */
    void resume();

    /** Fail the connection; {@link ReceiveQueue#end} follows. Any thread. */
    void fail(int closeCode, String reason);

    /** Whether large frames shall come in parts, because a reader is at work. On the event loop. */
    void streaming(boolean on);
  }

  private final EventExecutor loop;
  private final Source source;
  private final Lock lock = new ReentrantLock();
  private final ReadFlow flow;

  // Guarded by the lock.
  private final FrameQueue frames = new FrameQueue();
  private final List<RefusedReceive> refused = new ArrayList<>(0);
  private ReceiveFuture<?> waiter;
  private FragmentReader reader;
  private boolean isDropping;
  private boolean isClosing;
  private long dropped;
  private ConnectionClosedException end;

  ReceiveQueue(ConnectionOptions options, EventExecutor loop, Source source) {
    this.loop = loop;
    this.source = source;
    flow = new ReadFlow(lock, options, loop, source);
  }

  /**
   * Adds a frame and hands over what a waiting receive asked for. On the event loop; after the end
   * it does nothing.
   *
   * @param type null for a continuation
   * @param payload taken over
   */
  void put(MessageType type, boolean fin, byte[] payload) {
    ReceiveFuture<?> ready;
    Frame taken = null;
    lock.lock();
    try {
      if (isDropped(fin)) {
        return;
      }
      frames.add(new Frame(type, fin, payload));
      ready = detachReady();
      if (ready != null) {
        taken = ready.take().from(frames);
      }
      updateFlow();
    } finally {
      lock.unlock();
    }
    flow.tell();
    if (ready != null) {
      ready.deliver(taken);
    }
  }

  /**
   * From now on reads go on whatever waits, since the peer's close frame may be behind; from the
   * first frame beyond the marks on all is dropped. On the event loop.
   */
  void closing() {
    lock.lock();
    try {
      isClosing = true;
      flow.neverPause();
    } finally {
      lock.unlock();
    }
    flow.tell();
  }

  /**
   * Ends the queue: whole messages stay readable, and those who wait or come later fail. On the
   * event loop; the second time it does nothing.
   */
  void end(ConnectionClosedException failure) {
    ReceiveFuture<?> waiting;
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = failure;
      flow.end();
      waiting = detach();
      if (waiting != null) {
        waiting.take().ended(frames, failure);
      }
    } finally {
      lock.unlock();
    }
    refused.forEach(each -> each.fail(failure)); // nothing is added after the end
    refused.clear();
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
    lock.lock();
    try {
      if (waiter != null || reader != null) {
        throw WholeMessage.busy("recvStreaming");
      }
      reader = started;
      updateFlow();
    } finally {
      lock.unlock();
    }
    flow.tell();
    return started;
  }

  /** Returns the number of frames that no receive has asked for. */
  int frames() {
    lock.lock();
    try {
      return waitingFrames();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the payload bytes of the frames that no receive has asked for. */
  long bytes() {
    lock.lock();
    try {
      return waitingBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many frames were dropped while closing. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Takes now or waits. */
  <T> CompletableFuture<T> receive(Take<T> take) {
    ReceiveFuture<T> future = new ReceiveFuture<>(loop, this, take);
    Frame taken = null;
    RuntimeException failure;
    lock.lock();
    try {
      failure = take.refusal(waiter != null, reader != null);
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
    } finally {
      lock.unlock();
    }
    flow.tell();
    if (failure != null) {
      future.fail(failure);
    } else if (taken != null) {
      future.deliver(taken);
    }
    return future;
  }

  /**
   * Makes room for another receive, if nothing was taken for this one; all frames stay.
   *
   * @return whether the future may be completed from outside
   */
  boolean withdraw(ReceiveFuture<?> future) {
    lock.lock();
    try {
      if (future.isTaken) {
        return false;
      }
      if (waiter == future) {
        waiter = null;
        updateFlow();
      }
    } finally {
      lock.unlock();
    }
    flow.tell();
    return true;
  }

  /** Fails the connection for data that cannot be delivered; the receive fails when it is over. */
  void refuse(ReceiveFuture<?> future, ProtocolException invalid) {
    RefusedReceive refusal = new RefusedReceive(future, invalid);
    ConnectionClosedException failure;
    lock.lock();
    try {
      failure = end;
      if (failure == null) {
        future.isTaken = false;
        refused.add(refusal);
      }
    } finally {
      lock.unlock();
    }
    if (failure == null) {
      source.fail(invalid.closeCode(), invalid.getMessage());
    } else {
      refusal.fail(failure);
    }
  }

  /** Drops what is left of the reader's message, now and as it arrives. */
  void discard(FragmentReader discarded) {
    ReceiveFuture<?> waiting;
    lock.lock();
    try {
      if (reader != discarded) {
        return;
      }
      waiting = detach();
      reader = null;
      isDropping = discarded.abandon() && !frames.dropMessage();
      updateFlow();
    } finally {
      lock.unlock();
    }
    flow.tell();
    if (waiting != null) {
      waiting.drop();
    }
  }

  /** Frees the place of the reader, whose message is over. Under the lock. */
  void readerDone() {
    reader = null;
  }

  private boolean isDropped(boolean fin) {
    if (end != null) {
      return true;
    }
    if (isDropping) {
      isDropping = !fin;
      return true;
    }
    // Nothing is kept behind a gap.
    if (dropped > 0 || isClosing && flow.isFull()) {
      dropped++;
      return true;
    }
    return false;
  }

  private ReceiveFuture<?> detachReady() {
    return waiter != null && waiter.take().isReady(frames) ? detach() : null;
  }

  private ReceiveFuture<?> detach() {
    ReceiveFuture<?> detached = waiter;
    waiter = null;
    if (detached != null) {
      detached.isTaken = true;
    }
    return detached;
  }

  private void updateFlow() {
    flow.update(waitingFrames(), waitingBytes(), reader != null);
  }

  /** What a receive waits for is on its way to it, else a long message would block itself. */
  private int waitingFrames() {
    return waiter == null ? frames.size() : 0;
  }

  private long waitingBytes() {
    return waiter == null ? frames.bytes() : 0;
  }
}
