package io.github.websocketnetty;

import io.github.websocketnetty.support.ChannelEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a gate did: {@code text:a} and {@code binary:a} for whole messages, with {@code +} behind
 * for a first fragment, {@code more:a+} and {@code more:a} for the others, {@code flush}, and
 * {@code fail 1011 why}. Writes stay pending until the test ends them.
 */
final class RecordedOutput implements SendGate.Output {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventExecutor loop;
  private final List<String> events = new ArrayList<>();
  private final List<ChannelPromise> writes = new ArrayList<>();

  boolean isWritable = true;

  /** Writes that stop the channel from being writable, counted down. */
  int writesUntilFull = Integer.MAX_VALUE;

  /** Whether writes that nobody waits for are possible; they are not among {@link #written}. */
  boolean isQuiet = true;

  /** If not null the next write throws it, or fails with it. */
  RuntimeException thrownByWrite;

  Throwable failureOfWrite;
  Runnable onWrite = () -> {};
  Runnable onFlush = () -> {};
  Throwable cause;

  RecordedOutput(EventExecutor loop) {
    this.loop = loop;
  }

  /** Fails if something was thrown that the channel was told of. */
  void check() {
    ChannelEnd.check(channel);
  }

  /** Returns what happened since the last call. */
  List<String> takeEvents() {
    List<String> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  /** Returns the write with this number, from 0. */
  ChannelPromise written(int number) {
    return writes.get(number);
  }

  @Override
  public boolean hasRoom(int bytes) {
    return isQuiet && isWritable && writesUntilFull > 1;
  }

  @Override
  public void writeQuietly(MessageType type, ByteBuf payload, SendOutlet outlet) {
    record(type, true, payload);
    if (failureOfWrite != null) {
      outlet.lost(failureOfWrite);
    }
    onWrite.run();
  }

  @Override
  public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload) {
    record(type, fin, payload);
    ChannelPromise promise = new DefaultChannelPromise(channel, loop);
    writes.add(promise);
    if (failureOfWrite != null) {
      promise.setFailure(failureOfWrite);
    }
    onWrite.run();
    return promise;
  }

  private void record(MessageType type, boolean fin, ByteBuf payload) {
    String name = type == null ? "more" : type.name().toLowerCase(Locale.ROOT);
    events.add(name + ":" + payload.toString(StandardCharsets.UTF_8) + (fin ? "" : "+"));
    payload.release();
    if (thrownByWrite != null) {
      throw thrownByWrite;
    }
    if (--writesUntilFull <= 0) {
      isWritable = false;
    }
  }

  @Override
  public void flush() {
    events.add("flush");
    onFlush.run();
  }

  @Override
  public boolean isWritable() {
    return isWritable;
  }

  @Override
  public void fail(int closeCode, String reason, Throwable cause) {
    events.add("fail " + closeCode + " " + reason);
    this.cause = cause;
  }

  @Override
  public ByteBufAllocator alloc() {
    return UnpooledByteBufAllocator.DEFAULT;
  }
}
