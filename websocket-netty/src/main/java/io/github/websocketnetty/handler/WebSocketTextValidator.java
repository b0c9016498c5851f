package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Utf8Validator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Checks that text messages are UTF-8, over fragments too, and hands all frames on unchanged. Not
 * sharable; event loop only.
 *
 * <p>For pipelines whose decoder does not check: Netty's own, or a codec in front of an extension
 * that transforms payloads. {@link WebSocketFrameCodec} checks text itself, earlier and at less
 * cost.
 *
 * <p>Invalid text fails the connection with close code 1007; the offending frame and all input
 * after it are discarded.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6455#section-8.1">RFC 6455, section 8.1</a>
 */
public final class WebSocketTextValidator extends ChannelInboundHandlerAdapter {
  private final Utf8Validator utf8 = new Utf8Validator();
  private boolean textMessage;
  private boolean failed;

  /** Creates a validator at the start of a connection. */
  public WebSocketTextValidator() {
    NettyVersion.check();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Placement.requireEventLoop(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      ctx.fireChannelRead(message);
      return;
    }
    if (failed) {
      ReferenceCountUtil.release(message);
      return;
    }
    try {
      check(frame);
    } catch (ProtocolException invalid) {
      failed = true;
      frame.release();
      FailingCloseFrame.send(ctx, invalid);
      return;
    }
    ctx.fireChannelRead(frame);
  }

  private void check(WebSocketFrame frame) {
    if (frame instanceof TextWebSocketFrame) {
      textMessage = true;
    } else if (frame instanceof BinaryWebSocketFrame) {
      textMessage = false;
    } else if (!(frame instanceof ContinuationWebSocketFrame)) {
      return; // a control frame between fragments is no part of the text
    }
    if (textMessage) {
      utf8.update(frame.content(), frame.content().readerIndex(), frame.content().readableBytes());
      if (frame.isFinalFragment()) {
        utf8.end();
      }
    }
  }
}
