package io.github.websocketnetty;

/** The connection for threads that may wait. */
public final class BlockingConnection {
  BlockingConnection(ChannelConnection connection) {}
}
