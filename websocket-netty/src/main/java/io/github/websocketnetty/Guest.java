package io.github.websocketnetty;

import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ShownUri;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.protocol.Times;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One channel of a server, from its beginning to its end: first a handler in front of all others,
 * until something arrives; later the endpoint of its connection.
 */
final class Guest extends ChannelInboundHandlerAdapter implements Endpoint {
  private final Guests guests;
  private final PathRouter router;
  private final ConnectionOptions options;
  private volatile Connection connection;

  // Event loop only.
  private Channel channel;
  private boolean heard;

  Guest(Guests guests, PathRouter router, ConnectionOptions options) {
    this.guests = guests;
    this.router = router;
    this.options = options;
  }

  /** Returns the connection, null during the opening handshake. */
  Connection connection() {
    return connection;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    guests.arrived(this);
    channel.closeFuture().addListener(closed -> guests.left(this)); // maybe at once
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heard = true;
    ctx.fireChannelRead(message);
    ctx.pipeline().remove(this);
  }

  /** The server closes, or at least lets nobody in. Any thread. */
  void dismiss() {
    try {
      channel.eventLoop().execute(this::leave);
    } catch (RejectedExecutionException loopEnded) {
      options.logger(Side.SERVER).debug("event loop ended before channel {}", channel);
    }
  }

  private void leave() {
    CloseStatus farewell = guests.farewell();
    if (connection != null) {
      if (farewell != null) {
        connection.close(farewell.code(), farewell.reason());
      }
    } else if (!heard) {
      abort();
    } else if (farewell != null && !options.closeTimeout().isZero()) {
      // It gets a 503, if it completes its request in time.
      abortAfter(options.closeTimeout());
    }
  }

  private void abortAfter(Duration delay) {
    Future<?> deadline =
        channel.eventLoop().schedule(this::abort, Times.nanos(delay), TimeUnit.NANOSECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
  }

  /** Past all handlers, who would say goodbye to a peer that does not listen. */
  private void abort() {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close();
    }
  }

  @Override
  public CompletionStage<?> serve(Connection opened) {
    connection = opened;
    CloseStatus farewell = guests.farewell();
    if (farewell != null) { // since the 101 was decided on
      opened.close(farewell.code(), farewell.reason());
    }
    guests.begun();
    CompletionStage<?> done = dispatch(opened);
    try {
      done.whenComplete((value, failure) -> guests.ended());
    } catch (Throwable unusable) { // a stage that others have written may refuse to tell
      guests.ended();
      throw unusable;
    }
    return done;
  }

  private CompletionStage<?> dispatch(Connection opened) {
    try {
      String target = opened.request().orElseThrow().uri();
      PathRouter.Match match = router.find(target);
      if (match == null) { // a hook made the 101
        throw new IllegalStateException("no route for " + ShownUri.ofTarget(target));
      }
      CompletionStage<?> stage = match.endpoint().serve(opened, match.parameters());
      return stage == null ? CompletableFuture.completedFuture(null) : stage;
    } catch (Throwable failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }
}
