package io.github.websocketnetty.examples;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.PrintWriter;
import java.net.URI;

/** Prints each message on a line of its own, and on a terminal a prompt behind it. */
final class MessagePrinter extends SimpleChannelInboundHandler<WebSocketFrame> {
  private final URI uri;
  private final PrintWriter out;
  private final boolean interactive;
  private volatile long printed; // written by the event loop only

  MessagePrinter(URI uri, PrintWriter out, boolean interactive) {
    this.uri = uri;
    this.out = out;
    this.interactive = interactive;
  }

  /** Returns how many messages were printed; from any thread. */
  long printed() {
    return printed;
  }

  /** Asks for a line, if there is somebody to ask; from any thread. */
  void prompt() {
    if (interactive) {
      out.print("> ");
      out.flush();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof HandshakeCompleted) {
      out.println("Connected to " + uri + ".");
      prompt();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame message) {
    String text =
        message instanceof TextWebSocketFrame frame
            ? frame.text()
            : "(binary) " + ByteBufUtil.hexDump(message.content());
    out.println((interactive ? "\r< " : "< ") + text); // over the prompt
    prompt();
    printed++;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // its end says what happened
  }
}
