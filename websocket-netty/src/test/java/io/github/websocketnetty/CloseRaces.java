package io.github.websocketnetty;

import static io.github.websocketnetty.QueueFixture.utf8;

import io.github.websocketnetty.handler.WebSocketCloseHandler;
import io.github.websocketnetty.handler.WebSocketClosed;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketKeepaliveHandler;
import io.github.websocketnetty.protocol.CloseStatus;
import io.github.websocketnetty.protocol.ConnectionState;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** Races about the end of a connection: its event loop says that it is closed, others look. */
final class CloseRaces {
  private static final WebSocketClosed END =
      new WebSocketClosed(CloseStatus.NORMAL, CloseStatus.NORMAL, true, null);

  private CloseRaces() {}

  /** Whoever waits for the end sees the state and the code of the end. */
  static final class EndAndWait extends ConnectionRace {
    private CompletableFuture<String> wait;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      wait = connection.waitClosed().handle((done, failure) -> published());
    }

    @Override
    String seen() {
      return of(wait);
    }

    @Override
    Set<String> allowed() {
      return Set.of("CLOSED 1000");
    }
  }

  /** So does a receive. */
  static final class EndAndReceive extends ConnectionRace {
    private CompletableFuture<String> receive;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      receive = connection.recv().handle((message, failure) -> word(failure) + " " + published());
    }

    @Override
    String seen() {
      return of(receive);
    }

    @Override
    Set<String> allowed() {
      return Set.of("closed CLOSED 1000");
    }
  }

  /** So does a send, if it fails. */
  static final class EndAndSend extends ConnectionRace {
    private CompletableFuture<String> send;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      send =
          connection
              .send("a")
              .handle((done, failure) -> failure == null ? "done" : word(failure) + published());
    }

    @Override
    String seen() {
      return of(send) + ", " + written + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done, 1", "closedCLOSED 1000, 0");
    }
  }

  /** Who sees that it is closed finds the code. */
  static final class EndAndLook extends ConnectionRace {
    private String look;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      ConnectionState state = connection.state();
      boolean isComplete = connection.closeCode().isPresent();
      look = state + (isComplete && connection.closeReason().isPresent() ? " complete" : "");
    }

    @Override
    String seen() {
      return look;
    }

    @Override
    Set<String> allowed() {
      return Set.of("OPEN", "OPEN complete", "CLOSED complete");
    }
  }

  /** We close while the connection ends. */
  static final class EndAndClose extends ConnectionRace {
    private CompletableFuture<Void> close;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      close = connection.close();
    }

    @Override
    String seen() {
      return of(close) + left();
    }

    @Override
    Set<String> allowed() {
      return Set.of("done");
    }
  }

  /** A thread waits for a message, and then another, while one and the end come. */
  static final class EndAndBlockingReceive extends ConnectionRace {
    private String received;

    @Override
    void first() {
      loop.run(
          () -> {
            connection.queue().put(MessageType.TEXT, true, utf8("a"));
            connection.ended(END);
          });
    }

    @Override
    void second() {
      BlockingConnection blocking = connection.blocking();
      received = blocking.recvText();
      try {
        received += blocking.recvText();
      } catch (ConnectionClosedException closed) {
        received += ", closed " + published();
      }
    }

    @Override
    String seen() {
      return received;
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, closed CLOSED 1000");
    }
  }

  /** A thread that waits no longer for a message that comes leaves it to the next receive. */
  static final class PutAndBlockingPoll extends ConnectionRace {
    private String received;

    @Override
    void first() {
      loop.run(() -> connection.queue().put(MessageType.TEXT, true, utf8("a")));
    }

    @Override
    void second() {
      try {
        received = connection.blocking().recvText(Duration.ZERO);
      } catch (TimeoutException late) {
        received = "late";
      }
    }

    @Override
    String seen() {
      return received + ", " + connection.queue().frames() + " left";
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 0 left", "late, 1 left");
    }
  }

  /** A thread that is interrupted while a message comes has it, or leaves it. */
  static final class PutAndInterrupt extends ConnectionRace {
    private volatile Thread receiver;
    private volatile boolean isOver;
    private String received;

    @Override
    void first() {
      Thread waiting = receiver;
      if (waiting != null) {
        waiting.interrupt();
      }
      isOver = true;
      loop.run(() -> connection.queue().put(MessageType.TEXT, true, utf8("a")));
    }

    @Override
    void second() {
      receiver = Thread.currentThread();
      try {
        received = connection.blocking().recvText();
      } catch (CancellationException interrupted) {
        received = "interrupted";
      }
      while (!isOver) {
        Thread.onSpinWait();
      }
      Thread.interrupted(); // is nobody else's business
    }

    @Override
    String seen() {
      return received + ", " + connection.queue().frames() + " left";
    }

    @Override
    Set<String> allowed() {
      return Set.of("a, 0 left", "interrupted, 1 left");
    }
  }

  /** A broadcast comes while one of its two connections ends: it says to whom it was sent. */
  static final class EndAndBroadcast extends ConnectionRace {
    private final ChannelConnection other = open();
    private CompletableFuture<BroadcastResult> broadcast;

    @Override
    void first() {
      loop.run(() -> connection.ended(END));
    }

    @Override
    void second() {
      broadcast = Connections.broadcast(List.of(connection, other), "a");
    }

    @Override
    String seen() {
      return of(broadcast.thenApply(EndAndBroadcast::counts)) + ", " + written + left();
    }

    private static String counts(BroadcastResult result) {
      return result.sent() + " sent, " + result.queued() + " queued, " + reasons(result);
    }

    private static List<BroadcastResult.Reason> reasons(BroadcastResult result) {
      return result.skipped().stream().map(BroadcastResult.Skipped::reason).toList();
    }

    @Override
    Set<String> allowed() {
      return Set.of("2 sent, 0 queued, [], 2", "1 sent, 0 queued, [CLOSED], 1");
    }
  }

  /** Two threads ask who it is. */
  static final class TwoAskForId extends ConnectionRace {
    private UUID one;
    private UUID other;

    @Override
    void first() {
      one = connection.id();
    }

    @Override
    void second() {
      other = connection.id();
    }

    @Override
    String seen() {
      return one.equals(other) ? "same" : "different";
    }

    @Override
    Set<String> allowed() {
      return Set.of("same");
    }
  }

  /** Connections without a transport, and what they wrote. */
  private abstract static class ConnectionRace extends Race {
    // Added one by one: with a short way to the codec, writes would not come to us.
    private static final EmbeddedChannel CHANNEL =
        new EmbeddedChannel(
            new WebSocketFrameCodec(Side.SERVER),
            new WebSocketCloseHandler(Side.SERVER, Duration.ZERO),
            new WebSocketKeepaliveHandler(Duration.ZERO, Duration.ZERO));

    final ChannelConnection connection = open();
    int written;

    final ChannelConnection open() {
      ChannelConnection opened =
          new ChannelConnection(
              CHANNEL,
              Side.SERVER,
              ConnectionOptions.defaults(),
              null,
              new ConnectionPort(CHANNEL.pipeline()));
      opened.attached(context(), null);
      return opened;
    }

    /** Returns what the connection says of itself. */
    final String published() {
      return connection.state() + " " + connection.closeCode().orElse(0);
    }

    /** Returns what should be gone, in words. Buffers are counted by whoever runs the races. */
    final String left() {
      return connection.gate().pendingBytes() == 0 ? "" : " bytes left";
    }

    /** The channel is that of all, the event loop is ours. */
    private ChannelHandlerContext context() {
      return (ChannelHandlerContext)
          Proxy.newProxyInstance(
              ChannelHandlerContext.class.getClassLoader(),
              new Class<?>[] {ChannelHandlerContext.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "executor" -> loop;
                    case "channel" -> CHANNEL;
                    case "alloc" -> ByteBufAllocator.DEFAULT;
                    case "flush" -> proxy;
                    case "write", "writeAndFlush" -> write(arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }

    private Object write(Object message) {
      written++;
      ReferenceCountUtil.release(message);
      return new DefaultChannelPromise(CHANNEL, loop).setSuccess();
    }
  }
}
