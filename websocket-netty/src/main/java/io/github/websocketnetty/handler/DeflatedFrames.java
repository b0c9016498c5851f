package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.MessageDeflater;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.protocol.MessageSequence;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** The outbound half of permessage-deflate: decides about each message, and compresses it. */
final class DeflatedFrames {
  private static final FrameLimits UNLIMITED =
      new FrameLimits(FrameLimits.UNLIMITED, FrameLimits.UNLIMITED, Integer.MAX_VALUE);

  private final MessageDeflater deflater;
  private final DeflateAgreement agreement;
  private final MessageSequence sequence = new MessageSequence(UNLIMITED);
  private boolean compressing;
  private boolean ended;

  DeflatedFrames(DeflateAgreement agreement) {
    deflater = new MessageDeflater(agreement);
    this.agreement = agreement;
  }

  DeflateAgreement agreement() {
    return agreement;
  }

  /** Writes a data frame on. */
  void write(ChannelHandlerContext ctx, WebSocketFrame frame, int opcode, ChannelPromise promise) {
    boolean fin = frame.isFinalFragment();
    boolean first = opcode != Opcode.CONTINUATION;
    if (ended || !isInOrder(opcode)) {
      ctx.write(frame, promise); // to be refused by others
      return;
    }
    sequence.accept(fin, frame.rsv(), opcode, 0);
    if (first) {
      compressing = decide(frame);
    }
    if (!compressing) {
      ctx.write(frame, promise);
      return;
    }
    if (deflater.isContextTakeover() && !promise.setUncancellable()) {
      frame.release(); // later it would be too late: what follows will refer to it
      return;
    }
    ByteBuf deflated;
    try {
      deflated = deflater.deflate(ctx.alloc(), frame.content(), fin);
    } catch (Throwable t) {
      frame.release();
      promise.tryFailure(t);
      return;
    }
    if (first && fin && isWorse(deflated, frame)) {
      deflated.release();
      ctx.write(frame, promise);
      return;
    }
    frame.release();
    int rsv = first ? frame.rsv() | MessageInflater.RSV1 : frame.rsv();
    ctx.write(InboundFrames.of(fin, rsv, opcode, deflated), promise);
  }

  /** Frees everything; what is written later goes uncompressed. */
  void end() {
    ended = true;
    deflater.end();
  }

  private boolean isInOrder(int opcode) {
    try {
      sequence.checkOrder(opcode);
      return true;
    } catch (ProtocolException e) {
      return false;
    }
  }

  private boolean decide(WebSocketFrame frame) {
    if ((frame.rsv() & MessageInflater.RSV1) != 0) {
      return false; // somebody else has compressed it
    }
    if (frame instanceof ChosenFrames.Chosen chosen) {
      return chosen.isToBeCompressed();
    }
    return !frame.isFinalFragment() || frame.content().readableBytes() >= agreement.threshold();
  }

  /** With context takeover the peer must see what we have compressed. */
  private boolean isWorse(ByteBuf deflated, WebSocketFrame frame) {
    return !deflater.isContextTakeover()
        && deflated.readableBytes() >= frame.content().readableBytes()
        && frame.content().isReadable();
  }
}
