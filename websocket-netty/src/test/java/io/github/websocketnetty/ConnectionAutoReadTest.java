package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.ReadingTransport;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection on a channel that others never read, because they switched auto-read off. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass(name = "{0} deflate={1}")
@MethodSource("kinds")
class ConnectionAutoReadTest {
  private static final DeflateAgreement DEFLATE = new DeflateAgreement(true, true, 6, 64);

  @Parameter(0)
  Side side;

  @Parameter(1)
  boolean deflate;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ReadingTransport transport = new ReadingTransport();
  private Connection connection;

  static Stream<Arguments> kinds() {
    return Stream.of(Side.values())
        .flatMap(side -> Stream.of(Arguments.of(side, false), Arguments.of(side, true)));
  }

  private void open(boolean autoRead) {
    channel.freezeTime();
    channel.config().setAutoRead(autoRead);
    channel.pipeline().addLast(transport);
    ConnectionOptions options = ConnectionOptions.defaults();
    options.pipeline(side).addLast(channel.pipeline(), deflate ? DEFLATE : null);
    connection = Connections.attach(channel.pipeline(), side, options);
  }

  private void peerSendsTexts(int from, int to) {
    transport.arrives(IntStream.range(from, to).mapToObj(i -> text("" + i)).toArray(byte[][]::new));
    channel.runPendingTasks();
  }

  private byte[] text(String text) {
    return WireFrame.text(side == Side.SERVER, text);
  }

  private int waiting() {
    return ((ChannelConnection) connection).queue().frames();
  }

  @AfterEach
  void end() {
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.finishAndReleaseAll();
  }

  @Test
  void connectionReadsByItself() {
    open(false);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<String> received = connection.recvText();
      peerSendsTexts(i, i + 1);
      assertEquals("" + i, value(received));
    }
    assertFalse(channel.config().isAutoRead(), "somebody else's auto-read");
  }

  @Test
  void loopReceivesManyMessagesOfOneReadAndOfManyReads() {
    open(false);
    List<String> received = new ArrayList<>();
    connection.forEach(message -> received.add(((TextMessage) message).text()));
    peerSendsTexts(0, 1000);
    for (int i = 1000; i < 1100; i++) {
      peerSendsTexts(i, i + 1);
    }
    assertEquals(IntStream.range(0, 1100).mapToObj(i -> "" + i).toList(), received);
  }

  @Test
  void messageThatArrivesInPiecesIsReadToItsEnd() {
    open(false);
    CompletableFuture<String> received = connection.recvText();
    byte[] frame = text("hello");
    for (byte piece : frame) {
      transport.arrives(new byte[] {piece});
    }
    assertEquals("hello", value(received));
  }

  @Test
  void pingsAndPongsBetweenMessagesDoNotStopTheReading() {
    open(false);
    boolean masked = side == Side.SERVER;
    transport.arrives(WireFrame.of(Opcode.PING, masked, new byte[1]));
    transport.arrives(WireFrame.of(Opcode.PONG, masked, new byte[1]));
    transport.arrives(text("behind"));
    assertEquals("behind", value(connection.recvText()));
  }

  @Test
  void handlerInFrontThatAnswersEachReadAtOnceDoesNotFillTheStack() {
    Queue<byte[]> arrived = new ArrayDeque<>();
    IntStream.range(0, 20_000).forEach(i -> arrived.add(text("" + i)));
    Answering answering = new Answering(arrived);
    channel.pipeline().addLast(answering);
    channel.config().setAutoRead(false);
    ConnectionOptions options = ConnectionOptions.defaults();
    options.pipeline(side).addLast(channel.pipeline());
    connection = Connections.attach(channel.pipeline(), side, options);
    List<String> received = new ArrayList<>();
    connection.forEach(message -> received.add(((TextMessage) message).text()));
    channel.runPendingTasks();
    assertEquals(IntStream.range(0, 20_000).mapToObj(i -> "" + i).toList(), received);
    assertTrue(answering.deepest < 5, () -> answering.deepest + " calls inside each other");
  }

  private static final class Answering extends ChannelOutboundHandlerAdapter {
    private final Queue<byte[]> arrived;
    private int depth;
    private int deepest;

    Answering(Queue<byte[]> arrived) {
      this.arrived = arrived;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      if (!arrived.isEmpty()) {
        deepest = Math.max(deepest, ++depth);
        ctx.fireChannelRead(Unpooled.copiedBuffer(arrived.poll()));
        ctx.fireChannelReadComplete();
        depth--;
      }
    }
  }

  // RECV-42, RECV-43
  @Test
  void readingPausesAndGoesOnAsItDoesWithAutoRead() {
    open(false);
    peerSendsTexts(0, 10);
    peerSendsTexts(10, 300);
    peerSendsTexts(300, 310);
    assertEquals(17, waiting());
    int reads = transport.reads();
    for (int i = 0; i < 310; i++) {
      assertEquals("" + i, value(connection.recvText()));
      channel.runPendingTasks();
      assertTrue(waiting() <= 17, "more waits than the mark allows");
    }
    assertTrue(transport.reads() > reads);
    assertFalse(channel.config().isAutoRead());
  }

  @Test
  void fragmentsAreReadByThoseWhoReceiveInFragments() {
    open(false);
    MessageReader reader = connection.recvStreaming();
    boolean masked = side == Side.SERVER;
    transport.arrives(WireFrame.of(false, 0, Opcode.BINARY, masked, new byte[100_000]));
    transport.arrives(WireFrame.of(true, 0, Opcode.CONTINUATION, masked, new byte[100_000]));
    int length = 0;
    for (Fragment part = null; part == null || !part.isLast(); ) {
      part = value(reader.next());
      length += part.bytes().length;
      channel.runPendingTasks();
    }
    assertEquals(200_000, length);
  }

  @Test
  void closingHandshakeIsReadToItsEnd() {
    open(false);
    CompletableFuture<Void> closed = connection.close();
    transport.arrives(text("late"), WireFrame.close(side == Side.SERVER, 1000, ""));
    channel.runPendingTasks();
    end(); // the server's TCP is over already
    value(closed);
    assertEquals(1000, connection.closeCode().orElseThrow());
  }

  @Test
  void autoReadIsLeftAsItWasFoundWhenTheHandlerOfTheConnectionGoes() {
    for (boolean autoRead : new boolean[] {true, false}) {
      EmbeddedChannel other = new EmbeddedChannel();
      other.config().setAutoRead(autoRead);
      ConnectionOptions options = ConnectionOptions.builder().maxQueue(0).build();
      options.pipeline(side).addLast(other.pipeline());
      Connections.attach(other.pipeline(), side, options);
      other.writeInbound(Unpooled.copiedBuffer(text("fills the queue")));
      assertFalse(other.config().isAutoRead());
      other.pipeline().remove(ConnectionHandler.class);
      assertEquals(autoRead, other.config().isAutoRead());
      other.pipeline().firstContext().close();
      other.finishAndReleaseAll();
    }
    open(true);
  }
}
