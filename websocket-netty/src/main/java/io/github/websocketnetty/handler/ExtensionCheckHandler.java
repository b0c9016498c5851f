package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.MessageSequence;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.github.websocketnetty.protocol.Utf8Validator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;

/**
 * Checks the frames that extensions of others have transformed back, as the codec checks those that
 * no extension transforms. Stands behind the handlers of the extensions; event loop only.
 *
 * <p>A violation is fired as an exception; {@link WebSocketCloseHandler} discards all input behind
 * it.
 */
final class ExtensionCheckHandler extends ChannelInboundHandlerAdapter {
  private final MessageSequence sequence;
  private final Utf8Validator utf8; // null if text is not checked
  private boolean textMessage;

  ExtensionCheckHandler(FrameLimits limits, boolean validatesText) {
    // The codec counts the frames of a message.
    sequence = new MessageSequence(limits.withAnyFragments());
    utf8 = validatesText ? new Utf8Validator() : null;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      check(frame);
    } catch (ProtocolException violation) {
      frame.release();
      ctx.fireExceptionCaught(violation);
      return;
    }
    ctx.fireChannelRead(frame);
  }

  /** What the handlers of an extension throw has lost a frame: nothing may go on behind it. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      ctx.fireExceptionCaught(cause); // from the transport, or the end of a frame that was cut
      return;
    }
    boolean isKnown = cause instanceof ProtocolException || cause instanceof CodecException;
    ctx.fireExceptionCaught(
        isKnown ? cause : new DecoderException("handler of an extension failed", cause));
  }

  private void check(WebSocketFrame frame) {
    if (frame.rsv() != 0) {
      throw ProtocolException.violation("reserved bits must be 0");
    }
    int opcode = OutboundFrames.opcode(frame);
    ByteBuf payload = frame.content();
    int length = payload.readableBytes();
    boolean fin = frame.isFinalFragment();
    if (Opcode.isControl(opcode)) {
      checkControl(fin, length);
      return;
    }
    sequence.checkOrder(opcode);
    sequence.checkLength(length);
    sequence.accept(fin, 0, opcode, length);
    if (opcode != Opcode.CONTINUATION) {
      textMessage = utf8 != null && opcode == Opcode.TEXT;
    }
    if (textMessage) {
      utf8.update(payload, payload.readerIndex(), length);
      if (fin) {
        utf8.end();
      }
    }
  }

  private static void checkControl(boolean fin, int length) {
    if (length > FrameParser.MAX_CONTROL_PAYLOAD) {
      throw ProtocolException.violation("control frame too long");
    }
    if (!fin) {
      throw ProtocolException.violation("fragmented control frame");
    }
  }
}
