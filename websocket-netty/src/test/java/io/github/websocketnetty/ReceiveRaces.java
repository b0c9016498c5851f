package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Races about the receive queue: its event loop puts and ends, others take, cancel and give up. */
final class ReceiveRaces {
  private ReceiveRaces() {}

  /** A receive that comes while its message does. */
  static final class PutAndReceive extends QueueRace {
    private CompletableFuture<Message> receive;

    @Override
    void first() {
      loop.run(() -> put("a"));
    }

    @Override
    void second() {
      receive = queue.recv();
    }

    @Override
    String seen() {
      return of(receive) + ", " + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 0 left");
    }
  }

  /** A waiting receive is cancelled while its message arrives: delivered or withdrawn. */
  static final class PutAndCancel extends QueueRace {
    private final CompletableFuture<Message> receive = queue.recv();
    private boolean isCancelled;

    @Override
    void first() {
      loop.run(() -> put("a"));
    }

    @Override
    void second() {
      isCancelled = receive.cancel(false);
    }

    @Override
    String seen() {
      return of(receive) + " " + isCancelled + ", " + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("a false, 0 left", "cancelled true, 1 left");
    }
  }

  /** The same with a message that has to be put together. */
  static final class FragmentsAndCancel extends QueueRace {
    private final CompletableFuture<Message> receive = queue.recv();

    @Override
    void first() {
      loop.run(
          () -> {
            queue.put(MessageType.TEXT, false, utf8("a"));
            queue.put(null, true, utf8("b"));
          });
    }

    @Override
    void second() {
      receive.cancel(false);
    }

    @Override
    String seen() {
      return of(receive) + ", " + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("ab, 0 left", "cancelled, 2 left");
    }
  }

  /** A receive comes while the last message and the end do. */
  static final class EndAndReceive extends QueueRace {
    private CompletableFuture<Message> receive;

    @Override
    void first() {
      loop.run(
          () -> {
            put("a");
            queue.end(QueueFixture.closedWell());
          });
    }

    @Override
    void second() {
      receive = queue.recv();
    }

    @Override
    String seen() {
      return of(receive) + ", " + of(queue.recv());
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, closed");
    }
  }

  /** A waiting receive is cancelled while the connection ends. */
  static final class EndAndCancel extends QueueRace {
    private final CompletableFuture<Message> receive = queue.recv();
    private boolean isCancelled;

    @Override
    void first() {
      loop.run(() -> queue.end(QueueFixture.closedWell()));
    }

    @Override
    void second() {
      isCancelled = receive.cancel(false);
    }

    @Override
    String seen() {
      return of(receive) + " " + isCancelled;
    }

    @Override
    Set<String> allowed() {
      return Set.of("closed false", "cancelled true");
    }
  }

  /** A loop begins within a read while another receive comes: one of the two is refused. */
  static final class LoopAndReceive extends LoopRace {
    private CompletableFuture<Void> done;
    private CompletableFuture<Message> receive;

    @Override
    void first() {
      loop.run(
          () -> {
            queue.readBegins();
            done = forEach();
            put("a");
            queue.readCompletes();
          });
    }

    @Override
    void second() {
      receive = queue.recv();
    }

    @Override
    String seen() {
      return acted + " " + of(done) + ", " + of(receive) + ", " + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of(
          "[a] pending, refused, 0 left",
          "[] refused, a, 0 left",
          "[a] refused, pending, 0 left"); // came when the loop had its message already
    }
  }

  /** A waiting loop is cancelled while a message arrives: it goes to the action or stays. */
  static final class PutAndCancelLoop extends CancelLoopRace {
    PutAndCancelLoop() {
      loop.runAndLeave(() -> waiting = forEach());
    }

    @Override
    void first() {
      loop.run(() -> put("a"));
    }
  }

  /** The same within a read, where the message would go to the loop without the lock. */
  static final class ReadAndCancelLoop extends CancelLoopRace {
    ReadAndCancelLoop() {
      loop.runAndLeave(
          () -> {
            queue.readBegins();
            waiting = forEach();
          });
    }

    @Override
    void first() {
      loop.run(
          () -> {
            put("a");
            queue.readCompletes();
          });
    }
  }

  /** A message fills the queue while it is taken: reading must go on in the end. */
  static final class PauseAndReceive extends QueueRace {
    private CompletableFuture<Message> receive;

    PauseAndReceive() {
      super(ConnectionOptions.builder().maxQueue(0).build());
    }

    @Override
    void first() {
      loop.run(() -> put("a"));
    }

    @Override
    void second() {
      receive = queue.recv();
    }

    @Override
    String seen() {
      return of(receive) + ", " + left() + (isPaused ? ", paused" : "");
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 0 left");
    }
  }

  /** A message fills the queue while the receive that would have taken it goes away. */
  static final class PauseAndCancel extends QueueRace {
    private final CompletableFuture<Message> receive;

    PauseAndCancel() {
      super(ConnectionOptions.builder().maxQueue(0).build());
      receive = queue.recv();
    }

    @Override
    void first() {
      loop.run(() -> put("a"));
    }

    @Override
    void second() {
      receive.cancel(false);
    }

    @Override
    String seen() {
      return of(receive) + ", " + left() + (isPaused ? ", paused" : "");
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 0 left", "cancelled, 1 left, paused");
    }
  }

  /** A reader gives up a message that goes on: the next one is whole. */
  static final class PutAndDiscard extends QueueRace {
    private final MessageReader reader = queue.stream();

    PutAndDiscard() {
      reader.next();
      loop.runAndLeave(() -> queue.put(MessageType.TEXT, false, utf8("a")));
    }

    @Override
    void first() {
      loop.run(
          () -> {
            queue.put(null, true, utf8("b"));
            put("c");
          });
    }

    @Override
    void second() {
      reader.discard();
    }

    @Override
    String seen() {
      return of(queue.recv()) + ", " + left() + (isStreaming ? ", streaming" : "");
    }

    @Override
    Set<String> allowed() {
      return Set.of("c, 0 left");
    }
  }

  /** A reader begins while its message arrives. */
  static final class PutAndStream extends QueueRace {
    private CompletableFuture<Fragment> fragment;

    @Override
    void first() {
      loop.run(
          () -> {
            queue.put(MessageType.TEXT, false, utf8("a"));
            queue.put(null, false, utf8("b"));
          });
    }

    @Override
    void second() {
      fragment = queue.stream().next();
    }

    @Override
    String seen() {
      return of(fragment) + ", " + left() + (isStreaming ? ", streaming" : "");
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 1 left, streaming");
    }
  }

  /** A reader asks for more, and gives up, while the connection ends. */
  static final class EndAndDiscard extends QueueRace {
    private final MessageReader reader = queue.stream();
    private CompletableFuture<Fragment> fragment;

    @Override
    void first() {
      loop.run(() -> queue.end(QueueFixture.closedWell()));
    }

    @Override
    void second() {
      fragment = reader.next();
      reader.discard();
    }

    @Override
    String seen() {
      return of(fragment) + ", " + of(queue.recv());
    }

    @Override
    Set<String> allowed() {
      return Set.of("closed, closed", "cancelled, closed");
    }
  }

  /** A queue, and what its source was told last. */
  private abstract static class QueueRace extends Race implements ReceiveQueue.Source {
    final ReceiveQueue queue;
    boolean isPaused;
    boolean isStreaming;

    QueueRace() {
      this(ConnectionOptions.defaults());
    }

    QueueRace(ConnectionOptions options) {
      queue = new ReceiveQueue(options, loop, this);
    }

    void put(String text) {
      queue.put(MessageType.TEXT, true, utf8(text));
    }

    String left() {
      return queue.frames() + " left";
    }

    @Override
    public void pause() {
      isPaused = true;
    }

    @Override
    public void resume() {
      isPaused = false;
    }

    @Override
    public boolean hasEnded() {
      return false;
    }

    @Override
    public void overflow() {
      throw new AssertionError();
    }

    @Override
    public void streaming(boolean on) {
      isStreaming = on;
    }

    @Override
    public void fail(int closeCode, String reason) {
      throw new AssertionError(reason);
    }
  }

  /** With a loop, and what it was handed. */
  private abstract static class LoopRace extends QueueRace {
    final List<String> acted = new ArrayList<>(1);

    CompletableFuture<Void> forEach() {
      return MessageLoop.forEach(loop, queue, message -> acted.add(message.text()));
    }
  }

  /** With a loop that is cancelled while its message arrives. */
  private abstract static class CancelLoopRace extends LoopRace {
    CompletableFuture<Void> waiting;

    @Override
    void second() {
      waiting.cancel(false);
    }

    @Override
    String seen() {
      return acted + " " + waiting.isCancelled() + ", " + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("[a] true, 0 left", "[] true, 1 left");
    }
  }
}
