package io.github.websocketnetty;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.AgreedExtensions;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.FrameParser;
import io.github.websocketnetty.protocol.Opcode;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.DuplexEmbeddedChannel;
import io.github.websocketnetty.support.RecordedFrames;
import io.github.websocketnetty.support.RecordedFrames.Frame;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A connection of one side on an embedded channel, and the peer at the other end, which speaks
 * bytes. Time stands still.
 */
final class ConnectionFixture {
  final DuplexEmbeddedChannel channel = new DuplexEmbeddedChannel();
  final Connection connection;
  final Side side;
  private final FrameParser parser;
  private final RecordedFrames sent = new RecordedFrames();
  private boolean peerReads = true;

  ConnectionFixture(Side side) {
    this(side, ConnectionOptions.defaults());
  }

  ConnectionFixture(Side side, ConnectionOptions options) {
    this(side, options, AgreedExtensions.none());
  }

  /** Creates a connection that compresses. */
  ConnectionFixture(Side side, ConnectionOptions options, DeflateAgreement deflate) {
    this(side, options, AgreedExtensions.none().and(deflate));
  }

  /** Creates a connection that uses extensions. */
  ConnectionFixture(Side side, ConnectionOptions options, AgreedExtensions extensions) {
    this.side = side;
    channel.freezeTime();
    channel.pipeline().addLast(new Transport());
    options.pipeline(side).addLast(channel.pipeline(), extensions);
    connection = Connections.attach(channel.pipeline(), side, options);
    FrameLimits unlimited = new FrameLimits(1 << 30, 1 << 30, Integer.MAX_VALUE);
    parser = new FrameParser(side.peer(), unlimited, true, 0);
    parser.allowRsv(extensions == AgreedExtensions.none() ? 0 : 7);
  }

  /** Holds back flushes while the peer does not read. */
  private final class Transport extends ChannelDuplexHandler {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      if (peerReads) {
        ctx.flush();
      }
    }
  }

  private boolean masked() {
    return side == Side.SERVER;
  }

  /** The peer sends these frames in one read. */
  void peerSends(byte[]... frames) {
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.join(frames)));
    channel.runPendingTasks();
  }

  byte[] text(String text) {
    return WireFrame.text(masked(), text);
  }

  byte[] binary(byte... payload) {
    return WireFrame.of(Opcode.BINARY, masked(), payload);
  }

  byte[] fragment(boolean fin, int opcode, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    return WireFrame.of(fin, 0, opcode, masked(), bytes);
  }

  byte[] frame(boolean fin, int opcode, byte... payload) {
    return WireFrame.of(fin, 0, opcode, masked(), payload);
  }

  byte[] ping(byte... payload) {
    return WireFrame.of(Opcode.PING, masked(), payload);
  }

  byte[] pong(byte... payload) {
    return WireFrame.of(Opcode.PONG, masked(), payload);
  }

  byte[] close(int code, String reason) {
    return WireFrame.close(masked(), code, reason);
  }

  byte[] emptyClose() {
    return WireFrame.of(Opcode.CLOSE, masked(), new byte[0]);
  }

  /** The peer stops reading: nothing that is written leaves any more. */
  void peerStopsReading() {
    peerReads = false;
  }

  void peerReadsAgain() {
    peerReads = true;
    channel.flush();
    channel.runPendingTasks();
  }

  /** The peer sends its FIN. */
  void peerEndsItsHalf() {
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
  }

  /** TCP is gone. */
  void tcpIsLost() {
    if (channel.isOpen()) {
      channel.pipeline().firstContext().close();
    }
    channel.runPendingTasks();
  }

  /** The peer answers our close frame, and ends TCP. */
  void peerCloses(int code, String reason) {
    peerSends(close(code, reason));
    tcpIsLost();
  }

  void advance(long amount, TimeUnit unit) {
    channel.advanceTimeBy(amount, unit);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  void run() {
    channel.runPendingTasks();
  }

  /** Returns the next frame that was sent, null if there is none. */
  Frame sent() {
    channel.runPendingTasks();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      parser.parse(part, false, channel.alloc(), sent);
    }
    return sent.frames().isEmpty() ? null : sent.frames().remove(0);
  }

  void assertSent(boolean fin, int opcode, String payload) {
    assertSent(fin, opcode, payload.getBytes(StandardCharsets.UTF_8));
  }

  void assertSent(boolean fin, int opcode, byte[] payload) {
    Frame frame = sent();
    assertTrue(frame != null, "nothing was sent");
    assertEquals(Opcode.name(opcode), Opcode.name(frame.opcode()));
    assertEquals(fin, frame.fin());
    assertArrayEquals(payload, frame.payload());
  }

  void assertSentClose(int code, String reason) {
    byte[] whole = WireFrame.close(false, code, reason);
    assertSent(true, Opcode.CLOSE, Arrays.copyOfRange(whole, 2, whole.length));
  }

  void assertNothingSent() {
    assertEquals(null, sent());
  }

  /** Returns the value of a future that is complete. */
  static <T> T value(CompletableFuture<T> future) {
    assertTrue(future.isDone(), "not complete");
    return future.join();
  }

  /** Returns why a future that is complete failed. */
  static Throwable failure(CompletableFuture<?> future) {
    assertTrue(future.isCompletedExceptionally(), "has not failed");
    try {
      future.join();
      throw new AssertionError();
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  /** Ends the test: nothing may be left. */
  void end() {
    tcpIsLost();
    channel.finishAndReleaseAll();
  }
}
