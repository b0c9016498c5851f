package io.github.websocketnetty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Races about the send gate: others send and cancel, its event loop writes, closes and ends. */
final class SendRaces {
  private SendRaces() {}

  /** A send that comes while the connection ends: written, or it fails. */
  static final class EndAndSend extends GateRace {
    private CompletableFuture<Void> send;

    @Override
    void first() {
      loop.run(() -> gate.end(QueueFixture.closedWell()));
    }

    @Override
    void second() {
      send = send("a");
    }

    @Override
    String seen() {
      return of(send) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done [a]", "closed []");
    }
  }

  /** A send that comes while we close: written before the close frame, or it fails at the end. */
  static final class CloseAndSend extends GateRace {
    private CompletableFuture<Void> send;

    @Override
    void first() {
      loop.run(
          () -> {
            gate.beginClose();
            written.add("close");
          });
    }

    @Override
    void second() {
      send = send("a");
    }

    @Override
    String seen() {
      gate.end(QueueFixture.closedWell());
      return of(send) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done [a, close]", "closed [close]");
    }
  }

  /** What one thread sends keeps its order, whatever the event loop sends. */
  static final class SendsInOrder extends GateRace {
    @Override
    void first() {
      loop.run(() -> send("0"));
    }

    @Override
    void second() {
      send("1");
      send("2");
    }

    @Override
    String seen() {
      return written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("[0, 1, 2]", "[1, 0, 2]", "[1, 2, 0]");
    }
  }

  /** Two threads, and room for one of their messages. */
  static final class TwoSenders extends GateRace {
    private CompletableFuture<Void> one;
    private CompletableFuture<Void> other;

    TwoSenders() {
      super(ConnectionOptions.builder().maxPendingSendBytes(3).build());
    }

    @Override
    void first() {
      one = send("aa");
    }

    @Override
    void second() {
      other = send("bb");
    }

    @Override
    String seen() {
      return of(one) + " " + of(other) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done full [aa]", "full done [bb]");
    }
  }

  /** A send is cancelled while it is written: the message goes anyway, and its room is free. */
  static final class WriteAndCancel extends CancelRace {
    WriteAndCancel() {
      super(true);
    }

    @Override
    void first() {
      loop.run(() -> {});
    }

    @Override
    Set<String> allowed() {
      return Set.of("done [a]", "cancelled [a]");
    }
  }

  /** A send that waits for room is cancelled while the connection ends. */
  static final class EndAndCancel extends CancelRace {
    EndAndCancel() {
      super(false);
    }

    @Override
    void first() {
      loop.run(() -> gate.end(QueueFixture.closedWell()));
    }

    @Override
    Set<String> allowed() {
      return Set.of("closed []", "cancelled []");
    }
  }

  /** A message in fragments ends while the connection does: no write is left without an answer. */
  static final class EndAndFinish extends GateRace {
    private final MessageWriter writer = gate.writer(MessageType.TEXT);
    private CompletableFuture<Void> fragment;
    private CompletableFuture<Void> finish;

    EndAndFinish() {
      loop.runAndLeave(() -> writer.write("a"));
    }

    @Override
    void first() {
      loop.run(() -> gate.end(QueueFixture.closedWell()));
    }

    @Override
    void second() {
      fragment = writer.write("b");
      finish = writer.finish();
    }

    @Override
    String seen() {
      return of(fragment) + " " + of(finish) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of(
          "closed closed [a+]",
          "done closed [a+, b+]",
          "done done [a+, b+, ]",
          "closed done [a+]"); // the end of a message that is over already
    }
  }

  /** The channel becomes writable while somebody sends: nobody waits for ever. */
  static final class DrainAndSend extends GateRace {
    private final CompletableFuture<Void> before;
    private CompletableFuture<Void> send;

    DrainAndSend() {
      isWritable = false;
      before = send("0");
      loop.runAndLeave(() -> {});
    }

    @Override
    void first() {
      loop.run(
          () -> {
            isWritable = true;
            gate.writabilityChanged();
          });
    }

    @Override
    void second() {
      send = send("a");
    }

    @Override
    String seen() {
      return of(before) + " " + of(send) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done done [0, a]");
    }
  }

  /** Two threads send, and there is no event loop any more. */
  static final class SendersWithoutLoop extends GateRace {
    private CompletableFuture<Void> one;
    private CompletableFuture<Void> other;

    SendersWithoutLoop() {
      loop.end();
    }

    @Override
    void first() {
      one = send("a");
    }

    @Override
    void second() {
      other = send("b");
    }

    @Override
    String seen() {
      return of(one) + " " + of(other) + " " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("rejected rejected []");
    }
  }

  /** A gate, and what it wrote. */
  private abstract static class GateRace extends Race implements SendGate.Output {
    private static final EmbeddedChannel CHANNEL = new EmbeddedChannel();

    final SendGate gate;
    final List<String> written = new ArrayList<>(2);
    volatile boolean isWritable = true;

    /** By their first letter, since a list would order the threads. */
    private final ByteBuf[] payloads = new ByteBuf[8];

    GateRace() {
      this(ConnectionOptions.defaults());
    }

    GateRace(ConnectionOptions options) {
      gate = new SendGate(options, loop, this);
    }

    CompletableFuture<Void> send(String text) {
      ByteBuf payload = Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
      payloads[text.charAt(0) % payloads.length] = payload;
      return gate.send(MessageType.TEXT, payload);
    }

    /** Returns what should be gone, in words. */
    String left() {
      String left = "";
      for (ByteBuf payload : payloads) {
        left += payload == null || payload.refCnt() == 0 ? "" : " buffer left";
      }
      return gate.pendingBytes() == 0 ? left : left + " " + gate.pendingBytes() + " bytes left";
    }

    @Override
    public ChannelFuture write(MessageType type, boolean fin, ByteBuf payload) {
      written.add(payload.toString(StandardCharsets.UTF_8) + (fin ? "" : "+"));
      payload.release();
      return new DefaultChannelPromise(CHANNEL, loop).setSuccess();
    }

    @Override
    public void writeQuietly(MessageType type, ByteBuf payload, SendOutlet outlet) {
      write(type, true, payload);
    }

    @Override
    public boolean hasRoom(int bytes) {
      return isWritable;
    }

    @Override
    public boolean isWritable() {
      return isWritable;
    }

    @Override
    public void flush() {}

    @Override
    public void fail(int closeCode, String reason, Throwable cause) {
      throw new AssertionError(reason, cause);
    }

    @Override
    public ByteBufAllocator alloc() {
      return UnpooledByteBufAllocator.DEFAULT;
    }
  }

  /** With a send that is cancelled. */
  private abstract static class CancelRace extends GateRace {
    private final CompletableFuture<Void> send;

    CancelRace(boolean isWritable) {
      this.isWritable = isWritable;
      send = send("a");
    }

    @Override
    void second() {
      send.cancel(false);
    }

    @Override
    String seen() {
      return of(send) + " " + written + left();
    }
  }
}
