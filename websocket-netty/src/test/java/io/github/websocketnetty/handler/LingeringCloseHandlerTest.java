package io.github.websocketnetty.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.support.ChannelEnd;
import io.github.websocketnetty.support.DuplexEmbeddedChannel;
import io.github.websocketnetty.support.FailingWrites;
import io.github.websocketnetty.support.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a refused connection ends where TCP can be half-closed. */
@ExtendWith(LeakCheck.class)
class LingeringCloseHandlerTest {
  private final DuplexEmbeddedChannel channel = new DuplexEmbeddedChannel();

  private void refuse() {
    open();
    channel.writeInbound(bytes("GET / HTTP/1.1\r\n\r\n"));
    assertTrue(Outcome.written(channel).startsWith("HTTP/1.1 400 "));
  }

  private void open() {
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(new HttpServerCodec())
        .addLast(
            new WebSocketServerHandshakeHandler(
                ServerHandshakeOptions.forPath("/"), WebSocketPipeline.server().build()));
  }

  private static Object bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
  }

  @AfterEach
  void finish() {
    ChannelEnd.check(channel);
  }

  // HS-26
  @Test
  void theOutputEndsBehindTheResponseAndInputIsDiscarded() {
    refuse();
    assertTrue(channel.isOutputShutdown());
    assertTrue(channel.isOpen());
    assertFalse(channel.writeInbound(bytes("GET / HTTP/1.1\r\n\r\n")), "nothing reaches the user");
    assertEquals("", Outcome.written(channel));
  }

  // HS-26
  @Test
  void theClientEndsTheConnection() {
    refuse();
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertFalse(channel.isOpen());
  }

  // HS-26
  @Test
  void aClientThatDoesNotEndIsDisconnected() {
    refuse();
    channel.advanceTimeBy(4_999, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertTrue(channel.isOpen());
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(channel.isOpen());
  }

  // HS-26: also where a handler in front, as that of TLS, does not get rid of its last words
  @Test
  void aClientThatDoesNotReadIsDisconnected() {
    channel
        .pipeline()
        .addLast(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                // as if something were still to be flushed
              }
            });
    refuse();
    channel.advanceTimeBy(5, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertFalse(channel.isOpen());
  }

  // HS-26
  @Test
  void aResponseThatCannotBeWrittenEndsTheConnectionAtOnce() {
    channel.pipeline().addLast(new FailingWrites(new IOException("Broken pipe")));
    open();
    channel.writeInbound(bytes("GET / HTTP/1.1\r\n\r\n"));
    assertFalse(channel.isOutputShutdown());
    assertFalse(channel.isOpen());
  }

  // HS-26
  @Test
  void theTimerEndsWithTheConnection() {
    refuse();
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    channel.runPendingTasks();
    assertEquals(-1, channel.runScheduledPendingTasks(), "something is still scheduled");
  }

  // HS-26
  @Test
  void whoeverReadsByHandStillSeesTheEnd() {
    channel.config().setAutoRead(false);
    refuse();
    int reads = channel.reads();
    channel.writeInbound(bytes("more"));
    assertTrue(channel.reads() > reads);
  }
}
