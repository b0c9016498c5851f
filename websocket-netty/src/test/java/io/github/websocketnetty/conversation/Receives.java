package io.github.websocketnetty.conversation;

import io.github.websocketnetty.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Ways to receive. */
enum Receives implements Act {
  RECV(true) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.receive("recv", party.connection::recv, Inbox::whole);
    }
  },
  BYTES(true) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.receive(
          "recvBytes", party.connection::recvBytes, bytes -> new Incoming(null, bytes, true));
    }
  },
  /** As text, which it may not be. */
  STRING(false) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.receiveText();
    }
  },
  /** So many, the next within the completion of the one before. */
  CHAIN(true) {
    @Override
    public void run(Party party, int count, int b) {
      if (count > 0) {
        party
            .inbox
            .receive("recv of a chain", party.connection::recv, Inbox::whole)
            .thenRun(() -> run(party, count - 1, b));
      }
    }
  },
  /** A loop without end. */
  FOR_EACH(true) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.loop("forEach", () -> party.connection.forEach(party.inbox::note));
    }
  },
  /** A loop that sends so many messages back. */
  FOR_EACH_ECHO(true) {
    @Override
    public void run(Party party, int most, int b) {
      AtomicInteger left = new AtomicInteger(most);
      loop(
          party,
          message -> {
            if (left.getAndDecrement() > 0) {
              byte[] content = message.bytes();
              party.outbox.whole(message.type(), content, () -> party.connection.send(message));
            }
          });
    }
  },
  /** A loop whose action throws at that message. */
  FOR_EACH_THROWING(true) {
    @Override
    public void run(Party party, int at, int b) {
      AtomicInteger left = new AtomicInteger(at);
      loop(
          party,
          message -> {
            if (left.getAndDecrement() == 0) {
              throw new Outbox.Trouble();
            }
          });
    }
  },
  /** A loop whose action cancels it at that message. */
  FOR_EACH_CANCELLED(true) {
    @Override
    public void run(Party party, int at, int b) {
      AtomicInteger left = new AtomicInteger(at);
      AtomicReference<CompletableFuture<Void>> loop = new AtomicReference<>();
      loop.set(
          loop(
              party,
              message -> {
                if (left.getAndDecrement() == 0 && loop.get() != null) {
                  loop.get().cancel(false);
                }
              }));
    }
  },
  /** A loop that is slow: so many milliseconds for each; {@code b}, if any, is the one to fail. */
  FOR_EACH_ASYNC(true) {
    @Override
    public void run(Party party, int millis, int failing) {
      AtomicInteger number = new AtomicInteger();
      party.inbox.loop(
          "forEachAsync",
          () ->
              party.connection.forEachAsync(
                  message -> {
                    party.inbox.note(message);
                    return later(party, millis, number.incrementAndGet() == failing);
                  }));
    }
  },
  /** Opens a reader. */
  OPEN_READER(true) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.open();
    }
  },
  /** Asks the open reader, if there is one, for so many fragments at once, of which one waits. */
  NEXT(true) {
    @Override
    public void run(Party party, int more, int b) {
      for (int i = 0; i <= more && party.inbox.isReading(); i++) {
        party.inbox.next();
      }
    }
  },
  DISCARD(true) {
    @Override
    public void run(Party party, int a, int b) {
      if (party.inbox.isReading()) {
        party.inbox.discard();
      }
    }
  },
  /** Cancels the latest receive that waits. */
  CANCEL(true) {
    @Override
    public void run(Party party, int a, int b) {
      party.inbox.cancel();
    }
  },
  /** Lets it time out after so many milliseconds. */
  TIMEOUT(true) {
    @Override
    public void run(Party party, int millis, int b) {
      party.inbox.timeout(millis);
    }
  };

  /** What a loop does beside noting. */
  private interface Action {
    void accept(Message message);
  }

  private final boolean isTame;

  Receives(boolean isTame) {
    this.isTame = isTame;
  }

  @Override
  public boolean isTame() {
    return isTame;
  }

  private static CompletableFuture<Void> loop(Party party, Action action) {
    return party.inbox.loop(
        "forEach",
        () ->
            party.connection.forEach(
                message -> {
                  party.inbox.note(message);
                  action.accept(message);
                }));
  }

  private static CompletableFuture<Void> later(Party party, int millis, boolean fails) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (fails) {
      done.completeExceptionally(new Outbox.Trouble());
    } else if (millis == 0) {
      done.complete(null);
    } else {
      VirtualLoop loop = party.talk.loop();
      loop.schedule(() -> loop.run(() -> done.complete(null), true), millis, TimeUnit.MILLISECONDS);
    }
    return done;
  }
}
