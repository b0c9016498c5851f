package io.github.websocketnetty.conversation;

import io.github.websocketnetty.BroadcastResult;
import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.BroadcastResult.Skipped;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.ConnectionInsides;
import io.github.websocketnetty.Connections;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.SlowReceivers;
import io.github.websocketnetty.protocol.ConnectionState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A broadcast, and what must hold of its result: each receiver is accounted for, with a reason. */
final class Announcement {
  /** One receiver; the message is null for a connection that is closed from the beginning. */
  private record Copy(Connection connection, Outgoing message) {}

  private final Party party;
  private final Message message;
  private final SlowReceivers policy;
  private final boolean isWithin;
  private final List<Copy> copies = new ArrayList<>();

  Announcement(Party party, Message message, SlowReceivers policy) {
    this.party = party;
    this.message = message;
    this.policy = policy;
    isWithin = party.talk.isWithin() && !party.talk.loop().isElsewhere();
  }

  /** Broadcasts to these and, if so wanted, to one more that is closed. */
  void broadcast(List<Party> receivers, boolean toClosed) {
    for (Party each : receivers) {
      copies.add(new Copy(each.connection, each.outbox.announce(message)));
    }
    if (toClosed) {
      copies.add(1, new Copy(party.talk.closed(), null));
    }
    List<Connection> connections = copies.stream().map(Copy::connection).toList();
    CompletableFuture<BroadcastResult> result = Connections.broadcast(connections, message, policy);
    if (!party.talk.loop().isElsewhere() && !result.isDone()) {
      party.complain("broadcast is not complete although there is no other event loop");
    }
    // The first one has its place. Before the others, what that made somebody send may stand.
    for (int i = 1; i < receivers.size(); i++) {
      receivers.get(i).outbox.announced(copyOf(i, toClosed));
    }
    result.whenComplete((value, failure) -> judge(value, failure));
    party.outbox.ask("broadcast", result, failure -> failure instanceof CancellationException);
  }

  private Outgoing copyOf(int receiver, boolean toClosed) {
    return copies.get(receiver > 0 && toClosed ? receiver + 1 : receiver).message;
  }

  private void judge(BroadcastResult result, Throwable failure) {
    if (failure != null) {
      party.talk.log().expectAnything(); // cancelled, so nobody says what has become of it
      return;
    }
    int known = result.sent() + result.queued() + result.skipped().size();
    if (known != copies.size()) {
      party.complain("broadcast to " + copies.size() + " ended as " + result);
    }
    if (result.queued() > 0 && policy != SlowReceivers.QUEUE && !isWithin) {
      party.complain("broadcast waits although nobody is to wait: " + policy);
    }
    result.skipped().forEach(this::skip);
    for (Copy copy : copies) {
      if (copy.message == null) {
        party.complain("broadcast has reached a closed connection");
      } else {
        copy.message.result = CompletableFuture.completedFuture(null);
      }
    }
  }

  /** Nobody says which copy for a connection is missing: of the first more is asked. */
  private void skip(Skipped skipped) {
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      if (copy.connection == skipped.connection()) {
        copies.remove(i);
        if (copy.message != null) {
          copy.message.isSkipped = true;
        }
        checkReason(skipped, copy);
        return;
      }
    }
    party.complain("broadcast skipped whom it was not for: " + skipped);
  }

  private void checkReason(Skipped skipped, Copy copy) {
    Reason reason = skipped.reason();
    boolean isOpen = skipped.connection().state() == ConnectionState.OPEN;
    boolean isRight =
        switch (reason) {
          case CLOSED -> !isOpen || ConnectionInsides.hasStopped(skipped.connection());
          case SLOW -> policy == SlowReceivers.SKIP || policy == SlowReceivers.CLOSE && !isOpen;
          case FRAGMENTED -> policy != SlowReceivers.QUEUE;
          case FULL -> true;
          case FAILED -> !isOpen;
        };
    if (!isRight || copy.message == null && reason != Reason.CLOSED) {
      party.complain("broadcast under " + policy + ": wrong reason " + reason);
    }
    if ((skipped.cause() != null) != (reason == Reason.FAILED)) {
      party.complain("broadcast: " + reason + " because of " + skipped.cause());
    }
    if (reason == Reason.FRAGMENTED || reason == Reason.FAILED) {
      party.talk.log().expectSkipped(reason == Reason.FAILED);
    }
  }
}
