package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.FrameWriter;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/**
 * The outbound half of the codec: checks frames before they do harm, and writes them.
 *
 * <p>Small frames are gathered until the next flush, see {@link FrameBatch}; but the first one is
 * written at once, unless several were flushed together of late.
 */
final class OutboundFrames {
  private static final int UNKNOWN = -1;

  // They have no state.
  private static final FrameWriter SERVER = new FrameWriter(Side.SERVER);
  private static final FrameWriter CLIENT = new FrameWriter(Side.CLIENT);

  private FrameWriter writer;
  private byte rsvInUse; // three bits, in an object that every connection has
  private boolean isMessageOpen;

  /** Whether a small frame was written since the last flush. */
  private boolean hasBegun;

  /** Null while there is nothing to gather, and no burst of late to learn from. */
  private FrameBatch batch;

  OutboundFrames(Side side, int rsvInUse) {
    this.writer = side == Side.SERVER ? SERVER : CLIENT;
    this.rsvInUse = (byte) rsvInUse;
  }

  /** Writes frames without a mask from now on, as a server does. */
  void stopMasking() {
    writer = SERVER;
  }

  /** Accepts these reserved bits, too. */
  void allowRsv(int rsv) {
    rsvInUse |= (byte) rsv;
  }

  /** Returns whether frames are masked. */
  boolean masks() {
    return writer == CLIENT;
  }

  /** Writes and releases {@code frame}, or fails {@code promise} if the peer would refuse it. */
  void write(ChannelHandlerContext ctx, WebSocketFrame frame, ChannelPromise promise) {
    int length = frame.content().readableBytes();
    int opcode = opcode(frame);
    // A frame that is withdrawn later would leave a header without payload, or half a message.
    if (!promise.setUncancellable() || !isLegal(frame, opcode, length, promise)) {
      frame.release();
    } else if (length > FrameBatch.LARGEST_PAYLOAD) {
      handOn(ctx);
      writeAlone(ctx, frame, opcode, promise);
    } else if (batch == null && !hasBegun) {
      hasBegun = true;
      writeAlone(ctx, frame, opcode, promise);
    } else {
      gather(ctx, frame, opcode, promise);
    }
  }

  /** A flush follows: hands on what was gathered. */
  void beforeFlush(ChannelHandlerContext ctx) {
    hasBegun = false;
    handOn(ctx);
  }

  /** Hands on what was gathered. */
  void handOn(ChannelHandlerContext ctx) {
    if (batch == null) {
      return;
    }
    batch.handOn(ctx);
    if (batch != null && batch.isIdle()) {
      batch = null;
    }
  }

  private void gather(
      ChannelHandlerContext ctx, WebSocketFrame frame, int opcode, ChannelPromise promise) {
    if (batch == null) {
      batch = new FrameBatch();
    }
    FrameBatch batch = this.batch; // listeners may make others write meanwhile
    try {
      ByteBuf payload = frame.content();
      int length = writer.headerLength(payload.readableBytes()) + payload.readableBytes();
      ByteBuf out = batch.prepare(ctx, length);
      writer.append(out, frame.isFinalFragment(), frame.rsv(), opcode, payload);
    } finally {
      frame.release();
    }
    batch.added(ctx, promise);
  }

  private void writeAlone(
      ChannelHandlerContext ctx, WebSocketFrame frame, int opcode, ChannelPromise promise) {
    ByteBuf payload = frame.content();
    int length = payload.readableBytes();
    boolean fin = frame.isFinalFragment();
    if (OwnedFrames.mayPrepend(frame, writer.headerLength(length))) {
      writer.prepend(fin, frame.rsv(), opcode, payload);
      ctx.write(payload, promise); // hands over the frame's reference
    } else if (writer.joins(payload)) {
      ctx.write(copy(ctx, frame, opcode), promise);
    } else {
      ByteBuf header = LoopBuffer.of(ctx.alloc(), FrameWriter.MAX_HEADER);
      writer.header(header, fin, frame.rsv(), opcode, length);
      ctx.write(header);
      ctx.write(payload, promise); // hands over the frame's reference
    }
  }

  private ByteBuf copy(ChannelHandlerContext ctx, WebSocketFrame frame, int opcode) {
    ByteBuf payload = frame.content();
    int length = payload.readableBytes();
    try {
      ByteBuf out = LoopBuffer.of(ctx.alloc(), writer.headerLength(length) + length);
      writer.append(out, frame.isFinalFragment(), frame.rsv(), opcode, payload);
      return out;
    } finally {
      frame.release();
    }
  }

  private boolean isLegal(WebSocketFrame frame, int opcode, int length, ChannelPromise promise) {
    try {
      check(frame, opcode, length);
      return true;
    } catch (IllegalArgumentException refused) {
      promise.tryFailure(refused);
      return false;
    }
  }

  private void check(WebSocketFrame frame, int opcode, int length) {
    if (opcode == UNKNOWN) {
      throw new IllegalArgumentException("unknown frame: " + frame.getClass().getName());
    }
    if ((frame.rsv() & ~rsvInUse) != 0) {
      throw new IllegalArgumentException(
          "reserved bits are "
              + frame.rsv()
              + (rsvInUse == 0
                  ? ", must be 0 without an extension"
                  : ", but the extensions in use claim " + rsvInUse));
    }
    if (Opcode.isControl(opcode)) {
      checkControl(frame, opcode, length);
      return;
    }
    if (isMessageOpen != (opcode == Opcode.CONTINUATION)) {
      String expected = isMessageOpen ? "expected a" : "unexpected";
      String found = isMessageOpen ? ", not " + Opcode.name(opcode) : "";
      throw new IllegalArgumentException(expected + " continuation frame" + found);
    }
    isMessageOpen = !frame.isFinalFragment();
  }

  private static void checkControl(WebSocketFrame frame, int opcode, int length) {
    if (length > FrameParser.MAX_CONTROL_PAYLOAD) {
      throw new IllegalArgumentException(
          "payload of " + Opcode.name(opcode) + " is " + length + " bytes, at most 125 fit");
    }
    if (!frame.isFinalFragment()) {
      throw new IllegalArgumentException(Opcode.name(opcode) + " must not be fragmented");
    }
  }

  /** Returns the opcode of a frame, or {@link #UNKNOWN} if its class is not one of Netty's. */
  static int opcode(WebSocketFrame frame) {
    if (frame instanceof TextWebSocketFrame) {
      return Opcode.TEXT;
    }
    if (frame instanceof BinaryWebSocketFrame) {
      return Opcode.BINARY;
    }
    if (frame instanceof ContinuationWebSocketFrame) {
      return Opcode.CONTINUATION;
    }
    if (frame instanceof PongWebSocketFrame) {
      return Opcode.PONG;
    }
    if (frame instanceof PingWebSocketFrame) {
      return Opcode.PING;
    }
    if (frame instanceof CloseWebSocketFrame) {
      return Opcode.CLOSE;
    }
    return UNKNOWN;
  }
}
