package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandler;

/**
 * A handler that knows the identifier of the connection in whose pipeline it stands. {@link
 * WebSocketCloseHandler} logs it with the opening and the end of the connection.
 */
public interface ConnectionIdSource extends ChannelHandler {
  /** Returns the identifier. Event loop only; called only if what is logged shows it. */
  Object connectionId();
}
