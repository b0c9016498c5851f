package io.github.websocketnetty;

import io.github.websocketnetty.BroadcastResult.Skipped;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.ArrayList;
import java.util.Collection;
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

  /** Set before anything is added. */
  private GroupFuture<BroadcastResult> result;

  /** The frames without a mask; released when all shares have ended. */
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
    Collection<BroadcastShare> shares = shares(connections);
    result =
        new GroupFuture<>(
            shares.stream().map(BroadcastShare::loop).toArray(EventExecutorGroup[]::new));
    List<Skipped> refused = new ArrayList<>();
    for (BroadcastShare share : shares) {
      if (!share.loop().inEventLoop()) {
        share.keepPlaces(refused);
      }
    }
    synchronized (this) {
      awaited += shares.size();
    }
    shares.forEach(BroadcastShare::start);
    add(0, 0, refused);
    return result;
  }

  /** Sorts them by event loop. Nothing was sent yet, lest some get it if others are refused. */
  private Collection<BroadcastShare> shares(Iterable<? extends Connection> connections) {
    Map<EventExecutor, BroadcastShare> shares = new IdentityHashMap<>();
    for (Connection each : connections) {
      if (!(each instanceof ChannelConnection connection)) {
        throw new IllegalArgumentException("not a connection of this library: " + each);
      }
      shares
          .computeIfAbsent(connection.loop(), loop -> new BroadcastShare(this, loop))
          .add(connection);
    }
    return shares.values();
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
