package io.github.websocketnetty.conversation;

import io.github.websocketnetty.ConcurrencyException;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Pings, pongs and closes. */
enum Controls implements Act {
  /** A ping; {@code b} other than 0 gives it a payload of {@code a} bytes. */
  PING(true) {
    @Override
    public void run(Party party, int length, int explicit) {
      party.controls++;
      var pong =
          explicit == 0 ? party.connection.ping() : party.connection.ping(new byte[length % 126]);
      party.ask(
          "ping",
          pong,
          failure ->
              failure instanceof ConcurrencyException || failure instanceof CancellationException);
      party.lastPing = pong;
    }
  },
  CANCEL_PING(true) {
    @Override
    public void run(Party party, int a, int b) {
      if (party.lastPing != null) {
        party.lastPing.cancel(false);
      }
    }
  },
  /** A pong of so many bytes that nobody asked for. */
  PONG(true) {
    @Override
    public void run(Party party, int length, int b) {
      party.controls++;
      party.ask("pong", party.connection.pong(new byte[length % 126]), failure -> false);
    }
  },
  /** Closes, with a code by number and a reason of so many letters. */
  CLOSE(false) {
    @Override
    public void run(Party party, int number, int letters) {
      int code = CODES[number % CODES.length];
      String reason = code == 1005 ? "" : "r".repeat(letters % 124);
      party.isClosing |= party.connection.state() == ConnectionState.OPEN;
      closed(party, "close", party.connection.close(code, reason));
    }
  },
  /** Closes, and loses interest. */
  CLOSE_CANCELLED(false) {
    @Override
    public void run(Party party, int a, int b) {
      party.isClosing |= party.connection.state() == ConnectionState.OPEN;
      CompletableFuture<Void> close = party.connection.close();
      closed(party, "cancelled close", close);
      close.cancel(false);
    }
  },
  WAIT_CLOSED(true) {
    @Override
    public void run(Party party, int a, int b) {
      closed(party, "waitClosed", party.connection.waitClosed());
    }
  };

  private static final int[] CODES = {1000, 1001, 1005, 3000, 4999, 1008, 1011, 1002};

  private final boolean isTame;

  Controls(boolean isTame) {
    this.isTame = isTame;
  }

  @Override
  public boolean isTame() {
    return isTame;
  }

  private static void closed(Party party, String what, CompletableFuture<Void> closed) {
    party
        .ask(what, closed, failure -> failure instanceof CancellationException)
        .thenRun(party::checkClosed);
  }
}
