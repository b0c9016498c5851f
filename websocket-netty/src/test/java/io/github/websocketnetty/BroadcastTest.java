package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.websocketnetty.BroadcastResult.Reason;
import io.github.websocketnetty.BroadcastResult.Skipped;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A message to two connections of a server, or of a client, on their event loop. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class BroadcastTest {
  private static final Message MESSAGE = TextMessage.of("to all");
  private static final int MUCH = 200_000;

  private final ConnectionFixture first;
  private final ConnectionFixture second;

  BroadcastTest(Side side) {
    ConnectionOptions options = ConnectionOptions.builder().maxPendingSendBytes(MUCH).build();
    first = new ConnectionFixture(side, options);
    second = new ConnectionFixture(side, options);
  }

  @AfterEach
  void end() {
    first.end();
    second.end();
  }

  private List<Connection> both() {
    return List.of(first.connection, second.connection);
  }

  private BroadcastResult broadcast(SlowReceivers slow) {
    return value(Connections.broadcast(both(), MESSAGE, slow));
  }

  private static Skipped onlySkipped(BroadcastResult result) {
    assertEquals(1, result.skipped().size());
    return result.skipped().get(0);
  }

  private void assertSkipped(Reason reason, BroadcastResult result) {
    assertEquals(1, result.sent());
    assertEquals(0, result.queued());
    assertEquals(new Skipped(first.connection, reason, null), onlySkipped(result));
    second.assertSent(true, Opcode.TEXT, "to all");
  }

  // SRV-01, SRV-02
  @Test
  void textReachesAll() {
    BroadcastResult result = value(Connections.broadcast(both(), "grüß"));
    assertEquals(new BroadcastResult(2, 0, List.of()), result);
    first.assertSent(true, Opcode.TEXT, "grüß");
    second.assertSent(true, Opcode.TEXT, "grüß");
  }

  // SRV-01, SRV-02
  @Test
  void binaryReachesAll() {
    byte[] payload = new byte[70_000];
    payload[69_999] = 1;
    BroadcastResult result = value(Connections.broadcast(both(), BinaryMessage.of(payload)));
    assertEquals(List.of(), result.skipped());
    first.assertSent(true, Opcode.BINARY, payload);
    second.assertSent(true, Opcode.BINARY, payload);
  }

  // SRV-01
  @Test
  void broadcastToNobodyIsDoneAtOnce() {
    assertEquals(
        new BroadcastResult(0, 0, List.of()), value(Connections.broadcast(List.of(), MESSAGE)));
  }

  // SRV-01
  @Test
  void connectionThatOccursTwiceGetsTwo() {
    List<Connection> twice = List.of(first.connection, first.connection);
    assertEquals(2, value(Connections.broadcast(twice, MESSAGE)).sent());
    first.assertSent(true, Opcode.TEXT, "to all");
    first.assertSent(true, Opcode.TEXT, "to all");
    first.assertNothingSent();
  }

  // SRV-02
  @Test
  void whatCannotBeSentIsRefusedBeforeAnythingIs() {
    List<Connection> connections = both();
    assertThrows(
        IllegalArgumentException.class, () -> Connections.broadcast(connections, "\uD83D"));
    assertThrows(
        NullPointerException.class, () -> Connections.broadcast(connections, (String) null));
    assertThrows(
        NullPointerException.class, () -> Connections.broadcast(connections, (Message) null));
    assertThrows(
        NullPointerException.class, () -> Connections.broadcast(connections, MESSAGE, null));
    first.assertNothingSent();
  }

  // SRV-03
  @Test
  void closedConnectionIsSkipped() {
    first.tcpIsLost();
    assertSkipped(Reason.CLOSED, broadcast(SlowReceivers.QUEUE));
  }

  // SRV-03
  @Test
  void closingConnectionIsSkipped() {
    first.connection.close();
    assertSkipped(Reason.CLOSED, broadcast(SlowReceivers.QUEUE));
    first.assertSentClose(1000, "");
    first.assertNothingSent();
  }

  // SRV-03
  @Test
  void connectionThatItsPeerIsClosingIsSkipped() {
    first.peerSends(first.close(1000, ""));
    assertSkipped(Reason.CLOSED, broadcast(SlowReceivers.QUEUE));
    first.assertSentClose(1000, "");
    first.assertNothingSent();
  }

  /** Fails what is written. */
  private static final class Broken extends ChannelDuplexHandler {
    private final RuntimeException cause = new IllegalStateException("broken");

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (message instanceof ByteBuf) {
        ((ByteBuf) message).release();
      }
      ctx.pipeline().remove(this); // the close frame may pass
      promise.tryFailure(cause);
    }
  }

  // SRV-04
  @Test
  void connectionThatCannotWriteFailsWithoutHarmingTheOthers() {
    Broken broken = new Broken();
    first.channel.pipeline().addFirst(broken);
    BroadcastResult result = broadcast(SlowReceivers.QUEUE);
    assertEquals(1, result.sent());
    assertEquals(new Skipped(first.connection, Reason.FAILED, broken.cause), onlySkipped(result));
    second.assertSent(true, Opcode.TEXT, "to all");
    first.assertSentClose(1011, "error while sending");
  }

  // SRV-05, SEND-23
  @Test
  void connectionInsideAFragmentedMessageIsSkippedIfItShallNotWait() {
    MessageWriter writer = first.connection.sendStreaming(MessageType.TEXT);
    writer.write("a");
    assertSkipped(Reason.FRAGMENTED, broadcast(SlowReceivers.SKIP));
    assertEquals(Reason.FRAGMENTED, onlySkipped(broadcast(SlowReceivers.CLOSE)).reason());
    writer.finish();
    first.assertSent(false, Opcode.TEXT, "a");
    first.assertSent(true, Opcode.CONTINUATION, "");
    first.assertNothingSent();
  }

  // SRV-05, SEND-23
  @Test
  void broadcastStandsBehindAFragmentedMessageIfItMayWait() {
    MessageWriter writer = first.connection.sendStreaming(MessageType.TEXT);
    writer.write("a");
    assertEquals(new BroadcastResult(1, 1, List.of()), broadcast(SlowReceivers.QUEUE));
    writer.finish();
    first.assertSent(false, Opcode.TEXT, "a");
    first.assertSent(true, Opcode.CONTINUATION, "");
    first.assertSent(true, Opcode.TEXT, "to all");
  }

  private void fillFirst() {
    first.peerStopsReading();
    assertFalse(first.connection.send(new byte[MUCH]).isDone());
  }

  // SRV-06
  @Test
  void broadcastWaitsForASlowConnection() {
    fillFirst();
    assertEquals(new BroadcastResult(1, 1, List.of()), broadcast(SlowReceivers.QUEUE));
    second.assertSent(true, Opcode.TEXT, "to all");
    first.peerReadsAgain();
    first.assertSent(true, Opcode.BINARY, new byte[MUCH]);
    first.assertSent(true, Opcode.TEXT, "to all");
  }

  @Test
  void messageBeyondTheWriteLimitIsSentIfNothingStandsBeforeIt() {
    first.peerStopsReading();
    Message much = BinaryMessage.of(new byte[MUCH]);
    assertEquals(
        new BroadcastResult(2, 0, List.of()),
        value(Connections.broadcast(both(), much, SlowReceivers.SKIP)));
    first.peerReadsAgain();
    first.assertSent(true, Opcode.BINARY, new byte[MUCH]);
    second.assertSent(true, Opcode.BINARY, new byte[MUCH]);
  }

  // SRV-06
  @Test
  void whatWaitsForASlowConnectionIsBounded() {
    fillFirst();
    first.connection.send(new byte[MUCH - 1]);
    assertSkipped(Reason.FULL, broadcast(SlowReceivers.QUEUE));
  }

  // SRV-06
  @Test
  void slowConnectionIsSkipped() {
    fillFirst();
    assertSkipped(Reason.SLOW, broadcast(SlowReceivers.SKIP));
    first.peerReadsAgain();
    first.assertSent(true, Opcode.BINARY, new byte[MUCH]);
    first.assertNothingSent();
  }

  // SRV-06
  @Test
  void slowConnectionIsClosed() {
    fillFirst();
    assertSkipped(Reason.SLOW, broadcast(SlowReceivers.CLOSE));
    first.peerReadsAgain();
    first.assertSent(true, Opcode.BINARY, new byte[MUCH]);
    first.assertSentClose(1008, "receives too slowly");
  }

  @Test
  void theEndOfASlowConnectionNamesItsCauseThoughNoCloseFrameLeft() {
    fillFirst();
    CompletableFuture<Message> receive = first.connection.recv();
    broadcast(SlowReceivers.CLOSE);
    first.tcpIsLost();
    Throwable end = ConnectionFixture.failure(receive);
    assertEquals("no close frame received or sent", end.getMessage());
    assertEquals("receives too slowly", end.getCause().getMessage());
  }

  // SEND-20
  @Test
  void broadcastStandsBetweenWhatWasSentBeforeAndBehind() {
    first.connection.send("before");
    broadcast(SlowReceivers.QUEUE);
    first.connection.send("behind");
    first.assertSent(true, Opcode.TEXT, "before");
    first.assertSent(true, Opcode.TEXT, "to all");
    first.assertSent(true, Opcode.TEXT, "behind");
  }

  @Test
  void broadcastOfAnEchoStandsInOrder() {
    CompletableFuture<Void> done =
        first.connection.forEachAsync(
            message -> {
              first.connection.send("small"); // gathered until the end of the read
              Connections.broadcast(both(), message);
              return first.connection.send("also small");
            });
    first.peerSends(first.text("x"), first.text("y"));
    for (String each : List.of("x", "y")) {
      first.assertSent(true, Opcode.TEXT, "small");
      first.assertSent(true, Opcode.TEXT, each);
      first.assertSent(true, Opcode.TEXT, "also small");
      second.assertSent(true, Opcode.TEXT, each);
    }
    assertFalse(done.isDone());
  }
}
