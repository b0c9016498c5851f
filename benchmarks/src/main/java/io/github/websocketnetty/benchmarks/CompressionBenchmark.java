package io.github.websocketnetty.benchmarks;

import io.github.websocketnetty.handler.WebSocketDeflateHandler;
import io.github.websocketnetty.protocol.DeflateAgreement;
import io.github.websocketnetty.protocol.DeflateOptions;
import io.github.websocketnetty.protocol.FrameLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Compresses and decompresses text frames with permessage-deflate, without encoding frames.
 *
 * <p>The payload comes in a buffer that is allocated and filled for each frame. The way {@code
 * none} shows what that costs.
 */
@State(Scope.Thread)
public class CompressionBenchmark extends Measured {
  private static final int MAX_BYTES = 1 << 20;
  static final int LEVEL = 6;

  private static final int LARGEST_HISTORY = 1 << 15;

  /** Messages that are received in turn: with takeover each refers to those before it. */
  private static final int MESSAGES = 256;

  /**
   * Who compresses. With {@code parked} each message is one of a connection that has been quiet
   * while many others talked; with {@code parkedWhole} nothing is forgotten meanwhile. {@code
   * window8} to {@code window15} are windows of our compressor, in bits.
   */
  @Param({"none", "netty", "deflate", "parked"})
  public String way;

  /** Whether messages refer to earlier ones. */
  @Param({"true", "false"})
  public boolean takeover;

  /** The payload bytes of a message, of JSON. */
  @Param("1024")
  public int bytes;

  private final Written sink = new Written();
  private final EmbeddedChannel channel = new EmbeddedChannel(sink);
  private final List<byte[]> texts = new ArrayList<>();
  private final List<byte[]> compressed = new ArrayList<>();
  private Application application;
  private long written;
  private long received;
  private final Deflater bare = new Deflater(LEVEL, true);
  private byte[] bareOut;
  private long bareMessages;

  /** Builds the pipeline, and the messages of a peer. */
  @Setup
  public void setUp() {
    for (int i = 0; i < MESSAGES; i++) {
      texts.add(Json.message(bytes, i));
    }
    compressAll();
    bareOut = new byte[2 * bytes + 64];
    for (ChannelHandler handler : handlers(way, takeover)) {
      channel.pipeline().addLast(handler);
    }
    application = new Application(texts.get(0));
    channel.pipeline().addLast(application);
    if (!way.equals("none")) {
      application.check(this::inflate, 1);
      checkDeflated();
    }
  }

  /** A window that begins anew: the round can be received any number of times. */
  private void compressAll() {
    Deflater deflater = new Deflater(LEVEL, true);
    byte[] out = new byte[2 * bytes + 64];
    for (byte[] text : texts) {
      if (!takeover || compressed.isEmpty()) {
        deflater.reset();
      }
      deflater.setInput(text);
      int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
      compressed.add(Arrays.copyOf(out, length));
    }
    deflater.end();
  }

  /** Returns what compresses in a way, none for {@code none}. */
  static List<ChannelHandler> handlers(String way, boolean takeover) {
    return switch (way) {
      case "none" -> List.of();
      case "netty" -> nettys(takeover);
      case "deflate" -> List.of(ours(new DeflateAgreement(takeover, takeover, LEVEL, 0)));
      case "parked" -> List.of(ours(parked(takeover, DeflateOptions.DEFAULT_PARKED_HISTORY)));
      case "parkedWhole" -> List.of(ours(parked(takeover, LARGEST_HISTORY)));
      default -> List.of(ours(window(takeover, bits(way))));
    };
  }

  private static int bits(String way) {
    if (!way.matches("window\\d+")) {
      throw new IllegalArgumentException(way);
    }
    return Integer.parseInt(way.substring("window".length()));
  }

  private static DeflateAgreement parked(boolean takeover, int history) {
    return new DeflateAgreement(takeover, takeover, LEVEL, 0, 15, 0, history);
  }

  private static DeflateAgreement window(boolean takeover, int bits) {
    int live = DeflateOptions.DEFAULT_LIVE_CONTEXTS;
    int history = DeflateOptions.DEFAULT_PARKED_HISTORY;
    return new DeflateAgreement(takeover, takeover, LEVEL, 0, 15, bits, live, history);
  }

  private static WebSocketDeflateHandler ours(DeflateAgreement agreement) {
    return new WebSocketDeflateHandler(agreement, FrameLimits.DEFAULT, false);
  }

  private static List<ChannelHandler> nettys(boolean takeover) {
    Map<String, String> offer = new HashMap<>();
    if (!takeover) {
      offer.put("client_no_context_takeover", null);
      offer.put("server_no_context_takeover", null);
    }
    WebSocketServerExtension extension =
        new PerMessageDeflateServerExtensionHandshaker(LEVEL, true, 15, true, true, MAX_BYTES)
            .handshakeExtension(new WebSocketExtensionData("permessage-deflate", offer));
    return List.of(extension.newExtensionDecoder(), extension.newExtensionEncoder());
  }

  private void checkDeflated() {
    sink.isKeeping = true;
    deflate();
    sink.isKeeping = false;
    Inflater inflater = new Inflater(true);
    inflater.setInput(sink.kept);
    byte[] out = new byte[2 * bytes];
    try {
      int length = inflater.inflate(out);
      require(Arrays.equals(Arrays.copyOf(out, length), texts.get(0)), "another text was written");
    } catch (DataFormatException e) {
      throw new IllegalStateException(e);
    } finally {
      inflater.end();
    }
  }

  /** Closes the channel. */
  @TearDown
  public void tearDown() {
    application.requireFrames(received);
    require(sink.frames == written, sink.frames + " frames were written instead of " + written);
    channel.finishAndReleaseAll();
    bare.end();
  }

  /** Writes one message. */
  @Benchmark
  public ChannelFuture deflate() {
    byte[] text = texts.get((int) (written++ % MESSAGES));
    return channel.pipeline().write(new TextWebSocketFrame(buffer(text)));
  }

  /** Compresses one message with nothing around zlib: as fast as any way can be. */
  @Benchmark
  public int zlib() {
    if (!takeover) {
      bare.reset();
    }
    bare.setInput(texts.get((int) (bareMessages++ % MESSAGES)));
    return bare.deflate(bareOut, 0, bareOut.length, Deflater.SYNC_FLUSH);
  }

  /** Receives one message. */
  @Benchmark
  public void inflate() {
    byte[] payload = compressed.get((int) (received++ % MESSAGES));
    int rsv = way.equals("none") ? 0 : 4;
    channel.pipeline().fireChannelRead(new TextWebSocketFrame(true, rsv, buffer(payload)));
  }

  private ByteBuf buffer(byte[] content) {
    return channel.alloc().directBuffer(content.length).writeBytes(content);
  }

  /** Stands at the head of the pipeline: counts frames and drops them. */
  private static final class Written extends ChannelOutboundHandlerAdapter {
    private boolean isKeeping;
    private byte[] kept;
    private long frames;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      TextWebSocketFrame frame = (TextWebSocketFrame) message;
      frames++;
      if (isKeeping) {
        kept = ByteBufUtil.getBytes(frame.content());
      }
      frame.release();
      promise.trySuccess();
    }
  }
}
