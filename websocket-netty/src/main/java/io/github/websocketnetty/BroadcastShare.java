package io.github.websocketnetty;

import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.BroadcastResult.Skipped;
import io.github.websocketnetty.protocol.ConnectionState;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/** The connections of a broadcast that have the same event loop, which sends to all in one task. */
final class BroadcastShare implements Runnable {
  private final Broadcast broadcast;
  private final EventExecutor loop;

  // Of the thread that broadcasts until the task is scheduled, then of the event loop.
  private final List<ChannelConnection> connections = new ArrayList<>();

  // Event loop only.
  private final List<Skipped> skipped = new ArrayList<>();
  private int sent;
  private final List<Waiting> waiting = new ArrayList<>();

  private record Waiting(ChannelConnection connection, Send send) {}

  BroadcastShare(Broadcast broadcast, EventExecutor loop) {
    this.broadcast = broadcast;
    this.loop = loop;
  }

  EventExecutor loop() {
    return loop;
  }

  void add(ChannelConnection connection) {
    connections.add(connection);
  }

  /** Keeps a place in each of the connections, and only those where there is one. */
  void keepPlaces(List<Skipped> refused) {
    connections.removeIf(
        each -> {
          Reason refusal = keepPlace(each);
          if (refusal != null) {
            refused.add(new Skipped(each, refusal, null));
          }
          return refusal != null;
        });
  }

  /** Takes a place behind what this thread has sent, and before what it will send. */
  private Reason keepPlace(ChannelConnection connection) {
    if (connection.gate().keepPlace(placeIn(connection))) {
      return null;
    }
    return connection.gate().failure() != null ? Reason.CLOSED : Reason.FULL;
  }

  private BroadcastSend placeIn(ChannelConnection connection) {
    return new BroadcastSend(loop, broadcast.type(), broadcast.payload(), this, connection);
  }

  /** Sends now or soon. */
  void start() {
    if (loop.inEventLoop()) {
      for (ChannelConnection each : connections) {
        offerInPlace(each);
        each.gate().proceed();
      }
      end();
      return;
    }
    try {
      loop.execute(this);
    } catch (RejectedExecutionException rejected) {
      for (ChannelConnection each : connections) {
        each.gate().loopIsGone(rejected);
        skipped.add(new Skipped(each, Reason.CLOSED, null));
      }
      broadcast.add(0, 0, skipped);
    }
  }

  /** Gets to all whose turn has not come with what was sent before. */
  @Override
  public void run() {
    for (ChannelConnection each : connections) {
      each.gate().run();
    }
    end();
  }

  /** What this thread caused others to send comes first. */
  private void offerInPlace(ChannelConnection connection) {
    SendGate gate = connection.gate();
    if (gate.isInboxEmpty()) {
      offerTo(connection);
    } else {
      gate.acceptInTurn(placeIn(connection));
    }
  }

  /** Sends to a connection, or notes why not. Event loop. */
  void offerTo(ChannelConnection connection) {
    SendGate gate = connection.gate();
    if (connection.state() != ConnectionState.OPEN || gate.hasStopped()) {
      skip(connection, Reason.CLOSED, null);
      return;
    }
    ByteBuf frame = connection.sharedFrame(broadcast.frames());
    if (gate.isClear(frame != null ? frame : broadcast.payload())) {
      Throwable failure =
          frame != null
              ? gate.writeNow(null, frame.retainedDuplicate())
              : gate.writeNow(broadcast.type(), broadcast.payload().duplicate());
      written(connection, failure);
    } else {
      offerInTurn(connection, gate);
    }
  }

  private void offerInTurn(ChannelConnection connection, SendGate gate) {
    if (mustWait(gate)) {
      skipSlow(connection, gate);
    } else {
      Send send = Send.message(loop, broadcast.type(), broadcast.payload().duplicate(), null);
      gate.submitInTurn(send);
      waiting.add(new Waiting(connection, send));
    }
  }

  /** Returns whether the message would wait for more than its turn, and is not to. */
  private boolean mustWait(SendGate gate) {
    return broadcast.policy() != SlowReceivers.QUEUE
        && (gate.isMessageOpen() || !gate.isWritable());
  }

  private void skipSlow(ChannelConnection connection, SendGate gate) {
    if (gate.isMessageOpen()) {
      connection.logger().warn("skipped broadcast: sending a fragmented message");
      skip(connection, Reason.FRAGMENTED, null);
      return;
    }
    skip(connection, Reason.SLOW, null);
    if (broadcast.policy() == SlowReceivers.CLOSE) {
      gate.failSlow();
    }
  }

  /**
   * Where they waited only for their turn it has come by now, unless we were called while that
   * connection was sending.
   */
  private void end() {
    int queued = 0;
    for (Waiting each : waiting) {
      ChannelConnection connection = each.connection();
      Send send = each.send();
      if (send.isCompletedExceptionally()) {
        boolean isClosed = connection.state() == ConnectionState.CLOSED;
        skip(connection, isClosed ? Reason.CLOSED : Reason.FULL, null);
      } else if (send.written != null) {
        written(connection, send.written.cause());
      } else if (connection.gate().hasStopped()) {
        skip(connection, Reason.CLOSED, null); // its end will be told
      } else if (mustWait(connection.gate()) && connection.gate().withdraw(send)) {
        skipSlow(connection, connection.gate()); // what stood before has made it wait
      } else {
        queued++;
      }
    }
    broadcast.add(sent, queued, skipped);
  }

  private void written(ChannelConnection connection, Throwable failure) {
    if (failure == null) {
      sent++;
    } else {
      connection.logger().warn("skipped broadcast: failed to write message", failure);
      skip(connection, Reason.FAILED, failure);
    }
  }

  private void skip(ChannelConnection connection, Reason reason, Throwable cause) {
    skipped.add(new Skipped(connection, reason, cause));
  }
}
