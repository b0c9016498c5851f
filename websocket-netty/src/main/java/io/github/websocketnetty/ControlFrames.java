package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.FrameParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * The pings, pongs and the close of a connection. Called from any thread, at work on the event
 * loop. Made for one call, as most connections are closed by their peers.
 */
final class ControlFrames {
  private final ChannelHandlerContext ctx;
  private final ConnectionPort port;
  private final ReceiveQueue queue;
  private final SendGate gate;

  /** Completes when the connection is closed. */
  private final CompletableFuture<ConnectionClosedException> closed;

  ControlFrames(
      ConnectionPort port,
      ReceiveQueue queue,
      SendGate gate,
      CompletableFuture<ConnectionClosedException> closed) {
    this.ctx = port.ctx();
    this.port = port;
    this.queue = queue;
    this.gate = gate;
    this.closed = closed;
  }

  CompletableFuture<Void> waitClosed() {
    return closed.thenApply(failure -> null);
  }

  CompletableFuture<Void> close(int code, String reason) {
    CloseStatus status = new CloseStatus(code, reason);
    onLoop(() -> closeNow(status));
    return waitClosed();
  }

  private void closeNow(CloseStatus status) {
    if (port.closing().state() != ConnectionState.OPEN) {
      return; // the shutdown in progress goes on
    }
    if (!gate.beginClose()) {
      String why = "close during fragmented message";
      port.closing()
          .fail(new CloseStatus(CloseCode.INTERNAL_ERROR, why), new IllegalStateException(why));
      return;
    }
    queue.closing(); // whatever waits there, the peer's close frame must be read
    ByteBuf payload = ctx.alloc().buffer(Short.BYTES + CloseStatus.MAX_REASON_BYTES);
    status.encode(payload);
    ctx.writeAndFlush(new CloseWebSocketFrame(true, 0, payload));
  }

  /**
   * Sends a ping.
   *
   * @param payload null for four random bytes
   */
  CompletableFuture<Duration> ping(byte[] payload) {
    checkLength(payload == null ? 0 : payload.length);
    LoopFuture<Duration> latency = new LoopFuture<>(ctx.executor());
    onLoop(() -> pingNow(payload, latency));
    return latency;
  }

  private void pingNow(byte[] payload, CompletableFuture<Duration> latency) {
    if (port.closing().state() != ConnectionState.OPEN) {
      failWhenClosed(latency); // the peer answers nothing behind our close frame
      return;
    }
    WebSocketKeepaliveHandler keepalive = port.keepalive();
    Future<Duration> pong = payload == null ? keepalive.ping() : keepalive.ping(payload);
    pong.addListener(
        done -> {
          if (done.isSuccess()) {
            latency.complete(pong.getNow());
          } else {
            failPing(latency, done.cause());
          }
        });
    latency.whenComplete(
        (value, failure) -> {
          if (latency.isCancelled()) {
            onLoop(() -> pong.cancel(false)); // frees the payload
          }
        });
  }

  private void failPing(CompletableFuture<Duration> latency, Throwable cause) {
    if (cause instanceof IllegalStateException) {
      latency.completeExceptionally(new ConcurrencyException(cause.getMessage()));
    } else {
      failWhenClosed(latency);
    }
  }

  CompletableFuture<Void> pong(byte[] payload) {
    checkLength(payload.length);
    LoopFuture<Void> sent = new LoopFuture<>(ctx.executor());
    onLoop(() -> pongNow(payload, sent));
    return sent;
  }

  private void pongNow(byte[] payload, CompletableFuture<Void> sent) {
    if (port.closing().state() != ConnectionState.OPEN) {
      failWhenClosed(sent);
      return;
    }
    ChannelFuture written =
        ctx.writeAndFlush(new PongWebSocketFrame(Unpooled.wrappedBuffer(payload)));
    if (written.isDone() && !written.isSuccess()) {
      failWhenClosed(sent);
    } else {
      sent.complete(null);
    }
  }

  /** What could not be sent fails with how the connection ended, so not before it did. */
  private void failWhenClosed(CompletableFuture<?> future) {
    closed.thenAccept(future::completeExceptionally);
  }

  private static void checkLength(int length) {
    if (length > FrameParser.MAX_CONTROL_PAYLOAD) {
      throw new IllegalArgumentException(
          "payload is " + length + " bytes, at most " + FrameParser.MAX_CONTROL_PAYLOAD + " fit");
    }
  }

  private void onLoop(Runnable task) {
    if (ctx.executor().inEventLoop()) {
      task.run();
      return;
    }
    try {
      ctx.executor().execute(task);
    } catch (RejectedExecutionException loopIsGone) {
      if (!closed.isDone()) {
        throw loopIsGone;
      }
    }
  }
}
