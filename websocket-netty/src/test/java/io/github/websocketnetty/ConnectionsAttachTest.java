package io.github.websocketnetty;

import static io.github.websocketnetty.ConnectionFixture.failure;
import static io.github.websocketnetty.ConnectionFixture.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.Side;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.NettyHandshake;
import io.github.websocketnetty.support.WireFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections on pipelines that keep Netty's own opening handshake. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource
class ConnectionsAttachTest {
  private static final String TOO_EARLY = "a client must wait for the response";

  private final Side side;
  private final Attaching attaching = new Attaching();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  ConnectionsAttachTest(Side side) {
    this.side = side;
  }

  @AfterEach
  void end() {
    tcpIsLost();
    channel.finishAndReleaseAll();
  }

  private void tcpIsLost() {
    if (channel.isOpen() && channel.pipeline().firstContext() != null) {
      channel.pipeline().firstContext().close();
    }
    channel.runPendingTasks();
  }

  /** What a user writes: makes the connection when Netty says that the handshake is over. */
  private final class Attaching extends ChannelInboundHandlerAdapter {
    private Connection connection;
    private Throwable failure;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete
          || event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
        try {
          connection = Connections.attach(ctx.pipeline(), side, ConnectionOptions.defaults());
        } catch (IllegalStateException refused) {
          failure = refused;
        }
      }
      ctx.fireUserEventTriggered(event);
    }
  }

  @Test
  void aConnectionAnswersCloseFramesItself() {
    WebSocketPipeline.Builder pipeline =
        side == Side.SERVER ? WebSocketPipeline.server() : WebSocketPipeline.client();
    pipeline.handleCloseFrames(false).build().addLast(channel.pipeline());
    ConnectionOptions options = ConnectionOptions.defaults();
    Exception e =
        assertThrows(
            IllegalStateException.class,
            () -> Connections.attach(channel.pipeline(), side, options));
    assertTrue(e.getMessage().contains("handleCloseFrames"), e::getMessage);
  }

  /** Performs the handshake; the frames come in the same read as its last byte. */
  private Connection open(boolean deflate, byte[]... glued) {
    NettyHandshake.addTo(channel.pipeline(), side);
    channel.pipeline().addLast(attaching);
    String handshake =
        side == Side.SERVER
            ? NettyHandshake.request(deflate)
            : NettyHandshake.response(sentText(), deflate);
    byte[] bytes = handshake.getBytes(StandardCharsets.US_ASCII);
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.join(bytes, WireFrame.join(glued))));
    channel.runPendingTasks();
    if (side == Side.SERVER) {
      assertTrue(sentText().startsWith("HTTP/1.1 101 "));
    }
    return attaching.connection;
  }

  private byte[] sent() {
    channel.runPendingTasks();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ByteBuf part; (part = channel.readOutbound()) != null; part.release()) {
      all.writeBytes(ByteBufUtil.getBytes(part));
    }
    return all.toByteArray();
  }

  private String sentText() {
    return new String(sent(), StandardCharsets.ISO_8859_1);
  }

  private byte[] text(String text) {
    return WireFrame.text(side == Side.SERVER, text);
  }

  private void peerSends(byte[]... frames) {
    channel.writeInbound(Unpooled.wrappedBuffer(WireFrame.join(frames)));
    channel.runPendingTasks();
  }

  @Test
  void aConnectionStandsInThePlaceOfNettysHandlers() {
    Connection connection = open(false);
    value(connection.send(new byte[0]));
    assertEquals(side == Side.SERVER ? 2 : 6, sent().length);
    CompletableFuture<String> waiting = connection.recvText();
    peerSends(text("hello"));
    assertEquals("hello", value(waiting));
    assertEquals(Optional.empty(), connection.request());
    assertFalse(channel.pipeline().names().toString().contains("ProtocolHandler"));
    CompletableFuture<Void> closed = connection.close();
    peerSends(WireFrame.close(side == Side.SERVER, 1000, ""));
    tcpIsLost();
    value(closed);
    assertInstanceOf(ConnectionClosedOkException.class, failure(connection.recv()));
  }

  @Test
  void framesGluedToTheResponseAreReceived() {
    assumeTrue(side == Side.CLIENT, TOO_EARLY);
    Connection connection = open(false, text("glued"), text("too"));
    peerSends(text("later"));
    assertEquals("glued", value(connection.recvText()));
    assertEquals("too", value(connection.recvText()));
    assertEquals("later", value(connection.recvText()));
  }

  @Test
  void aFrameOfWhichAPartIsGluedToTheResponseIsReceived() {
    assumeTrue(side == Side.CLIENT, TOO_EARLY);
    byte[] frame = text("in two reads");
    byte[] first = Arrays.copyOf(frame, 5);
    Connection connection = open(false, first);
    CompletableFuture<String> waiting = connection.recvText();
    assertFalse(waiting.isDone());
    peerSends(Arrays.copyOfRange(frame, 5, frame.length));
    assertEquals("in two reads", value(waiting));
  }

  @Test
  void anExtensionInUseIsRefused() {
    open(true);
    assertNull(attaching.connection);
    assertInstanceOf(IllegalStateException.class, attaching.failure);
    assertTrue(attaching.failure.getMessage().startsWith("an extension is in use in "));
  }

  @Test
  void aPipelineWithoutAWebSocketDecoderIsRefused() {
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> Connections.attach(channel.pipeline(), side, ConnectionOptions.defaults()));
    assertTrue(refused.getMessage().startsWith("no WebSocket decoder in "));
  }

  @Test
  void handlersOfOursThatAreThereAlreadyStay() {
    ConnectionOptions options = ConnectionOptions.builder().maxMessageSize(3).build();
    options.pipeline(side).addLast(channel.pipeline());
    Connection connection =
        Connections.attach(channel.pipeline(), side, ConnectionOptions.defaults());
    peerSends(text("abc"), text("abcd"));
    assertEquals("abc", value(connection.recvText()));
    tcpIsLost();
    ConnectionClosedException closed =
        assertInstanceOf(ConnectionClosedException.class, failure(connection.recv()));
    assertEquals(1009, closed.sent().orElseThrow().code());
  }
}
