package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes what the {@link SendGate} took in: in order, one fragmented message at a time, only while
 * the channel is writable. Event loop only, except where stated.
 *
 * <p>A step of sending is waiting in the line; then <em>settled</em>, if the channel is writable
 * after its write; else <em>unsettled</em> until the channel is writable again or the bytes are
 * gone. It is <em>doomed</em> to fail with the connection if it will not be written any more, or
 * its write failed.
 *
 * <p>Completing a future runs the user's code, which may come back here: a nested {@link #proceed}
 * leaves the work to the outer one.
 *
 * <p>It is the lower half of the gate: a connection that idles should be few objects.
 */
abstract class SendOutlet {
  /** After so many, other tasks of the event loop have their turn. */
  private static final int WRITES_PER_TURN = 4096;

  /** What an item of an iterable counts among them: it runs the user's code. */
  private static final int WRITES_PER_ITEM = 64;

  /** What an item that is written before a close frame counts besides its bytes. */
  private static final int BYTES_PER_ITEM = 256;

  private final SendGate.Output output;

  // Null and empty until something waits.
  private SendLine line;
  private ArrayDeque<Send> unsettled;
  private List<Send> doomed = List.of();

  /** Why a write that nobody waits for has failed. */
  private Throwable loss;

  private boolean isReading;
  private boolean isUnflushed;
  private boolean isRunning;
  private boolean isClosing;

  /** Read by any thread. */
  private volatile ConnectionClosedException failure;

  SendOutlet(SendGate.Output output) {
    this.output = output;
  }

  /** Sees to it that {@link #proceed} is called after other tasks. */
  abstract void schedule();

  final SendGate.Output output() {
    return output;
  }

  /** Returns how the connection ended, or null. Any thread. */
  final ConnectionClosedException failure() {
    return failure;
  }

  /** Returns whether nothing more will be written: the connection is closing, or known as lost. */
  final boolean hasStopped() {
    return isClosing;
  }

  /** From now on flushes are put off, unless the write limit is reached. */
  final void readBegins() {
    isReading = true;
  }

  final void readEnds() {
    isReading = false;
  }

  /** Lets a step wait for its turn; {@link #proceed} follows. */
  final void add(Send send) {
    if (failure != null) {
      send.fail(failure);
    } else if (isClosing) {
      doom(send);
    } else {
      line = line == null ? new SendLine() : line;
      line.add(send);
    }
  }

  /**
   * Returns whether a message may be written without anything waiting, before or after. What was
   * released already is not for this way.
   */
  final boolean isClear(ByteBuf payload) {
    return !isRunning
        && !isClosing
        && failure == null
        && (line == null || line.isEmpty())
        && (unsettled == null || unsettled.isEmpty())
        && payload.refCnt() > 0
        && output.hasRoom(payload.readableBytes());
  }

  /** Writes a message, for which there must be room. */
  final CompletableFuture<Void> writeNow(EventExecutor loop, MessageType type, ByteBuf payload) {
    boolean isLost = writeQuietly(type, payload) != null;
    LoopFuture<Void> sent;
    if (!isLost && output.isWritable()) {
      sent = new LoopFuture<>(loop);
      sent.complete(null);
    } else {
      sent = settleLater(Send.message(loop, type, Unpooled.EMPTY_BUFFER, null), isLost);
    }
    proceedBehindWrite();
    return sent;
  }

  /**
   * Writes a message that nobody waits for, and for which there must be room.
   *
   * @param type null if the payload is a frame as it stands on the wire
   * @return why it failed at once, or null
   */
  final Throwable writeNow(MessageType type, ByteBuf payload) {
    Throwable failed = writeQuietly(type, payload);
    proceedBehindWrite();
    return failed;
  }

  private Throwable writeQuietly(MessageType type, ByteBuf payload) {
    loss = null;
    isRunning = true; // what the write makes others send stands behind
    isUnflushed = true;
    try {
      output.writeQuietly(type, payload, this);
      if (line == null || line.isEmpty()) {
        flush(); // before the outcome is told, since this is where writes fail
      }
    } catch (RuntimeException thrown) {
      lost(thrown);
    } finally {
      isRunning = false;
    }
    return loss;
  }

  private void proceedBehindWrite() {
    if (!isReading || line != null || !output.isWritable()) {
      proceed();
    }
  }

  /** The message was written, whatever has come of it. */
  private Send settleLater(Send written, boolean isLost) {
    if (failure != null) {
      written.fail(failure);
    } else if (isLost) {
      doom(written);
    } else {
      addUnsettled(written);
    }
    return written;
  }

  /** A write that nobody waits for has failed: so will the connection. */
  final void lost(Throwable cause) {
    loss = cause;
    if (failure == null) {
      breakOff(cause);
    }
  }

  /** Takes a message out that has not begun. */
  final List<Send> remove(FragmentedMessage message) {
    return line == null ? List.of() : line.remove(message);
  }

  /** Takes a whole message out, which nobody waits for. Returns false if it does not wait here. */
  final boolean withdraw(Send message) {
    boolean waits = line != null && line.remove(message);
    if (waits) {
      message.takePayload().release();
    }
    return waits;
  }

  /** Fails the connection because a message that has begun is given up. */
  final void failFor(Send abort) {
    if (failure != null || isClosing) {
      add(abort);
    } else {
      doom(abort);
      fail("error in fragmented message", abort.cause);
    }
  }

  /**
   * Writes what waits, writable or not, and nothing more.
   *
   * @param mostItemBytes of the items that are left in iterables; messages behind are not written
   */
  final boolean closeOutlet(long mostItemBytes) {
    if (isClosing) {
      return !isMessageOpen();
    }
    isClosing = true;
    if (line != null && !line.isStuck()) {
      line.removeIncomplete().forEach(this::doom);
      long bytesLeft = mostItemBytes;
      for (Send next = line.next(); next != null; next = bytesLeft > 0 ? line.next() : null) {
        if (next instanceof IterableSend<?> items) {
          bytesLeft -= writeItem(items) + BYTES_PER_ITEM;
        } else {
          write(next);
        }
      }
    }
    stop();
    return !isMessageOpen();
  }

  /** Returns whether a message in fragments has begun and not ended. */
  final boolean isMessageOpen() {
    return line != null && line.isOpen();
  }

  /** From now on all that is sent fails with this; {@link SendGate#end} follows. Event loop. */
  final void refuse(ConnectionClosedException closed) {
    failure = closed;
  }

  final void endOutlet(ConnectionClosedException closed) {
    if (failure != null && failure != closed) {
      return;
    }
    failure = closed;
    stop();
    List<Send> waiting = new ArrayList<>(doomed);
    doomed = List.of();
    if (unsettled != null) {
      waiting.addAll(0, unsettled);
      unsettled = null;
    }
    for (Send send : waiting) {
      if (send.written != null && send.written.isSuccess()) {
        send.complete(null);
      } else {
        send.fail(closed);
      }
    }
  }

  /** Writes what may be written, and flushes. */
  final void proceed() {
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
        while (writesLeft > 0 && canWrite()) {
          writesLeft -= writeNext();
        }
        flush();
      } while (canSettle() || writesLeft > 0 && canWrite());
    } finally {
      isRunning = false;
    }
    if (canWrite()) {
      schedule();
    }
  }

  private boolean canSettle() {
    return unsettled != null && !unsettled.isEmpty() && output.isWritable();
  }

  private boolean canWrite() {
    return !isClosing && line != null && line.hasNext() && output.isWritable();
  }

  private void flush() {
    if (isUnflushed && (!isReading || !output.isWritable())) {
      isUnflushed = false;
      output.flush();
    }
  }

  /** Returns how much of the turn this takes. */
  private int writeNext() {
    Send next = line.next();
    if (next instanceof IterableSend<?> items) {
      writeItem(items);
      return WRITES_PER_ITEM;
    }
    write(next);
    return 1;
  }

  /**
   * Takes the next item and writes it, or ends the message. The iterator is the user's code, which
   * may call any method here.
   *
   * @return the bytes of the item
   */
  private int writeItem(IterableSend<?> send) {
    if (send.isWithdrawn() && !send.message.isBegun) {
      line.itemsEnd(); // cancelled, which is on its way here
      return 0;
    }
    ByteBuf item;
    try {
      item = send.next();
    } catch (Throwable thrown) {
      failItems(send, thrown);
      return 0;
    }
    if (!line.isTurnOf(send)) { // given up or ended meanwhile
      ReferenceCountUtil.release(item);
      return 0;
    }
    if (item == null) {
      endItems(send);
      return 0;
    }
    int bytes = item.readableBytes();
    isUnflushed = true;
    try {
      ChannelFuture written = writeFrame(send, false, item);
      if (!written.isSuccess()) {
        written.addListener(this::noticeLoss);
      }
    } catch (RuntimeException thrown) {
      lost(thrown);
    }
    return bytes;
  }

  private void endItems(IterableSend<?> send) {
    line.itemsEnd();
    send.message.isOver = true;
    if (send.message.isBegun) {
      writeLast(send, Unpooled.EMPTY_BUFFER);
    } else {
      send.complete(null); // no items are no message
    }
  }

  private void failItems(IterableSend<?> send, Throwable thrown) {
    send.threw(thrown);
    sourceFailed(send.result(), thrown);
    if (!line.isTurnOf(send)) {
      return; // it fails with this when the connection has ended
    }
    send.message.isOver = true;
    if (send.message.isBegun) {
      fail("error in fragmented message", thrown);
    } else {
      line.itemsEnd();
      send.completeExceptionally(thrown);
    }
  }

  /** The user's code failed, of which the result will tell if it is used. Any thread. */
  final void sourceFailed(WatchedFuture<Void> result, Throwable thrown) {
    if (result.isDone()) {
      output.sourceFailed(thrown); // cancelled, so it tells nothing more
    } else {
      result.ifUnused(result.isUsed(), () -> output.sourceFailed(thrown));
    }
  }

  private void write(Send send) {
    writeLast(send, send.takePayload());
  }

  /** Writes the frame behind which the step is done. */
  private void writeLast(Send send, ByteBuf payload) {
    isUnflushed = true;
    try {
      send.written = writeFrame(send, send.isLastFrame(), payload);
    } catch (RuntimeException thrown) {
      lose(send, thrown);
      return;
    }
    if (send.written.isDone() || output.isWritable()) {
      settle(send);
    } else if (failure != null) {
      send.fail(failure); // ended while it was written
    } else {
      addUnsettled(send);
      send.written.addListener(done -> settleEarly(send));
    }
  }

  private void addUnsettled(Send send) {
    unsettled = unsettled == null ? new ArrayDeque<>() : unsettled;
    unsettled.add(send);
  }

  private ChannelFuture writeFrame(Send send, boolean fin, ByteBuf payload) {
    FragmentedMessage message = send.message;
    if (message != null && message.isBegun) {
      return output.write(null, fin, payload);
    }
    if (message != null) {
      message.isBegun = true;
    }
    return send.compress == null
        ? output.write(send.type, fin, payload)
        : output.write(send.type, fin, payload, send.compress);
  }

  /** The bytes are gone, one way or the other, before the channel became writable. */
  private void settleEarly(Send send) {
    if (unsettled != null && unsettled.remove(send)) {
      settle(send);
    }
  }

  private void settle(Send send) {
    if (send.written == null) {
      send.complete(null); // its loss would be told
      return;
    }
    Throwable cause = send.written.cause();
    if (cause != null) {
      lose(send, cause);
      return;
    }
    if (!send.written.isDone()) {
      send.written.addListener(this::noticeLoss);
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
    doom(send);
    breakOff(cause);
  }

  private void breakOff(Throwable cause) {
    if (!(cause instanceof IOException)) {
      output.handlerFailed(cause);
    }
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
    if (line != null) {
      line.removeAll().forEach(this::doom);
    }
  }

  /** Lets a step that is never written fail with the connection, unless it is forgotten before. */
  final void failAtEnd(Send send) {
    if (failure != null) {
      send.fail(failure);
    } else {
      doom(send);
    }
  }

  final void forget(Send send) {
    if (!doomed.isEmpty()) {
      doomed.remove(send);
    }
  }

  private void doom(Send send) {
    send.dropPayload();
    doomed = doomed.isEmpty() ? new ArrayList<>(1) : doomed;
    doomed.add(send);
  }
}
