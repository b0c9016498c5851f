package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what the {@link SendGate} took in: in order, one fragmented message at a time, only while
 * the channel is writable. Event loop only, except where stated.
 *
 * <p>A step of sending is waiting in the line; then <em>settled</em>, if the channel is writable
 * after its write; else <em>unsettled</em> until the channel is writable again or the bytes are
 * gone. It is <em>doomed</em> to fail with the connection if it will not be written any more, or
 * its write failed.
 *
 * <p>Completing a future runs the user's code, which may come back here: a nested {@link #run}
 * leaves the work to the outer one.
 */
final class SendOutlet {
  /** After so many, other tasks of the event loop have their turn. */
  private static final int WRITES_PER_TURN = 4096;

  private final SendGate.Output output;
  private final Runnable nextTurn;
  private final SendLine line = new SendLine();
  private final ArrayDeque<Send> unsettled = new ArrayDeque<>();
  private final ChannelFutureListener lossListener = this::noticeLoss;
  private final List<Send> doomed = new ArrayList<>();
  private boolean isReading;
  private boolean isUnflushed;
  private boolean isRunning;
  private boolean isClosing;

  /** Read by any thread. */
  private volatile ConnectionClosedException failure;

  /**
   * Creates an outlet.
   *
   * @param nextTurn sees to it that {@link #run} is called after other tasks
   */
  SendOutlet(SendGate.Output output, Runnable nextTurn) {
    this.output = output;
    this.nextTurn = nextTurn;
  }

  /** Returns how the connection ended, or null. Any thread. */
  ConnectionClosedException failure() {
    return failure;
  }

  void readBegins() {
    isReading = true;
  }

  void readEnds() {
    isReading = false;
  }

  /** Lets a step wait for its turn; {@link #run} follows. */
  void add(Send send) {
    if (failure != null) {
      send.fail(failure);
    } else if (isClosing) {
      doom(send);
    } else {
      line.add(send);
    }
  }

  /** Takes a message out that has not begun. */
  List<Send> remove(FragmentedMessage message) {
    return line.remove(message);
  }

  /** Fails the connection because a message that has begun is given up. */
  void fail(Send abort) {
    if (failure != null || isClosing) {
      add(abort);
    } else {
      doomed.add(abort);
      fail("error in fragmented message", abort.cause);
    }
  }

  boolean beginClose() {
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
  }

  /** Writes what may be written, and flushes. */
  void run() {
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
      nextTurn.run();
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
    if (cause != null) {
      lose(send, cause);
      return;
    }
    if (!send.written.isDone()) {
      send.written.addListener(lossListener);
    }
    send.complete(null);
  }

  /** Nobody waits for this write any more, but why it failed is why the connection ends. */
  private void noticeLoss(Future<? super Void> written) {
    if (written.cause() != null && failure == null) {
      breakOff(written.cause());
    }
  }

  /** The write failed: so will the connection, and what the user is told is how that ended. */
  private void lose(Send send, Throwable cause) {
    if (failure != null) {
      send.fail(failure);
      return;
    }
    doomed.add(send);
    breakOff(cause);
  }

  private void breakOff(Throwable cause) {
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
