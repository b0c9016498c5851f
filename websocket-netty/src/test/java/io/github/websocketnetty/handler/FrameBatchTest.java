package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the codec gathers small frames, and does without copies of large ones. */
@ExtendWith(LeakCheck.class)
class FrameBatchTest {
  private final WebSocketFrameCodec codec = new WebSocketFrameCodec(Side.SERVER);
  private final EmbeddedChannel channel = new EmbeddedChannel(codec);

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
  }

  private static WebSocketFrame text(String text) {
    return new TextWebSocketFrame(text);
  }

  private static WebSocketFrame binary(int bytes) {
    return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(WireFrame.letters(bytes)));
  }

  /** Returns what the peer of {@code side} finds in what was written, buffer by buffer. */
  private static List<List<RecordedFrames.Frame>> written(EmbeddedChannel channel, Side side) {
    FrameLimits limits = new FrameLimits(1 << 20, 1 << 20, 10);
    FrameParser parser = new FrameParser(side.peer(), limits, true, 0);
    List<List<RecordedFrames.Frame>> all = new ArrayList<>();
    for (ByteBuf buffer; (buffer = channel.readOutbound()) != null; buffer.release()) {
      RecordedFrames frames = new RecordedFrames();
      parser.parse(buffer, true, channel.alloc(), frames);
      all.add(frames.frames());
    }
    return all;
  }

  /** Returns what the peer finds in all that was written, where a frame may have two buffers. */
  private static RecordedFrames allWritten(EmbeddedChannel channel, Side side) {
    FrameLimits limits = new FrameLimits(1 << 21, 1 << 21, 10);
    FrameParser parser = new FrameParser(side.peer(), limits, true, 0);
    RecordedFrames frames = new RecordedFrames();
    for (ByteBuf buffer; (buffer = channel.readOutbound()) != null; buffer.release()) {
      parser.parse(buffer, true, channel.alloc(), frames);
    }
    return frames;
  }

  private static List<String> texts(List<RecordedFrames.Frame> frames) {
    return frames.stream().map(each -> new String(each.payload(), StandardCharsets.UTF_8)).toList();
  }

  @ParameterizedTest
  @EnumSource
  void smallFramesOfOneFlushLeaveInOneBuffer(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    for (int round = 0; round < 3; round++) {
      channel.write(text("a"));
      channel.write(text(""));
      channel.write(new PingWebSocketFrame(Unpooled.wrappedBuffer(new byte[] {'p'})));
      channel.writeAndFlush(text("b"));
      List<List<RecordedFrames.Frame>> buffers = written(channel, side);
      // At first nobody knows how much room to make.
      if (round > 0) {
        assertEquals(1, buffers.size());
      }
      List<RecordedFrames.Frame> frames = buffers.stream().flatMap(List::stream).toList();
      assertEquals(List.of("a", "", "p", "b"), texts(frames));
    }
    ChannelEnd.check(channel);
  }

  @Test
  void nothingLeavesBeforeTheFlush() {
    ChannelFuture written = channel.write(text("a"));
    channel.runPendingTasks();
    assertNull(channel.readOutbound());
    assertFalse(written.isDone());
    channel.flush();
    assertTrue(written.isSuccess());
    assertEquals(1, written(channel, Side.SERVER).size());
  }

  @Test
  void largeFramesStandBehindTheSmallOnesBeforeThem() {
    channel.write(text("a"));
    channel.write(binary(5000));
    channel.write(text("b"));
    channel.flush();
    List<RecordedFrames.Frame> frames =
        written(channel, Side.SERVER).stream().flatMap(List::stream).toList();
    assertEquals("a", texts(frames).get(0));
    assertEquals(5000, frames.get(1).payload().length);
    assertEquals("b", texts(frames).get(2));
  }

  @Test
  void messagesOfOthersKeepTheirPlace() {
    channel.write(text("a"));
    channel.writeAndFlush(Unpooled.copiedBuffer("raw", StandardCharsets.US_ASCII));
    ByteBuf first = channel.readOutbound();
    assertEquals(3, first.readableBytes()); // 81 01 'a'
    ByteBuf second = channel.readOutbound();
    assertEquals("raw", second.toString(StandardCharsets.US_ASCII));
    first.release();
    second.release();
  }

  @Test
  void aBurstOfAnyLengthArrivesInOrder() {
    for (int i = 0; i < 100; i++) {
      channel.write(binary(i * 10));
    }
    channel.flush();
    List<RecordedFrames.Frame> frames =
        written(channel, Side.SERVER).stream().flatMap(List::stream).toList();
    for (int i = 0; i < 100; i++) {
      assertArrayEquals(WireFrame.letters(i * 10), frames.get(i).payload());
    }
  }

  @Test
  void theChannelBecomesUnwritableNoLater() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1000));
    channel.write(binary(500));
    assertTrue(channel.isWritable());
    channel.write(binary(500));
    assertFalse(channel.isWritable());
    channel.flush();
    assertTrue(channel.isWritable());
    ChannelEnd.check(channel);
  }

  @Test
  void everyPromiseOfABufferIsFailedWithItsCause() {
    IOException broken = new IOException("Broken pipe");
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(broken);
              }
            });
    List<ChannelFuture> writes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      writes.add(channel.write(text("a")));
    }
    channel.flush();
    writes.forEach(each -> assertSame(broken, each.cause()));
  }

  @Test
  void framesWithVoidPromisesShareABufferWithOthers() {
    ChannelFuture first = channel.write(text("a"));
    channel.write(text("b"), channel.voidPromise());
    channel.write(text("c"), channel.voidPromise());
    ChannelFuture last = channel.write(text("d"));
    channel.flush();
    assertTrue(first.isSuccess());
    assertTrue(last.isSuccess());
    assertEquals(4, written(channel, Side.SERVER).stream().flatMap(List::stream).toList().size());
  }

  @Test
  void whatWasNotFlushedFailsWhenTheChannelIsClosed() {
    ChannelFuture unflushed = channel.write(text("a"));
    ChannelFuture another = channel.write(text("b"));
    channel.close();
    assertInstanceOf(ClosedChannelException.class, unflushed.cause());
    assertInstanceOf(ClosedChannelException.class, another.cause());
  }

  @Test
  void aWriteThatFailsFailsEachFrameInIt() {
    IOException failure = new IOException("no route");
    AtomicBoolean isBroken = new AtomicBoolean();
    ChannelOutboundHandlerAdapter network =
        new ChannelOutboundHandlerAdapter() {
          @Override
          public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (isBroken.get()) {
              ReferenceCountUtil.release(message);
              promise.setFailure(failure);
            } else {
              ctx.write(message, promise);
            }
          }
        };
    EmbeddedChannel channel = new EmbeddedChannel(network, new WebSocketFrameCodec(Side.SERVER));
    for (int i = 0; i < 4; i++) { // several in one flush make the next ones leave in one buffer
      channel.write(text("gathered"));
    }
    channel.flush();
    isBroken.set(true);
    List<ChannelFuture> frames =
        List.of(channel.write(text("a")), channel.write(text("b")), channel.write(text("c")));
    channel.flush();
    frames.forEach(each -> assertSame(failure, each.cause()));
    ChannelEnd.check(channel);
  }

  @Test
  void whatWasNotFlushedFailsWhenTheConnectionIsLost() {
    ChannelFuture unflushed = channel.write(text("a"));
    channel.pipeline().firstContext().close(); // the codec hears only of the end
    assertInstanceOf(ClosedChannelException.class, unflushed.cause());
  }

  @Test
  void aCodecThatIsRemovedHandsOnWhatItHas() {
    ChannelFuture written = channel.write(text("a"));
    channel.pipeline().remove(codec);
    channel.flush();
    assertTrue(written.isSuccess());
    assertEquals(List.of("a"), texts(written(channel, Side.SERVER).get(0)));
  }

  @Test
  void whatAListenerWritesStandsBehind() {
    ChannelFuture written = channel.write(text("a"));
    written.addListener(done -> channel.writeAndFlush(text("c")));
    channel.write(text("b"));
    channel.flush();
    assertEquals(
        List.of("a", "b", "c"),
        texts(written(channel, Side.SERVER).stream().flatMap(List::stream).toList()));
  }

  @Test
  void aGatheredFrameCannotBeCancelled() {
    ChannelFuture written = channel.write(text("a"));
    assertFalse(written.cancel(false));
    channel.flush();
    assertTrue(written.isSuccess());
    assertEquals(1, written(channel, Side.SERVER).size());
  }

  @ParameterizedTest
  @EnumSource
  void framesThatAreFlushedOneByOneLeaveInOneBufferAfterAnother(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    ByteBuf first = null;
    for (int length : new int[] {0, 1, 125, 126, 1024}) {
      channel.writeOutbound(binary(length));
      ByteBuf frame = (ByteBuf) channel.outboundMessages().peek();
      first = first == null ? frame : first;
      assertSame(first, frame); // nobody holds it any more
      assertArrayEquals(WireFrame.letters(length), written(channel, side).get(0).get(0).payload());
    }
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void whoHoldsAFrameFindsItUnchangedWhenOthersWereWritten(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    EmbeddedChannel another = new EmbeddedChannel(new WebSocketFrameCodec(side));
    channel.writeOutbound(text("first"));
    ByteBuf held = channel.readOutbound();
    byte[] before = ByteBufUtil.getBytes(held);
    another.writeOutbound(text("second"));
    channel.writeOutbound(text("third"));
    assertArrayEquals(before, ByteBufUtil.getBytes(held));
    assertEquals(List.of("second"), texts(written(another, side).get(0)));
    assertEquals(List.of("third"), texts(written(channel, side).get(0)));
    ByteBuf slice = held.retainedSlice();
    held.release();
    channel.writeOutbound(text("fourth"));
    assertArrayEquals(before, ByteBufUtil.getBytes(slice));
    slice.release();
    assertEquals(List.of("fourth"), texts(written(channel, side).get(0)));
    ChannelEnd.check(channel);
    ChannelEnd.check(another);
  }

  @Test
  void headersThatLeaveWithTheirPayloadsAreNotMixedUp() {
    for (int i = 0; i < 3; i++) {
      ByteBuf payload = Unpooled.directBuffer(5000 + i).writeBytes(WireFrame.letters(5000 + i));
      channel.write(new BinaryWebSocketFrame(payload));
    }
    channel.flush();
    RecordedFrames frames = allWritten(channel, Side.SERVER);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(WireFrame.letters(5000 + i), frames.frames().get(i).payload());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1024, 1025, 5000, 1 << 20})
  void noFrameCanBeCancelledOnceItIsWrittenOrItsRestWouldBeReadAsAnother(int bytes) {
    for (Side side : Side.values()) {
      EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
      ByteBuf payload = Unpooled.directBuffer(bytes).writeBytes(WireFrame.letters(bytes));
      ChannelFuture written = channel.write(new BinaryWebSocketFrame(payload));
      assertFalse(written.cancel(false));
      channel.writeAndFlush(text("behind"));
      RecordedFrames frames = allWritten(channel, side);
      assertEquals(2, frames.frames().size());
      assertArrayEquals(WireFrame.letters(bytes), frames.frames().get(0).payload());
      ChannelEnd.check(channel);
    }
  }

  @Test
  void whatWasCancelledBeforeIsNotSentAndCountsAsNoPartOfAMessage() {
    ChannelPromise cancelled = channel.newPromise();
    cancelled.cancel(false);
    ByteBuf payload = Unpooled.buffer(1).writeByte('a');
    codec.write(
        channel.pipeline().context(codec), new TextWebSocketFrame(false, 0, payload), cancelled);
    assertEquals(0, payload.refCnt());
    channel.writeAndFlush(text("b"));
    assertEquals(List.of("b"), texts(written(channel, Side.SERVER).get(0)));
  }

  @ParameterizedTest
  @EnumSource
  void ownedPayloadsAreNotCopied(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    ByteBuf payload = OwnedFrames.buffer(channel.alloc(), 5000);
    payload.writeBytes(WireFrame.letters(5000));
    channel.writeOutbound(OwnedFrames.binary(payload));
    assertSame(payload, channel.outboundMessages().peek());
    List<RecordedFrames.Frame> frames = written(channel, side).get(0);
    assertEquals(Opcode.BINARY, frames.get(0).opcode());
    assertArrayEquals(WireFrame.letters(5000), frames.get(0).payload());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void aSmallOwnedPayloadIsNotCopiedIfItIsFlushedAlone(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    for (int i = 0; i < 3; i++) {
      ByteBuf payload = OwnedFrames.buffer(channel.alloc(), 125);
      payload.writeBytes(WireFrame.letters(125));
      channel.writeOutbound(OwnedFrames.text(payload));
      assertSame(payload, channel.outboundMessages().peek());
      assertArrayEquals(WireFrame.letters(125), written(channel, side).get(0).get(0).payload());
    }
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void smallOwnedPayloadsAreGatheredLikeOthers(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    for (int flush = 0; flush < 3; flush++) {
      for (int length : new int[] {0, 1, 30, 200, 1024}) {
        ByteBuf payload = OwnedFrames.buffer(channel.alloc(), length);
        channel.write(OwnedFrames.binary(payload.writeBytes(WireFrame.letters(length))));
      }
      channel.flush();
      List<List<RecordedFrames.Frame>> buffers = written(channel, side);
      assertTrue(flush < 2 || buffers.size() == 1, "bursts are known by then: " + buffers.size());
      assertEquals(
          List.of(0, 1, 30, 200, 1024),
          buffers.stream().flatMap(List::stream).map(frame -> frame.payload().length).toList());
    }
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void anOwnedPayloadThatOthersHoldStaysAsItIs(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    ByteBuf payload = OwnedFrames.buffer(channel.alloc(), 5000);
    payload.writeBytes(WireFrame.letters(5000));
    ByteBuf held = payload.retainedSlice();
    channel.writeOutbound(OwnedFrames.text(payload));
    assertEquals(
        new String(WireFrame.letters(5000), StandardCharsets.US_ASCII),
        held.toString(StandardCharsets.US_ASCII));
    held.release();
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void anOwnedPayloadThatIsReadOnlyIsWrittenLikeAnyOther(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    ByteBuf payload = OwnedFrames.buffer(channel.alloc(), 5000);
    payload.writeBytes(WireFrame.letters(5000));
    channel.writeOutbound(OwnedFrames.binary(payload.asReadOnly()));
    RecordedFrames frames = allWritten(channel, side);
    assertArrayEquals(WireFrame.letters(5000), frames.frames().get(0).payload());
    ChannelEnd.check(channel);
  }

  @ParameterizedTest
  @EnumSource
  void anOwnedPayloadWithoutRoomIsWrittenLikeAnyOther(Side side) {
    EmbeddedChannel channel = new EmbeddedChannel(new WebSocketFrameCodec(side));
    ByteBuf payload = Unpooled.copiedBuffer(WireFrame.letters(5000));
    channel.writeOutbound(OwnedFrames.binary(false, payload));
    ByteBuf more = OwnedFrames.buffer(channel.alloc(), 10).writeBytes(WireFrame.letters(10));
    channel.writeOutbound(OwnedFrames.continuation(true, more));
    RecordedFrames frames = allWritten(channel, side);
    assertArrayEquals(WireFrame.letters(5000), frames.frames().get(0).payload());
    assertArrayEquals(WireFrame.letters(10), frames.frames().get(1).payload());
    assertTrue(frames.frames().get(1).fin());
    ChannelEnd.check(channel);
  }

  @Test
  void aCopyOfAnOwnedFrameIsAnOrdinaryOne() {
    WebSocketFrame owned = OwnedFrames.text(true, Unpooled.buffer(20).setIndex(14, 20));
    assertTrue(OwnedFrames.mayPrepend(owned, 14));
    WebSocketFrame copy = owned.copy();
    assertFalse(OwnedFrames.mayPrepend(copy, 0));
    assertFalse(OwnedFrames.mayPrepend(owned.retainedDuplicate(), 0));
    owned.release(2);
    copy.release();
  }
}
