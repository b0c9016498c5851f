package io.github.websocketnetty.conversation;

import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionClosedException;
import io.github.websocketnetty.ConnectionInsides;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Side;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/** One side of a conversation: its connection, and all that it asked of it. */
final class Party {
  /** What headers, compression and the like may add to a payload. */
  private static final int OVERHEAD = 1_000;

  /** The low marks of a queue are this part of the high ones. */
  private static final int LOW_PART = 4;

  /** The bytes in which a frame may be received. */
  private static final int PART = 65_536;

  /** What a frame may cost where it waits to be sent, beside its payload. */
  private static final long ENTRY = 250;

  private record Asked(String what, CompletableFuture<?> future) {}

  final Side side;
  final Conversation talk;
  final WireChannel channel;
  final Connection connection;
  final Map<Option, Integer> options;
  final Outbox outbox = new Outbox(this);
  final Inbox inbox = new Inbox(this);

  /** The last thing asked for; what depends on it runs behind the bookkeeping. */
  CompletableFuture<?> last;

  /** The pong that was waited for last. */
  CompletableFuture<?> lastPing;

  /** How many pings and pongs were asked for. */
  int controls;

  /** Whether {@code close} was called on an open connection. */
  boolean isClosing;

  private final List<Asked> asked = new ArrayList<>();
  private ConnectionClosedException end;
  private long leftOpen = Long.MAX_VALUE;

  /** Whether reading pauses because a mark was passed. */
  private boolean isFull;

  Party(Side side, Conversation talk, WireChannel channel, Program program) {
    this.side = side;
    this.talk = talk;
    this.channel = channel;
    this.options = program.options(side);
    channel.config().setAllocator(talk.alloc());
    talk.loop().register(channel).syncUninterruptibly();
    DeflateAgreement deflate = null;
    if (program.deflate() != 0) {
      boolean context = program.deflate() == Program.WITH_CONTEXT;
      deflate = new DeflateAgreement(context, context, 1, 10);
    }
    var built = Option.build(options);
    built.pipeline(side).addLast(channel.pipeline(), deflate);
    connection = Connections.attach(channel.pipeline(), side, built);
    channel.config().flow = this::readingChanges;
    channel.read();
  }

  /** A pause for the queue lasts until that has come down to its low marks. */
  private void readingChanges(boolean on) {
    boolean isOpen = connection.state() == ConnectionState.OPEN && !isClosing;
    if (on && isFull && isOpen && !isBelowMarks()) {
      complain("reads on with " + queued());
    }
    isFull = !on && isAboveMarks();
  }

  private boolean isAboveMarks() {
    return ConnectionInsides.queuedFrames(connection) > Option.MAX_QUEUE.in(options)
        || ConnectionInsides.queuedBytes(connection) > Option.MAX_QUEUE_BYTES.in(options);
  }

  private boolean isBelowMarks() {
    return ConnectionInsides.queuedFrames(connection) <= Option.MAX_QUEUE.in(options) / LOW_PART
        && ConnectionInsides.queuedBytes(connection)
            <= Option.MAX_QUEUE_BYTES.in(options) / LOW_PART;
  }

  private String queued() {
    return ConnectionInsides.queuedFrames(connection)
        + " frames of "
        + ConnectionInsides.queuedBytes(connection)
        + " bytes queued";
  }

  /**
   * Takes note of a future, which must complete in the end.
   *
   * @param mayFail what it may fail with, beside the end of the connection
   */
  <T> CompletableFuture<T> ask(
      String what, CompletableFuture<T> future, Predicate<Throwable> mayFail) {
    asked.add(new Asked(what, future));
    isFull &= !isBelowMarks(); // while a receive waits nothing counts, even if it is cancelled
    CompletableFuture<T> checked =
        future.whenComplete((value, failure) -> check(what, unwrapped(failure), mayFail));
    last = checked;
    return checked;
  }

  private void check(String what, Throwable failure, Predicate<Throwable> mayFail) {
    if (failure instanceof ConnectionClosedException closed) {
      if (connection.state() != ConnectionState.CLOSED) {
        complain(what + " failed with the end in state " + connection.state());
      }
      if (connection.closeCode().isEmpty() || connection.closeReason().isEmpty()) {
        complain(what + " failed before there was a close code");
      }
      if (closed.getMessage().contains("was not UTF-8")) {
        return;
      }
      end = end == null ? closed : end;
      if (end != closed) {
        complain(what + " failed with another end: " + closed + ", not " + end);
      }
    } else if (failure != null && !mayFail.test(failure)) {
      complain(what + " failed unexpectedly: " + failure);
    }
  }

  static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** Returns how the connection ended, null if nobody was told. */
  ConnectionClosedException end() {
    return end;
  }

  void complain(String what) {
    talk.complain(side + ": " + what);
  }

  /** Ends the message that is being written, if there is one. */
  void finishWriting() {
    if (outbox.isWriting()) {
      outbox.finish();
    }
  }

  /** Checks what must hold whenever everybody rests. */
  void checkBounds() {
    // One message may be on top, which a receive has waited for that was cancelled.
    Outbox peers = talk.other(this).outbox;
    int frames = ConnectionInsides.queuedFrames(connection);
    int most = Option.MAX_QUEUE.in(options) + 1 + peers.mostFragments();
    check("queued frames", frames, most + peers.biggest() / PART);
    long biggest = peers.biggest();
    long queued = ConnectionInsides.queuedBytes(connection);
    check("queued bytes", queued, Option.MAX_QUEUE_BYTES.in(options) + biggest);
    long waiting = ConnectionInsides.pendingSendBytes(connection);
    long room = Math.max(Option.MAX_PENDING_SEND_BYTES.in(options), outbox.biggest());
    check("bytes that wait to be sent", waiting, 2 * room);
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    if (unsent != null) {
      long limit = Option.WRITE_LIMIT.in(options) + outbox.biggest() + OVERHEAD;
      if (connection.state() != ConnectionState.OPEN) {
        limit += 2 * room + ENTRY * outbox.mostFrames(); // the close frame follows all that waited
      }
      check("unsent bytes", unsent.totalPendingWriteBytes(), limit + ENTRY * (controls + 4));
    }
    if (connection.state() == ConnectionState.OPEN) {
      checkOpen();
    }
    if (ConnectionInsides.hasStopped(connection)) {
      check("bytes that wait although nothing more is written", waiting, 0);
    }
    checkDeadline();
  }

  private void checkOpen() {
    boolean isAutoRead = channel.config().isAutoRead();
    // Whoever stops to wait within a read may leave a read that has been asked for.
    boolean isReadPending = channel.config().isReadPending && !inbox.hasStoppedWaiting();
    if (isAboveMarks() && (isAutoRead || isReadPending)) {
      complain("reads with " + queued());
    }
    if (isBelowMarks() && !isAutoRead) {
      complain("does not read on with " + queued());
    }
    FrameTap tap = channel.out().tap();
    if (tap.isMessageOpen() && !outbox.mayGoOn(tap)) {
      complain("a message has begun that nobody will end");
    }
  }

  private void check(String what, long is, long most) {
    if (is > most) {
      complain(is + " " + what + ", at most " + most + " may");
    }
  }

  private void checkDeadline() {
    if (connection.state() == ConnectionState.OPEN) {
      return;
    }
    leftOpen = Math.min(leftOpen, talk.loop().now());
    long millis = Option.CLOSE_TIMEOUT.in(options);
    if (channel.isOpen() && talk.loop().now() - leftOpen > millis * 1_000_000L) {
      complain("closing takes longer than " + millis + " ms");
      leftOpen = Long.MAX_VALUE;
    }
  }

  /** Checks what those who waited for the end must see. */
  void checkClosed() {
    if (connection.state() != ConnectionState.CLOSED || connection.closeCode().isEmpty()) {
      complain("told to be closed in state " + connection.state());
    }
  }

  /** Checks that nothing is open any more. */
  void checkOver() {
    if (channel.isOpen() || connection.state() != ConnectionState.CLOSED) {
      complain("is not closed in the end: " + connection.state());
    }
    for (Asked each : asked) {
      if (!each.future.isDone()) {
        complain(each.what + " never ends");
      }
    }
  }
}
