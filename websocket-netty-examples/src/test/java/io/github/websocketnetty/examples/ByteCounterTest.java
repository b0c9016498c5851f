package io.github.websocketnetty.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.websocketnetty.handler.HandshakeCompleted;
import io.github.websocketnetty.handler.WebSocketFrameCodec;
import io.github.websocketnetty.handler.WebSocketPipeline;
import io.github.websocketnetty.protocol.Side;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteCounterTest {
  private final EmbeddedChannel client = new EmbeddedChannel(new WebSocketFrameCodec(Side.CLIENT));
  private final EmbeddedChannel server = new EmbeddedChannel();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesAreAnsweredWithTheirSizeAlsoWhereTheCodecFiresFrames(boolean aggregates) {
    WebSocketPipeline.server().aggregateMessages(aggregates).build().addLast(server.pipeline());
    server.pipeline().addLast(new ByteCounter());
    server.pipeline().fireUserEventTriggered(completed());
    client.write(new TextWebSocketFrame("four"));
    client.write(new BinaryWebSocketFrame(false, 0, Unpooled.wrappedBuffer(new byte[1000])));
    client.writeOutbound(
        new ContinuationWebSocketFrame(true, 0, Unpooled.wrappedBuffer(new byte[2000])));
    carry(client, server);
    carry(server, client);
    assertEquals(4, answer());
    assertEquals(3000, answer());
    assertNull(client.readInbound());
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
  }

  private long answer() {
    BinaryWebSocketFrame frame = client.readInbound();
    long size = frame.content().readLong();
    frame.release();
    return size;
  }

  private static void carry(EmbeddedChannel from, EmbeddedChannel to) {
    for (ByteBuf bytes; (bytes = from.readOutbound()) != null; ) {
      to.writeInbound(bytes);
    }
  }

  private static HandshakeCompleted completed() {
    return new HandshakeCompleted(
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS),
        null,
        List.of());
  }
}
