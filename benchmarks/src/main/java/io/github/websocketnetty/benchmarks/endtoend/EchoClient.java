package io.github.websocketnetty.benchmarks.endtoend;

import io.github.websocketnetty.handler.WebSocketClosed;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** One connection of the generator: sends the next message when an echo is back. */
final class EchoClient extends SimpleChannelInboundHandler<WebSocketFrame> {
  private final EchoRun run;
  private final long[] sentAt;
  private long sent;
  private long received;
  private ChannelHandlerContext ctx;

  EchoClient(EchoRun run) {
    this.run = run;
    this.sentAt = new long[run.depth()];
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
  }

  /** Fills the connection; on the event loop. */
  void begin() {
    long now = System.nanoTime();
    for (int i = 0; i < sentAt.length; i++) {
      send(now);
    }
    ctx.flush();
  }

  /** Ends the connection the way the protocol wants it; on the event loop. */
  void end() {
    ctx.writeAndFlush(new CloseWebSocketFrame());
  }

  private void send(long now) {
    sentAt[(int) (sent++ % sentAt.length)] = now;
    ctx.write(run.next());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame echo) {
    if (received == sent) {
      run.error("a message came that is no echo");
      return;
    }
    long now = System.nanoTime();
    run.received(echo, received, sentAt[(int) (received % sentAt.length)], now);
    received++;
    if (run.isSending()) {
      send(now);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
    context.fireChannelReadComplete();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof WebSocketClosed closed && !run.isOver()) {
      run.error("connection ended: " + closed.describe());
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    run.error(cause.toString());
    context.close();
  }
}
