package io.github.websocketnetty.handler;

import io.netty.channel.ChannelHandlerContext;

/** Refuses places in a pipeline in which our handlers cannot work. */
final class Placement {
  private Placement() {}

  /**
   * Checks that the opening handshake is still to come. To be called when a handshake handler is
   * added. The channel stays open: it may be in use.
   *
   * @throws IllegalStateException if frames are read in front of it
   */
  static void requireOpening(ChannelHandlerContext ctx) {
    if (HttpHandlers.framesAreRead(ctx)) {
      throw new IllegalStateException(
          ctx.handler().getClass().getSimpleName()
              + " was added behind a frame decoder, when the opening handshake was over; the"
              + " handlers are "
              + ctx.pipeline().names());
    }
  }

  /**
   * Checks that a client's handshake handler is the only one in its pipeline. A server may have
   * several, for several paths; a client sends one request.
   *
   * @throws IllegalStateException if there is another
   */
  static void requireAlone(ChannelHandlerContext ctx) {
    long count =
        ctx.pipeline().toMap().values().stream()
            .filter(WebSocketClientHandshakeHandler.class::isInstance)
            .count();
    if (count > 1) {
      throw new IllegalStateException(
          "there is another WebSocketClientHandshakeHandler in " + ctx.pipeline().names());
    }
  }

  /**
   * Checks that a handler runs on the event loop of its channel. To be called when it is added;
   * Netty takes it out again if this throws.
   *
   * <p>On another thread it would get what is behind the opening handshake too late, and see the
   * state of the handlers in front half changed. The channel is closed behind the exception,
   * because without the handler its peer would wait for an answer in vain.
   *
   * @throws IllegalStateException if it does not
   */
  static void requireEventLoop(ChannelHandlerContext ctx) {
    if (ctx.executor() != ctx.channel().eventLoop()) {
      ctx.executor().execute(() -> ctx.channel().close());
      throw new IllegalStateException(
          ctx.handler().getClass().getSimpleName()
              + " must run on the event loop of its channel:"
              + " add it without an EventExecutorGroup, and give one to handlers behind it only");
    }
  }
}
