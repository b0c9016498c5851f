package io.github.websocketnetty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.websocketnetty.handler.ServerHandshakeOptions;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.handler.WebSocketServerHandshakeHandler;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.ReadingTransport;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The opening handshake of a server on a channel that was accepted with auto-read off. */
@ExtendWith(LeakCheck.class)
class OpeningAutoReadTest {
  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

  private boolean isActive;

  private final EmbeddedChannel channel =
      new EmbeddedChannel() {
        @Override
        public boolean isActive() {
          return isActive && super.isActive();
        }
      };

  private final ReadingTransport transport = new ReadingTransport();

  @AfterEach
  void finish() {
    channel.pipeline().firstContext().close();
    channel.finishAndReleaseAll();
  }

  /** The request is no frame: it comes unasked, and frames do not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void handlerOfTheHandshakeReadsTheRequestAndNoFrameByItself(boolean isAddedToAnActiveChannel) {
    List<Object> received = new ArrayList<>();
    open(
        isAddedToAnActiveChannel,
        new WebSocketServerHandshakeHandler(
            ServerHandshakeOptions.anyPath(), WebSocketPipeline.server().build()),
        new SimpleChannelInboundHandler<WebSocketFrame>() {
          @Override
          protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
            received.add(frame.content().toString(US_ASCII));
          }
        });
    transport.arrives(REQUEST.getBytes(US_ASCII));
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    transport.arrives(WireFrame.text(true, "one"), WireFrame.text(true, "two"));
    assertEquals(List.of(), received);
    channel.read();
    assertEquals(List.of("one"), received);
  }

  /** Nothing behind it reads: it is the last handler, as in the channels of a server. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void handlerOfAConnectionReadsTheRequestByItself(boolean isAddedToAnActiveChannel) {
    open(
        isAddedToAnActiveChannel,
        new WebSocketServerHandler("/", opened -> opened.forEachAsync(opened::send)));
    int half = REQUEST.length() / 2;
    transport.arrives(REQUEST.substring(0, half).getBytes(US_ASCII));
    transport.arrives(REQUEST.substring(half).getBytes(US_ASCII));
    assertTrue(written().startsWith("HTTP/1.1 101 "));
    transport.arrives(WireFrame.text(true, "one"), WireFrame.text(true, "two"));
    transport.arrives(WireFrame.text(true, "three"));
    assertEquals("onetwothree", written().replaceAll("\\P{Lower}", ""));
    assertFalse(channel.config().isAutoRead());
  }

  private void open(boolean isAddedToAnActiveChannel, ChannelHandler... handlers) {
    isActive = isAddedToAnActiveChannel;
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(transport, new HttpServerCodec()).addLast(handlers);
    if (!isActive) {
      isActive = true;
      channel.pipeline().fireChannelActive();
    }
  }

  private String written() {
    channel.runPendingTasks();
    StringBuilder all = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      all.append(out.toString(US_ASCII));
      out.release();
    }
    return all.toString();
  }
}
