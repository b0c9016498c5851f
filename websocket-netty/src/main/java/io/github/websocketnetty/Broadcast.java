package io.github.websocketnetty;

import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.BroadcastResult.Skipped;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Sends a message to many connections: encoded and compressed once for all that may have the same
 * frame, with a task for each event loop.
 */
final class Broadcast {
  private final MessageType type;
  private final SlowReceivers policy;

  /** Shared by all; nobody may write to it or end it. */
  private final ByteBuf payload;

  private final CompletableFuture<BroadcastResult> result = new CompletableFuture<>();

  /** The frames of servers; released when all shares have ended. */
  private final BroadcastFrames frames;

  // Guarded by this.
  private final List<Skipped> skipped = new ArrayList<>();
  private int sent;
  private int queued;
  private int awaited = 1;

  Broadcast(Message message, SlowReceivers policy) {
    this.policy = policy;
    type = message.type();
    byte[] bytes =
        message instanceof TextMessage text ? text.payload() : ((BinaryMessage) message).payload();
    payload = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes).asReadOnly());
    frames = new BroadcastFrames(type, payload);
  }

  /** Starts; never waits. Any thread, once. */
  CompletableFuture<BroadcastResult> sendTo(Iterable<? extends Connection> connections) {
    List<ChannelConnection> all = checked(connections); // lest some get it and others do not
    Map<EventExecutor, BroadcastShare> shares = new IdentityHashMap<>();
    List<Skipped> refused = new ArrayList<>();
    for (ChannelConnection connection : all) {
      EventExecutor loop = connection.loop();
      BroadcastShare share = shares.computeIfAbsent(loop, key -> new BroadcastShare(this, key));
      Reason refusal = loop.inEventLoop() ? null : keepPlace(connection, share);
      if (refusal == null) {
        share.add(connection);
      } else {
        refused.add(new Skipped(connection, refusal, null));
      }
    }
    synchronized (this) {
      awaited += shares.size();
    }
    shares.values().forEach(BroadcastShare::start);
    add(0, 0, refused);
    return result;
  }

  private static List<ChannelConnection> checked(Iterable<? extends Connection> connections) {
    List<ChannelConnection> all = new ArrayList<>();
    for (Connection each : connections) {
      if (!(each instanceof ChannelConnection connection)) {
        throw new IllegalArgumentException("not a connection of this library: " + each);
      }
      all.add(connection);
    }
    return all;
  }

  /** Takes a place behind what this thread has sent, and before what it will send. */
  private Reason keepPlace(ChannelConnection connection, BroadcastShare share) {
    BroadcastSend send = new BroadcastSend(share.loop(), type, payload, share, connection);
    if (connection.gate().keepPlace(send)) {
      return null;
    }
    return connection.gate().failure() != null ? Reason.CLOSED : Reason.FULL;
  }

  MessageType type() {
    return type;
  }

  SlowReceivers policy() {
    return policy;
  }

  ByteBuf payload() {
    return payload;
  }

  BroadcastFrames frames() {
    return frames;
  }

  /** Adds what came of a share; behind the last one the result is complete. */
  void add(int moreSent, int moreQueued, List<Skipped> moreSkipped) {
    synchronized (this) {
      sent += moreSent;
      queued += moreQueued;
      skipped.addAll(moreSkipped);
      if (--awaited > 0) {
        return;
      }
    }
    frames.release();
    result.complete(new BroadcastResult(sent, queued, skipped));
  }
}
