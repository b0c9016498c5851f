package io.github.websocketnetty.handler;

import static io.github.websocketnetty.support.WireFrame.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.FrameLimits;
import io.github.websocketnetty.protocol.MessageInflater;
import io.github.websocketnetty.support.LeakCheck;
import io.github.websocketnetty.support.Zlib;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression beside extensions that use RSV2 and RSV3. */
@ExtendWith(LeakCheck.class)
class DeflateReservedBitsTest {
  private final WebSocketDeflateHandler handler =
      new WebSocketDeflateHandler(
          new DeflateAgreement(true, true, Deflater.DEFAULT_COMPRESSION, 0),
          FrameLimits.DEFAULT,
          true);
  private final EmbeddedChannel channel = new EmbeddedChannel(handler);

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
  }

  private void assertInbound(int rsv, boolean fin, int bytes) {
    assertEquals(bytes, assertInbound(rsv, fin));
  }

  /** Returns the bytes of the payload. */
  private int assertInbound(int rsv, boolean fin) {
    WebSocketFrame frame = channel.readInbound();
    assertEquals(rsv, frame.rsv());
    assertEquals(fin, frame.isFinalFragment());
    int bytes = frame.content().readableBytes();
    frame.release();
    return bytes;
  }

  // DEFL-16, EXT-01
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void bitsOfOthersComeOutAsTheyWentIn(int rsv) {
    channel.writeInbound(
        new TextWebSocketFrame(true, 4 | rsv, Unpooled.wrappedBuffer(hex("f2 48 cd c9 c9 07 00"))),
        new TextWebSocketFrame(true, rsv, Unpooled.wrappedBuffer(hex("48 69"))));
    assertInbound(rsv, true, 5);
    assertInbound(rsv, true, 2);
  }

  @Test
  void fragmentsHaveTheirOwnBitsOfOthers() {
    channel.writeInbound(
        new TextWebSocketFrame(false, 4 | 2, Unpooled.wrappedBuffer(hex("f2 48 cd"))),
        new ContinuationWebSocketFrame(true, 3, Unpooled.wrappedBuffer(hex("c9 c9 07 00"))));
    int first = assertInbound(2, false);
    assertEquals(5 - first, assertInbound(3, true));
  }

  @Test
  void firstPartOfALargeFrameHasItsBitsOfOthers() {
    Zlib peer = new Zlib();
    byte[] compressed = peer.message(new byte[MessageInflater.LARGEST_PART + 1]);
    peer.end();
    handler.deliverParts(true);
    channel.writeInbound(new BinaryWebSocketFrame(true, 4 | 1, Unpooled.wrappedBuffer(compressed)));
    assertInbound(1, false, MessageInflater.LARGEST_PART);
    assertInbound(0, true, 1);
  }

  @Test
  void bitsOfOthersAreKeptWhenAFrameIsCompressed() {
    channel.writeOutbound(new TextWebSocketFrame(false, 2, "Hello"));
    channel.writeOutbound(new ContinuationWebSocketFrame(true, 1, "Hello"));
    for (int rsv : new int[] {4 | 2, 1}) {
      WebSocketFrame frame = channel.readOutbound();
      assertEquals(rsv, frame.rsv());
      frame.release();
    }
  }
}
