package io.github.websocketnetty.handler;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * Small frames that wait for the flush in one buffer. A buffer for each of them would cost more
 * than the copy: to be allocated, and as an entry of the gathering write. Event loop only.
 *
 * <p>The buffer is handed on at the flush, when it is full, or when it would make the channel
 * unwritable, so that back-pressure does not come later than without it.
 */
final class FrameBatch {
  /** Larger payloads are not gathered. */
  static final int LARGEST_PAYLOAD = 1024;

  private static final int LARGEST_BATCH = 1 << 15;
  private static final int GROWTH = 4;
  private static final int DECAY = 8;

  private ByteBuf frames;
  private ChannelPromise first;
  private List<ChannelPromise> others; // null while there is one frame at most

  /**
   * Room for the next batch: twice the largest of late, so that a flush rarely needs two; 0 when
   * frames came one by one for a while.
   */
  private int usual;

  private boolean hasSeveral = true; // the first batch stands behind a frame that was not gathered

  /** Returns whether it is empty, and frames came one by one of late. */
  boolean isIdle() {
    return frames == null && usual == 0;
  }

  /** Returns the buffer to which the next frame is to be appended, with room for it. */
  ByteBuf prepare(ChannelHandlerContext ctx, int frameLength) {
    while (frames != null && frames.writableBytes() < frameLength) {
      int full = frames.capacity();
      handOn(ctx);
      usual = Math.min(GROWTH * full, LARGEST_BATCH);
    }
    if (frames == null) {
      frames = ctx.alloc().ioBuffer(Math.max(frameLength, usual));
    }
    return frames;
  }

  /** The frame was appended; {@code promise} is for it. */
  void added(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (first == null) {
      first = promise;
    } else {
      hasSeveral = true;
      addOther(promise);
    }
    if (frames.readableBytes() >= ctx.channel().bytesBeforeUnwritable()) {
      handOn(ctx);
    }
  }

  private void addOther(ChannelPromise promise) {
    if (others == null) {
      if (first == promise) {
        return; // a void promise, which stands for both
      }
      others = new ArrayList<>();
    }
    others.add(promise);
  }

  /** Hands the frames on, if there are any. */
  void handOn(ChannelHandlerContext ctx) {
    if (frames == null) {
      return;
    }
    ByteBuf bytes = frames;
    ChannelPromise promise = others == null ? first : forAll(ctx, first, others);
    // Listeners run inside the write and may bring the next frame.
    frames = null;
    first = null;
    others = null;
    int wanted = hasSeveral ? Math.min(2 * bytes.readableBytes(), LARGEST_BATCH) : 0;
    usual = Math.max(usual - (usual + DECAY - 1) / DECAY, wanted);
    hasSeveral = false;
    ctx.write(bytes, promise);
  }

  private static ChannelPromise forAll(
      ChannelHandlerContext ctx, ChannelPromise first, List<ChannelPromise> others) {
    ChannelPromise all = ctx.newPromise();
    all.addListener(
        written -> {
          complete(first, written);
          others.forEach(each -> complete(each, written));
        });
    return all;
  }

  private static void complete(ChannelPromise promise, Future<?> written) {
    if (written.isSuccess()) {
      promise.trySuccess();
    } else {
      promise.tryFailure(written.cause());
    }
  }
}
