package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;

/**
 * Holds the place of a broadcast among what its thread sends over one connection, until the event
 * loop gets there.
 */
final class BroadcastSend extends Send {
  private final BroadcastShare share;
  private final ChannelConnection connection;

  BroadcastSend(
      EventExecutor loop,
      MessageType type,
      ByteBuf payload,
      BroadcastShare share,
      ChannelConnection connection) {
    super(loop, Kind.BROADCAST, type, null, payload, null, null);
    this.share = share;
    this.connection = connection;
  }

  /** It is its turn. Event loop. */
  void offer() {
    takePayload(); // frees its room; the share has the payload
    share.offerTo(connection);
  }
}
