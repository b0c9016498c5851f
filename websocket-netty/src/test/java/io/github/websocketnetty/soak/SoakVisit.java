package io.github.websocketnetty.soak;

import io.github.websocketnetty.BlockingConnection;
import io.github.websocketnetty.Connection;
import io.github.websocketnetty.Message;
import io.github.websocketnetty.MessageType;
import io.github.websocketnetty.MessageWriter;
import io.github.websocketnetty.handler.ClientHandshakeOptions;
import io.github.websocketnetty.protocol.ConnectionState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A client that comes, does a few things by chance, and goes in one of many ways. */
final class SoakVisit {
  /** What the schedule of the visits decides. */
  record Terms(int longestStayMillis, SoakThreads threads) {}

  private static final String[] TALKING = {"/echo", "/echo", "/blocking", "/streaming"};
  private static final int END_SECONDS = 60;

  private final SoakServer at;
  private final SplittableRandom random;
  private final SoakTally tally;
  private final Terms terms;
  private final String path;
  private final boolean isBlocking;
  private boolean isExpectedToEnd;

  SoakVisit(SoakServer at, SplittableRandom random, SoakTally tally, Terms terms) {
    this.at = at;
    this.random = random;
    this.tally = tally;
    this.terms = terms;
    int kind = random.nextInt(20);
    path =
        switch (kind) {
          case 0 -> "/brief";
          case 1 -> "/failing";
          case 2 -> "/deaf";
          case 3, 4, 5 -> "/rooms/" + random.nextInt(100);
          default -> TALKING[random.nextInt(TALKING.length)];
        };
    isBlocking = kind > 5 && random.nextInt(6) == 0;
  }

  /** Returns a future that completes when the visit is over, whatever came of it. */
  CompletableFuture<Void> start() {
    ClientHandshakeOptions.Builder handshake =
        ClientHandshakeOptions.builder(at.uri(path)).openTimeout(Duration.ofSeconds(60));
    if (random.nextBoolean()) {
      handshake.compression(null);
    }
    return at.client
        .connect(handshake.build())
        .thenCompose(this::visit)
        .exceptionally(this::failed);
  }

  private Void failed(Throwable failure) {
    tally.failed("visit of " + path, failure);
    return null;
  }

  private CompletableFuture<Void> visit(Connection connection) {
    tally.opened();
    CompletableFuture<Void> over =
        isBlocking
            ? CompletableFuture.runAsync(
                () -> talk(connection.blocking()), terms.threads().executor())
            : act(connection);
    return over.handle((done, failure) -> checked(connection, failure))
        .thenCompose(ignored -> stay())
        .thenRun(() -> leave(connection))
        .thenCompose(ignored -> closed(connection));
  }

  private Void checked(Connection connection, Throwable failure) {
    if (failure != null && !(isExpectedToEnd && SoakTally.isEnd(failure))) {
      tally.failed("talk at " + path + " in " + connection, failure);
    }
    return null;
  }

  private CompletableFuture<Void> act(Connection connection) {
    if (path.startsWith("/rooms")) {
      return chat(connection);
    }
    return switch (path) {
      case "/deaf" -> flood(connection);
      case "/brief", "/failing" -> provoke(connection);
      default -> talk(connection, 1 + random.nextInt(4));
    };
  }

  /** Sends some messages at once, receives their echoes one by one; and again. */
  private CompletableFuture<Void> talk(Connection connection, int rounds) {
    SoakTalk talk = new SoakTalk(connection, random, tally, terms.threads());
    List<Message> messages = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      Message message = SoakData.message(random);
      messages.add(message);
      tally.awaited(talk.send(message, i == 0));
    }
    CompletableFuture<Void> received = CompletableFuture.completedFuture(null);
    for (Message message : messages) {
      received = received.thenCompose(done -> talk.receive(message));
    }
    if (random.nextInt(4) == 0) {
      tally.awaited(connection.pong());
      CompletableFuture<Duration> pinged = tally.awaited(connection.ping());
      received = received.thenCombine(pinged, (done, latency) -> null);
    }
    return rounds == 1 ? received : received.thenCompose(done -> talk(connection, rounds - 1));
  }

  private void talk(BlockingConnection ws) {
    for (int i = random.nextInt(8); i >= 0; i--) {
      Message message = SoakData.message(random);
      if (random.nextInt(4) == 0) {
        try (BlockingConnection.Writer writer = ws.sendStreaming(MessageType.BINARY)) {
          writer.write(message.bytes());
          writer.finish();
        }
      } else {
        ws.send(message);
      }
      byte[] echo = random.nextInt(4) == 0 ? readAll(ws) : ws.recvBytes();
      SoakTalk.assertEcho(message.bytes(), echo);
      tally.message(echo.length);
    }
    ws.ping();
  }

  private static byte[] readAll(BlockingConnection ws) {
    try (BlockingConnection.Reader reader = ws.recvStreaming()) {
      return reader.asInputStream().readAllBytes();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Says a few things in a room and hears what it hears; who is slow may be sent away. */
  private CompletableFuture<Void> chat(Connection connection) {
    isExpectedToEnd = true;
    tally.awaited(connection.forEach(message -> tally.message(message.size())));
    for (int i = random.nextInt(3); i >= 0; i--) {
      tally.awaited(connection.send("x".repeat(1 + random.nextInt(2000))));
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Sends to someone who does not read until sends wait, and leaves it so. */
  private CompletableFuture<Void> flood(Connection connection) {
    isExpectedToEnd = true;
    byte[] data = new byte[30_000];
    new java.util.Random(random.nextLong()).nextBytes(data);
    boolean isHeldBack = false;
    for (int i = 0; i < 40 && !isHeldBack; i++) {
      isHeldBack = !tally.awaited(connection.send(data)).isDone() && i > 20;
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Says something at which the server ends the connection. */
  private CompletableFuture<Void> provoke(Connection connection) {
    isExpectedToEnd = true;
    tally.awaited(connection.send("bye".repeat(1 + random.nextInt(100))));
    return connection.waitClosed();
  }

  private CompletableFuture<Void> stay() {
    CompletableFuture<Void> stayed = new CompletableFuture<>();
    ScheduledExecutorService clock = terms.threads().clock();
    long millis = random.nextInt(4) == 0 ? random.nextInt(terms.longestStayMillis()) : 0;
    clock.schedule(() -> stayed.complete(null), millis, TimeUnit.MILLISECONDS);
    return stayed;
  }

  private void leave(Connection connection) {
    switch (random.nextInt(12)) {
      case 0 -> tally.awaited(connection.close(4000 + random.nextInt(1000), "has to go"));
      case 1 -> cut(connection, true);
      case 2 -> cut(connection, false);
      case 3 -> tally.awaited(connection.send(new byte[SoakServer.MAX_MESSAGE + 1]));
      case 4 -> tally.awaited(connection.sendText(new byte[] {'a', (byte) 0xFF}));
      case 5 -> abandon(connection);
      case 6 -> writeNonsense(connection);
      case 7 -> {
        tally.awaited(connection.recv()); // ends with the connection
        tally.awaited(connection.send("and then"));
        tally.awaited(connection.close());
      }
      default -> tally.awaited(connection.close());
    }
    // What fails the connection at a server that does not read, or not this, fails nothing.
    CompletableFuture<Void> closed = connection.waitClosed();
    terms
        .threads()
        .clock()
        .schedule(() -> closed.isDone() ? null : connection.close(), 2, TimeUnit.SECONDS);
  }

  private static void cut(Connection connection, boolean reset) {
    ChannelHandlerContext first = connection.channel().pipeline().firstContext();
    if (first == null) {
      return;
    }
    try {
      if (reset) {
        connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      }
    } catch (ChannelException closed) {
      return;
    }
    first.close();
  }

  private void abandon(Connection connection) {
    MessageWriter writer = connection.sendStreaming(MessageType.TEXT);
    tally.awaited(writer.write("half of "));
    writer.abort();
  }

  private void writeNonsense(Connection connection) {
    ChannelHandlerContext first = connection.channel().pipeline().firstContext();
    if (first != null) {
      ByteBuf nonsense = first.alloc().buffer().writeLong(random.nextLong() | 0x70L << 56);
      first.writeAndFlush(nonsense);
    }
  }

  private CompletableFuture<Void> closed(Connection connection) {
    return connection
        .waitClosed()
        .orTimeout(END_SECONDS, TimeUnit.SECONDS)
        .handle(
            (done, failure) -> {
              if (failure != null || connection.state() != ConnectionState.CLOSED) {
                tally.failed("not closed after " + path + ": " + connection, failure);
              }
              int code = connection.closeCode().orElse(0);
              tally.closed(code < 4000 ? String.valueOf(code) : "4xxx");
              return null;
            });
  }
}
