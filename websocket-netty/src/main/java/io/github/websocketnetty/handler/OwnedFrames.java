package io.github.websocketnetty.handler;

import io.github.websocketnetty.protocol.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.Objects;

/**
 * Frames whose payload {@link WebSocketFrameCodec} may overwrite: it then puts the header in front
 * of the payload and masks it in place, instead of copying it or writing a second buffer.
 *
 * <p>Whoever makes such a frame promises that nobody else sees the payload, or what lies around it
 * in its buffer, once the frame is written. A frame of which something else holds a reference by
 * then is copied like any other, and so are small ones that are flushed together.
 *
 * <pre>{@code
 * ByteBuf payload = OwnedFrames.buffer(ctx.alloc(), 16_384);
 * payload.writeBytes(...);
 * ctx.write(OwnedFrames.binary(payload));
 * }</pre>
 *
 * <p>Copies and duplicates of these frames are ordinary ones.
 */
public final class OwnedFrames {
  private OwnedFrames() {}

  /**
   * Returns an empty buffer with room for a header before the reader index.
   *
   * @param allocator the channel's allocator
   * @param payloadBytes how much can be written without making it grow
   * @return a buffer for {@link #text}, {@link #binary} or {@link #continuation}; the caller owns
   *     it
   */
  public static ByteBuf buffer(ByteBufAllocator allocator, int payloadBytes) {
    Objects.requireNonNull(allocator, "allocator");
    int room = FrameWriter.MAX_MASKED_HEADER;
    return allocator.ioBuffer(room + payloadBytes).setIndex(room, room);
  }

  /** Returns a text message of one frame; {@code utf8} is taken over. */
  public static TextWebSocketFrame text(ByteBuf utf8) {
    Objects.requireNonNull(utf8, "utf8");
    return new Text(true, utf8);
  }

  /** Returns a binary message of one frame; {@code payload} is taken over. */
  public static BinaryWebSocketFrame binary(ByteBuf payload) {
    Objects.requireNonNull(payload, "payload");
    return new Binary(true, payload);
  }

  /** Returns a text frame, the last of its message or not; {@code utf8} is taken over. */
  public static TextWebSocketFrame text(boolean fin, ByteBuf utf8) {
    Objects.requireNonNull(utf8, "utf8");
    return new Text(fin, utf8);
  }

  /** Returns a binary frame, the last of its message or not; {@code payload} is taken over. */
  public static BinaryWebSocketFrame binary(boolean fin, ByteBuf payload) {
    Objects.requireNonNull(payload, "payload");
    return new Binary(fin, payload);
  }

  /** Returns a further frame of a message, the last or not; {@code payload} is taken over. */
  public static ContinuationWebSocketFrame continuation(boolean fin, ByteBuf payload) {
    Objects.requireNonNull(payload, "payload");
    return new Continuation(fin, payload);
  }

  /** Returns whether the header may be put in front of this frame's payload. */
  static boolean mayPrepend(WebSocketFrame frame, int headerLength) {
    if (!(frame instanceof Owned)) {
      return false;
    }
    ByteBuf payload = frame.content();
    if (payload.readerIndex() < headerLength || payload.isReadOnly()) {
      return false;
    }
    for (ByteBuf buffer = payload; buffer != null; buffer = buffer.unwrap()) {
      if (buffer.refCnt() != 1) {
        return false; // someone sees it all the same
      }
    }
    return true;
  }

  /** Marks the frames. */
  private interface Owned {}

  private static final class Text extends TextWebSocketFrame implements Owned {
    Text(boolean fin, ByteBuf utf8) {
      super(fin, 0, utf8);
    }
  }

  private static final class Binary extends BinaryWebSocketFrame implements Owned {
    Binary(boolean fin, ByteBuf payload) {
      super(fin, 0, payload);
    }
  }

  private static final class Continuation extends ContinuationWebSocketFrame implements Owned {
    Continuation(boolean fin, ByteBuf payload) {
      super(fin, 0, payload);
    }
  }
}
