package io.github.websocketnetty.conversation;

import static io.github.websocketnetty.MessageType.BINARY;
import static io.github.websocketnetty.MessageType.TEXT;

import io.github.websocketnetty.MessageType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** Messages from sources: {@code a} is the length of an item, {@code b} the number of items. */
enum Pumps implements Act {
  /** An iterable on the event loop. */
  ITERABLE(true) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      return party.connection.sendText(() -> ending(items.iterator(), ended));
    }
  },
  /** One of arrays, on an executor that takes its time. */
  ITERABLE_LATER(true) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      List<byte[]> arrays = items.stream().map(Content::utf8).toList();
      return party.connection.sendBinary(() -> ending(arrays.iterator(), ended), later(party));
    }
  },
  /** One that fails behind its items. */
  ITERABLE_FAILING(false) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      return party.connection.sendText((Iterable<String>) () -> failing(items.iterator()));
    }
  },
  /** A publisher that has its items. */
  PUBLISHER(true) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      return party.connection.sendText(new Items(items, Runnable::run, false, ended));
    }
  },
  /** One that takes its time, on another thread. */
  PUBLISHER_LATER(true) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      return party.connection.sendText(new Items(items, later(party), false, ended));
    }
  },
  /** One that fails behind its items. */
  PUBLISHER_FAILING(false) {
    @Override
    CompletableFuture<Void> send(Party party, List<String> items, Runnable ended) {
      return party.connection.sendText(new Items(items, later(party), true, ended));
    }
  };

  private final boolean isTame;

  Pumps(boolean isTame) {
    this.isTame = isTame;
  }

  abstract CompletableFuture<Void> send(Party party, List<String> items, Runnable ended);

  @Override
  public boolean isTame() {
    return isTame;
  }

  @Override
  public void run(Party party, int length, int count) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Content content = party.talk.content();
      items.add(i == 0 ? content.marked(length, 0) : content.text(length, i % 3));
    }
    byte[] whole = Content.utf8(String.join("", items));
    MessageType type = this == ITERABLE_LATER ? BINARY : TEXT;
    Outgoing.Kind kind = this == ITERABLE ? Outgoing.Kind.ITERATED : Outgoing.Kind.PUMPED;
    party.outbox.pumped(kind, type, whole, isTame && count > 0, ended -> send(party, items, ended));
  }

  private static Executor later(Party party) {
    VirtualLoop loop = party.talk.loop();
    return task -> loop.schedule(() -> loop.run(task, true), 3, TimeUnit.MILLISECONDS);
  }

  private static <T> Iterator<T> ending(Iterator<T> items, Runnable ended) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (!items.hasNext()) {
          ended.run();
        }
        return items.hasNext();
      }

      @Override
      public T next() {
        return items.next();
      }
    };
  }

  private static Iterator<String> failing(Iterator<String> items) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public String next() {
        if (items.hasNext()) {
          return items.next();
        }
        throw new Outbox.Trouble();
      }
    };
  }

  /** Publishes items to one subscriber. */
  private record Items(List<String> items, Executor executor, boolean fails, Runnable ended)
      implements Flow.Publisher<String> {
    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
      subscriber.onSubscribe(new Published(this, subscriber));
    }
  }

  /** Signals on the executor, one item for each request. */
  private static final class Published implements Flow.Subscription {
    private final Items source;
    private final Flow.Subscriber<? super String> subscriber;
    private int next;
    private boolean isOver;

    Published(Items source, Flow.Subscriber<? super String> subscriber) {
      this.source = source;
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      source.executor.execute(this::signal);
    }

    private void signal() {
      if (isOver) {
        return;
      }
      if (next < source.items.size()) {
        subscriber.onNext(source.items.get(next++));
        return;
      }
      isOver = true;
      if (source.fails) {
        subscriber.onError(new Outbox.Trouble());
      } else {
        source.ended.run();
        subscriber.onComplete();
      }
    }

    @Override
    public void cancel() {
      isOver = true;
    }
  }
}
