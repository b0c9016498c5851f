package io.github.websocketnetty.benchmarks;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Prints what connections hold that have exchanged compressed messages and are idle now: resident
 * memory of the process and live objects, for each connection. Linux only, in a JVM whose heap is
 * all resident from the start.
 *
 * <p>Arguments: a way of {@link CompressionBenchmark}, whether contexts are taken over, the number
 * of connections, and the number of messages each has sent and received.
 */
public final class CompressionMemory {
  private static final int MESSAGE_BYTES = 1024;
  private static final int RSV1 = 4;
  private static final int TAIL = 4;

  private CompressionMemory() {}

  /**
   * Measures once; a process of its own for each figure.
   *
   * @throws IOException if there is no {@code /proc}
   */
  public static void main(String[] args) throws IOException {
    String way = args[0];
    boolean takeover = Boolean.parseBoolean(args[1]);
    int connections = Integer.parseInt(args[2]);
    int messages = Integer.parseInt(args[3]);
    List<EmbeddedChannel> kept = new ArrayList<>();
    open(way, takeover, connections / 10, messages, kept); // the JVM's own growth
    long heapBefore = heap();
    long before = resident();
    open(way, takeover, connections, messages, kept);
    long onHeap = (heap() - heapBefore) / connections;
    long outside = (resident() - before) / connections;
    System.out.printf(
        "%s, takeover %s, %d messages: %d bytes outside the heap, %d on it%n",
        way, takeover, messages, outside, onHeap);
    kept.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  private static void open(
      String way, boolean takeover, int connections, int messages, List<EmbeddedChannel> kept) {
    List<byte[]> compressed = compressed(takeover, messages);
    for (int i = 0; i < connections; i++) {
      EmbeddedChannel channel = new EmbeddedChannel();
      for (ChannelHandler handler : CompressionBenchmark.handlers(way, takeover)) {
        channel.pipeline().addLast(handler);
      }
      for (int number = 0; number < messages; number++) {
        exchange(channel, way, compressed.get(number), Json.message(MESSAGE_BYTES, number));
      }
      kept.add(channel);
    }
  }

  private static void exchange(EmbeddedChannel channel, String way, byte[] in, byte[] text) {
    int rsv = way.equals("none") ? 0 : RSV1;
    channel.writeInbound(
        new TextWebSocketFrame(true, rsv, channel.alloc().buffer().writeBytes(in)));
    TextWebSocketFrame received = channel.readInbound();
    boolean same = ByteBufUtil.getBytes(received.content()).length == text.length;
    received.release();
    Measured.require(same || way.equals("none"), "another text arrived");
    channel.writeOutbound(new TextWebSocketFrame(channel.alloc().buffer().writeBytes(text)));
    channel.releaseOutbound();
  }

  private static List<byte[]> compressed(boolean takeover, int messages) {
    List<byte[]> all = new ArrayList<>();
    Deflater deflater = new Deflater(CompressionBenchmark.LEVEL, true);
    byte[] out = new byte[2 * MESSAGE_BYTES];
    for (int number = 0; number < messages; number++) {
      if (!takeover) {
        deflater.reset();
      }
      deflater.setInput(Json.message(MESSAGE_BYTES, number));
      int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - TAIL;
      all.add(Arrays.copyOf(out, length));
    }
    deflater.end();
    return all;
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findAny()
        .orElseThrow();
  }
}
