package io.github.websocketnetty.handler;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * A handler that knows whether the handlers behind it asked for what arrives: always while
 * auto-read is on, else once per {@code read()}. Event loop only.
 *
 * <p>A {@code read()} made under auto-read does not count once that is switched off, because the
 * transports withdraw it then.
 */
abstract class DemandHandler extends ChannelDuplexHandler {
  private boolean outstanding;
  private boolean delivered;
  private boolean wanted;
  private boolean reading;
  private boolean again;

  /** Someone behind us called {@code read()}. */
  final void readRequested(ChannelHandlerContext ctx) {
    outstanding |= !isAutoRead(ctx);
  }

  /**
   * A message goes to the handlers behind us; one {@code read()} covers all until the batch ends.
   */
  final void dataDelivered(ChannelHandlerContext ctx) {
    if (!delivered) {
      delivered = true;
      wanted = isReading(ctx);
      outstanding = false;
    }
  }

  /**
   * The batch ended with {@code channelReadComplete}.
   *
   * @return whether a {@code read()} came to nothing, because all that arrived was for us
   */
  final boolean batchEnded() {
    boolean owed = outstanding && !delivered;
    delivered = false;
    return owed;
  }

  /** Returns whether the current batch was asked for. */
  final boolean isDataWanted() {
    return wanted;
  }

  /** Returns whether we read at the moment. */
  final boolean isReading(ChannelHandlerContext ctx) {
    return outstanding || isAutoRead(ctx);
  }

  /**
   * Reads for ourselves. A handler before us may answer from a buffer, within the call, and make us
   * read again; then the loop here goes on, and not the stack.
   */
  final void readAgain(ChannelHandlerContext ctx) {
    again = true;
    if (reading) {
      return;
    }
    reading = true;
    try {
      while (again) {
        again = false;
        ctx.read();
      }
    } finally {
      reading = false;
    }
  }

  static boolean isAutoRead(ChannelHandlerContext ctx) {
    return ctx.channel().config().isAutoRead();
  }
}
