package io.github.websocketnetty;

import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketDeflateHandler;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.protocol.CloseCode;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameSink;
import io.github.websocketnetty.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;

/**
 * What a connection does to its pipeline, from the place of its handler: the receive queue pauses
 * and resumes reading, the send gate writes, both fail the connection.
 */
final class ConnectionPort implements ReceiveQueue.Source, SendGate.Output {
  /** What the header and the transport's bookkeeping for an entry may add to a payload. */
  private static final int OVERHEAD = 512;

  private final WebSocketFrameCodec codec; // null if someone else's decoder parses the frames
  private final WebSocketDeflateHandler deflate; // null if nothing is compressed
  private final WebSocketCloseHandler closing;
  private final WebSocketKeepaliveHandler keepalive;
  private ChannelHandlerContext ctx;
  private QuietPromise quiet;
  private boolean paused;
  private boolean switchedOff;
  private boolean isInRead;
  private boolean readAgain;

  /**
   * Finds the handlers that a connection stands on.
   *
   * @throws IllegalStateException if one is missing
   */
  ConnectionPort(ChannelPipeline pipeline) {
    codec = pipeline.get(WebSocketFrameCodec.class);
    deflate = pipeline.get(WebSocketDeflateHandler.class);
    closing = pipeline.get(WebSocketCloseHandler.class);
    keepalive = pipeline.get(WebSocketKeepaliveHandler.class);
    if (closing == null || keepalive == null) {
      throw new IllegalStateException(
          "a connection needs WebSocketCloseHandler and WebSocketKeepaliveHandler in "
              + pipeline.names());
    }
    if (!closing.handlesCloseFrames()) {
      throw new IllegalStateException(
          "a connection answers close frames itself: handleCloseFrames must not be false");
    }
  }

  /** The handler of the connection is in the pipeline. */
  void attached(ChannelHandlerContext context) {
    ctx = context;
  }

  /** Lets data frames go straight to the receiver; or, if that is null, through the pipeline. */
  void receiveData(FrameSink receiver) {
    if (codec != null) {
      codec.receiveData(receiver);
    }
  }

  /** Returns whether the same bytes may be written to many peers instead of frames. */
  boolean mayShareFrames() {
    return codec != null && !codec.masks() && !codec.hasExtensions();
  }

  /** Returns what was negotiated about compression, or null. */
  DeflateAgreement agreement() {
    return deflate == null ? null : deflate.agreement();
  }

  ChannelHandlerContext ctx() {
    return ctx;
  }

  WebSocketCloseHandler closing() {
    return closing;
  }

  WebSocketKeepaliveHandler keepalive() {
    return keepalive;
  }

  @Override
  public void pause() {
    paused = true;
    if (isAutoRead()) {
      switchedOff = true;
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void resume() {
    paused = false;
    switchOn();
    read();
  }

  /** Leaves auto-read as the channel had it. */
  void detached() {
    if (ctx.channel().isOpen()) {
      switchOn();
    }
  }

  private void switchOn() {
    if (switchedOff) {
      switchedOff = false;
      ctx.channel().config().setAutoRead(true);
    }
  }

  /**
   * Asks for more unless auto-read does, which some programs never switch on, or reading is paused.
   * What is asked for may arrive within the call; then the loop here goes on, and not the stack.
   */
  void read() {
    readAgain = true;
    if (isInRead) {
      return;
    }
    isInRead = true;
    try {
      while (readAgain && !paused && !isAutoRead()) {
        readAgain = false;
        ctx.read();
      }
    } finally {
      isInRead = false;
    }
  }

  boolean isAutoRead() {
    return ctx.channel().config().isAutoRead();
  }

  @Override
  public boolean hasEnded() {
    Channel channel = ctx.channel();
    return !channel.isActive() || channel instanceof DuplexChannel tcp && tcp.isInputShutdown();
  }

  @Override
  public void overflow() {
    String reason = "more received than may wait";
    fail(CloseCode.INTERNAL_ERROR, reason, new IOException(reason));
  }

  @Override
  public void actionFailed(Throwable failure, boolean isLast) {
    connection().logger().error("action for messages failed", failure);
    if (isLast) {
      closing.fail(new CloseStatus(CloseCode.INTERNAL_ERROR, ""), failure);
    }
  }

  @Override
  public void sourceFailed(Throwable failure) {
    connection().logger().error("source of a message failed", failure);
  }

  @Override
  public void handlerFailed(Throwable failure) {
    connection().logger().error("sending failed", failure);
  }

  private Connection connection() {
    return ((ConnectionHandler) ctx.handler()).connection();
  }

  @Override
  public void streaming(boolean on) {
    if (codec != null) {
      codec.deliverParts(on);
    }
    if (deflate != null) {
      deflate.deliverParts(on);
    }
  }

  @Override
  public void fail(int closeCode, String reason) {
    CloseStatus status = CloseStatus.truncated(closeCode, reason);
    ProtocolException cause = new ProtocolException(closeCode, reason);
    try {
      ctx.executor().execute(() -> closing.fail(status, cause));
    } catch (RejectedExecutionException loopIsGone) {
      // Then so is the connection.
    }
  }

  @Override
  public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload) {
    return ctx.write(frame(type, fin, payload));
  }

  @Override
  public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload, boolean compress) {
    return ctx.write(WebSocketDeflateHandler.compress(frame(type, fin, payload), compress));
  }

  @Override
  public boolean hasRoom(int bytes) {
    return ctx.channel().bytesBeforeUnwritable() > (long) bytes + OVERHEAD;
  }

  @Override
  public void writeQuietly(MessageType type, ByteBuf payload, SendOutlet outlet) {
    if (quiet == null) {
      quiet = new QuietPromise(ctx, outlet);
    }
    if (type != null) {
      ctx.write(frame(type, true, payload), quiet);
    } else if (!codec.writeEncoded(payload, quiet)) {
      ctx.write(payload, quiet);
    }
  }

  @Override
  public void flush() {
    ctx.flush();
  }

  @Override
  public boolean isWritable() {
    return ctx.channel().isWritable();
  }

  @Override
  public void fail(int closeCode, String reason, Throwable cause) {
    closing.fail(new CloseStatus(closeCode, reason), cause);
  }

  @Override
  public ByteBufAllocator alloc() {
    return ctx.alloc();
  }

  private static WebSocketFrame frame(MessageType type, boolean fin, ByteBuf payload) {
    if (type == null) {
      return new ContinuationWebSocketFrame(fin, 0, payload);
    }
    return type == MessageType.TEXT
        ? new TextWebSocketFrame(fin, 0, payload)
        : new BinaryWebSocketFrame(fin, 0, payload);
  }
}
